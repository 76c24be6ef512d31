use std::collections::BTreeMap;

use serde::Deserialize;

use super::Address;

const VARIABLE: &str = "TF_REATTACH_PROVIDERS=";

/// What a provider in debug mode prints for Terraform to reach it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattach {
    /// The provider's source address.
    pub provider: String,
    /// Version of the provider protocol to speak.
    pub protocol: u32,
    /// The provider's process.
    pub pid: u32,
    /// Whether Terraform leaves the process running: true in debug mode.
    pub test: bool,
    /// Where the provider listens, in plaintext.
    pub address: Address,
    /// The value for the environment variable `TF_REATTACH_PROVIDERS`.
    pub json: String,
}

/// What is wrong with a `TF_REATTACH_PROVIDERS` line.
#[derive(Debug, thiserror::Error)]
pub enum ReattachError {
    /// It is no assignment in the shell's single quotes.
    #[error("the line is not {VARIABLE}'…'")]
    Assignment,
    /// The value is not the JSON that Terraform reads.
    #[error("the value is not what Terraform reads: {0}")]
    Json(#[from] serde_json::Error),
    /// There is not exactly one provider.
    #[error("{0} providers where one belongs")]
    Providers(usize),
    /// The provider does not speak gRPC.
    #[error("{0:?} is not \"grpc\"")]
    Kind(String),
    /// The network is unknown or the address is not of its kind.
    #[error("{address:?} is no address of network {network:?}")]
    Address {
        /// The network named.
        network: String,
        /// The address named.
        address: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    protocol: String,
    protocol_version: u32,
    pid: u32,
    test: bool,
    addr: EntryAddress,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EntryAddress {
    network: String,
    string: String,
}

impl Reattach {
    /// Whether a line of output is the one that [`Reattach::parse`] reads.
    #[must_use]
    pub fn is_in(line: &str) -> bool {
        line.trim_start().starts_with(VARIABLE)
    }

    /// Reads the line that a shell would take as an assignment.
    ///
    /// # Errors
    ///
    /// When the line is anything else, or its value not what Terraform reads.
    pub fn parse(line: &str) -> Result<Self, ReattachError> {
        let json = line
            .trim()
            .strip_prefix(VARIABLE)
            .and_then(|rest| rest.strip_prefix('\''))
            .and_then(|rest| rest.strip_suffix('\''))
            .filter(|json| !json.contains('\''))
            .ok_or(ReattachError::Assignment)?;
        let mut entries: BTreeMap<String, Entry> = serde_json::from_str(json)?;
        let (provider, entry) = match (entries.len(), entries.pop_first()) {
            (1, Some(only)) => only,
            (count, _) => return Err(ReattachError::Providers(count)),
        };
        if entry.protocol != "grpc" {
            return Err(ReattachError::Kind(entry.protocol));
        }
        let EntryAddress { network, string } = entry.addr;
        let address = Address::new(&network, &string).ok_or(ReattachError::Address {
            network,
            address: string,
        })?;
        Ok(Self {
            provider,
            protocol: entry.protocol_version,
            pid: entry.pid,
            test: entry.test,
            address,
            json: json.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(json: &str) -> String {
        format!("TF_REATTACH_PROVIDERS='{json}'")
    }

    #[test]
    fn reads_every_field() {
        let json = r#"{"registry.terraform.io/swas-rs/swas":{"Protocol":"grpc","ProtocolVersion":6,"Pid":123,"Test":true,"Addr":{"Network":"unix","String":"/tmp/s"}}}"#;
        assert_eq!(
            Reattach::parse(&line(json)).unwrap(),
            Reattach {
                provider: "registry.terraform.io/swas-rs/swas".to_owned(),
                protocol: 6,
                pid: 123,
                test: true,
                address: Address::Unix("/tmp/s".into()),
                json: json.to_owned(),
            }
        );
    }

    #[test]
    fn refuses_what_terraform_would_not_read() {
        let cases = [
            ("{}".to_owned(), "not TF_REATTACH_PROVIDERS="),
            ("TF_REATTACH_PROVIDERS={}".to_owned(), "not TF_REATTACH"),
            (line("{}"), "0 providers"),
            (line("[]"), "not what Terraform reads"),
            (line(r#"{"a":{"Protocol":"grpc"}}"#), "missing field"),
        ];
        for (text, reason) in cases {
            let error = Reattach::parse(&text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?} gave {error:?}");
        }
    }
}
