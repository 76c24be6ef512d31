//! The reattach line of a provider in debug mode.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::handshake::{LineError, Socket};

/// The environment variable that Terraform reads.
pub const REATTACH_VARIABLE: &str = "TF_REATTACH_PROVIDERS";

/// The reattach line: how Terraform connects to a provider in debug mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattach {
    /// The provider's source addresses.
    pub providers: Vec<String>,
    /// The version of the provider protocol.
    pub protocol: u32,
    /// The provider's process ID.
    pub pid: u32,
    /// `true` in debug mode: Terraform leaves the process running.
    pub test: bool,
    /// The provider's listening socket, in plaintext.
    pub socket: Socket,
    /// The value of the environment variable.
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
    /// Returns whether a line of output is a reattach line.
    pub fn is_in(line: &str) -> bool {
        assigned(line).is_some()
    }

    /// Parses a reattach line, which is a shell assignment.
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

/// The quoted value that a line assigns to the variable.
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
    fn reattach_line_is_parsed() {
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
    fn invalid_reattach_lines_are_rejected() {
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
