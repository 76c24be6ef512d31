//! What a provider in debug mode prints.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::handshake::{LineError, Socket};

/// The environment variable that Terraform reads.
pub const REATTACH_VARIABLE: &str = "TF_REATTACH_PROVIDERS";

/// What a provider in debug mode prints for Terraform to reach it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattach {
    /// The provider's source addresses.
    pub providers: Vec<String>,
    /// Version of the provider protocol to speak.
    pub protocol: u32,
    /// The provider's process.
    pub pid: u32,
    /// Whether Terraform leaves the process running: true in debug mode.
    pub test: bool,
    /// Where the provider listens, in plaintext.
    pub socket: Socket,
    /// Value of the environment variable, for a Terraform that is to use the provider.
    pub value: String,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    protocol: String,
    protocol_version: u32,
    pid: u32,
    test: bool,
    addr: EntryAddress,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EntryAddress {
    network: String,
    string: String,
}

impl Reattach {
    /// Whether a line of output is the one that [`Reattach::parse`] reads.
    pub fn is_in(line: &str) -> bool {
        assigned(line).is_some()
    }

    /// Reads the line that a shell would take as an assignment.
    pub fn parse(line: &str) -> Result<Self, LineError> {
        let error = |expected| LineError::new(expected, line);
        let json = assigned(line).and_then(|rest| rest.strip_prefix('\'')?.strip_suffix('\''));
        let json = json.filter(|json| !json.contains('\''));
        let json = json.ok_or(error("an assignment in single quotes"))?;
        let entries: BTreeMap<String, Entry> =
            serde_json::from_str(json).map_err(|_| error("what Terraform reads"))?;
        let (providers, mut entries): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        entries.dedup();
        let Ok([entry]) = <[Entry; 1]>::try_from(entries) else {
            return Err(error("one provider"));
        };
        if entry.protocol != "grpc" {
            return Err(error("one provider that speaks gRPC"));
        }
        Ok(Self {
            providers,
            protocol: entry.protocol_version,
            pid: entry.pid,
            test: entry.test,
            socket: Socket::parse(&entry.addr.network, &entry.addr.string)?,
            value: json.to_owned(),
        })
    }
}

/// What a line assigns to the variable, in its quotes.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim().strip_prefix(REATTACH_VARIABLE)?;
    line.strip_prefix('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(json: &str) -> String {
        format!("TF_REATTACH_PROVIDERS='{json}'")
    }

    #[test]
    fn reads_every_field() {
        let entry = r#"{"Protocol":"grpc","ProtocolVersion":6,"Pid":123,"Test":true,"Addr":{"Network":"unix","String":"/tmp/s"}}"#;
        let json = format!(r#"{{"a/b/c":{entry},"d/b/c":{entry}}}"#);
        let expected = Reattach {
            providers: vec!["a/b/c".to_owned(), "d/b/c".to_owned()],
            protocol: 6,
            pid: 123,
            test: true,
            socket: Socket::Unix("/tmp/s".into()),
            value: json.clone(),
        };
        assert_eq!(Reattach::parse(&line(&json)), Ok(expected));
    }

    #[test]
    fn refuses_what_terraform_would_not_read() {
        for (text, expected) in [
            ("{}".to_owned(), "an assignment"),
            ("TF_REATTACH_PROVIDERS={}".to_owned(), "an assignment"),
            (line("{}"), "one provider"),
            (line("[]"), "what Terraform reads"),
            (line(r#"{"a":{"Protocol":"grpc"}}"#), "what Terraform reads"),
        ] {
            let error = Reattach::parse(&text).unwrap_err();
            assert!(error.expected.contains(expected), "{text:?}: {error}");
        }
    }
}
