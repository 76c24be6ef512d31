//! The handshake line on stdout, which gives the client this process's address.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls_pki_types::CertificateDer;

/// The version of the handshake line. go-plugin has had no other.
const CORE_PROTOCOL: u32 = 1;

/// The address of a listener.
#[derive(Debug)]
pub(super) struct Address {
    /// The name of the network in Go's `net` package.
    pub(super) network: &'static str,
    /// A path, or an IP address and a port.
    pub(super) text: String,
}

/// Returns the handshake line.
///
/// The server certificate becomes the client's only root; `None` means plaintext. A client
/// that requests multiplexing gets a seventh field, which declines it.
pub(super) fn line(
    protocol: u32,
    Address { network, text }: &Address,
    certificate: Option<&CertificateDer<'_>>,
    multiplex_requested: bool,
) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der));
    let certificate = certificate.unwrap_or_default();
    let multiplexing = if multiplex_requested { "|false" } else { "" };
    format!("{CORE_PROTOCOL}|{protocol}|{network}|{text}|grpc|{certificate}{multiplexing}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_line_has_its_fields_in_the_order_of_go_plugin() {
        let address = |network, text: &str| Address {
            network,
            text: text.to_owned(),
        };
        let unix = address("unix", "/tmp/d/s");
        let tcp = address("tcp", "127.0.0.1:10001");
        let certificate = CertificateDer::from(vec![0, 1, 2, 3]);
        for (protocol, address, certificate, multiplexing, expected) in [
            (6, &unix, None, false, "1|6|unix|/tmp/d/s|grpc|"),
            (5, &unix, None, true, "1|5|unix|/tmp/d/s|grpc||false"),
            (
                5,
                &unix,
                Some(&certificate),
                false,
                "1|5|unix|/tmp/d/s|grpc|AAECAw",
            ),
            (
                6,
                &tcp,
                Some(&certificate),
                true,
                "1|6|tcp|127.0.0.1:10001|grpc|AAECAw|false",
            ),
        ] {
            let line = line(protocol, address, certificate, multiplexing);
            assert_eq!(line, expected);
        }
    }
}
