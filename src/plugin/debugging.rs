//! Running the plugin under a debugger: a person starts it, and tells the
//! client through an environment variable where it is.

use std::io::{self, Write};

use serde_json::json;

use super::Plugin;
use super::environment::ClientEnvironment;
use super::listener::Address;

/// How a client finds a plugin that it did not start itself.
#[derive(Debug)]
pub struct Reattach {
    /// The environment variable that the client reads.
    pub variable: &'static str,
    /// The plugin's name in there.
    pub name: &'static str,
}

impl Reattach {
    /// Prints the variable in a form that a shell takes.
    ///
    /// # Errors
    ///
    /// When stdout is closed.
    pub fn announce(&self, plugin: &Plugin, address: &Address) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", self.assignment(plugin, address))?;
        stdout.flush()
    }

    fn assignment(&self, plugin: &Plugin, address: &Address) -> String {
        let value = json!({
            self.name: {
                "Protocol": "grpc",
                "ProtocolVersion": plugin.protocols.iter().max(),
                "Pid": std::process::id(),
                "Test": true,
                "Addr": {
                    "Network": address.network(),
                    "String": address.to_string(),
                },
            },
        });
        // No apostrophe can end the quotation early but one in the socket's
        // path, and that is escaped as a shell wants it.
        let value = value.to_string().replace('\'', r"'\''");
        format!("{}='{value}'", self.variable)
    }
}

impl ClientEnvironment {
    /// What a client would ask for that is found by reattaching: plaintext on
    /// a private socket.
    #[must_use]
    pub fn of_a_debugger(plugin: &Plugin) -> Self {
        Self {
            protocol: plugin.protocols.iter().copied().max().unwrap_or_default(),
            certificate: None,
            socket_directory: None,
            socket_group: None,
            ports: 10_000..=25_000,
            asks_about_multiplexing: false,
        }
    }
}
