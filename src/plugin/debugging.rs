//! The reattach configuration of a plugin that a user starts, for example under a
//! debugger. The client finds its address in an environment variable.

use serde_json::{Value, json};

use super::handshake::Address;

/// The names of the provider. Terraform and OpenTofu expand the short address with
/// different registries.
const NAMES: [&str; 2] = [
    "registry.terraform.io/swas-rs/swas",
    "registry.opentofu.org/swas-rs/swas",
];

/// Returns the variable by which a client finds this process, as an assignment for a shell.
pub(super) fn reattach_variable(protocol: u32, address: &Address) -> String {
    let plugin = json!({
        "Protocol": "grpc",
        "ProtocolVersion": protocol,
        "Pid": std::process::id(),
        "Test": true,
        "Addr": {
            "Network": address.network,
            "String": address.text,
        },
    });
    let value: Value = NAMES
        .map(|name| (name, plugin.clone()))
        .into_iter()
        .collect();
    // Only the socket's path can hold an apostrophe, which would end the quotation.
    let value = value.to_string().replace('\'', r"'\''");
    format!("TF_REATTACH_PROVIDERS='{value}'")
}
