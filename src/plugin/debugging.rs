//! The reattach configuration of a plugin that a user starts, for example under a
//! debugger. The client finds its address in an environment variable.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::listener::Address;

/// The reattach configuration, by which a client finds a plugin that it did not start.
#[derive(Debug)]
pub struct Reattach {
    /// The environment variable that the client reads.
    pub variable: &'static str,
    /// The plugin's names in the variable. Clients differ in the one that they look up.
    pub names: &'static [&'static str],
}

impl Reattach {
    /// Prints the variable as an assignment for a shell.
    ///
    /// # Errors
    ///
    /// If stdout is closed.
    pub(super) fn announce(&self, protocol: u32, address: &Address) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", self.assignment(protocol, address))?;
        stdout.flush()
    }

    fn assignment(&self, protocol: u32, address: &Address) -> String {
        let plugin = json!({
            "Protocol": "grpc",
            "ProtocolVersion": protocol,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": {
                "Network": address.network(),
                "String": address.to_string(),
            },
        });
        let names = self.names.iter();
        let value: Value = names.map(|name| (*name, plugin.clone())).collect();
        // Only the socket's path can hold an apostrophe, which would end the quotation.
        let value = value.to_string().replace('\'', r"'\''");
        format!("{}='{value}'", self.variable)
    }
}
