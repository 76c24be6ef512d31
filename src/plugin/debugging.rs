//! Running the plugin under a debugger: a person starts it, and tells the
//! client through an environment variable where it is.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::listener::Address;

/// How a client finds a plugin that it did not start itself.
#[derive(Debug)]
pub struct Reattach {
    /// The environment variable that the client reads.
    pub variable: &'static str,
    /// The plugin's names in there: clients may know it by different ones.
    pub names: &'static [&'static str],
}

impl Reattach {
    /// Prints the variable in a form that a shell takes.
    ///
    /// # Errors
    ///
    /// When stdout is closed.
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
        // No apostrophe can end the quotation early but one in the socket's
        // path, and that is escaped as a shell wants it.
        let value = value.to_string().replace('\'', r"'\''");
        format!("{}='{value}'", self.variable)
    }
}
