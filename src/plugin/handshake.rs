//! The handshake line on stdout, which gives the client this process's address.

use std::fmt;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls_pki_types::CertificateDer;

use super::listener::Address;

/// The version of the handshake line. go-plugin has had no other.
const CORE_PROTOCOL: u32 = 1;

/// The fields of the handshake line.
#[derive(Debug)]
pub(super) struct Handshake<'a> {
    /// The negotiated protocol version.
    pub(super) protocol: u32,
    /// The address on which this process listens.
    pub(super) address: &'a Address,
    /// The server certificate, which becomes the client's only root. `None` means
    /// plaintext.
    pub(super) certificate: Option<&'a CertificateDer<'static>>,
    /// Adds a seventh field that declines multiplexing, for a client that requests it.
    pub(super) decline_multiplexing: bool,
}

impl Handshake<'_> {
    /// Writes the line and flushes it.
    ///
    /// # Errors
    ///
    /// If stdout is closed, which means that the client has exited.
    pub(super) fn send(&self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{self}")?;
        stdout.flush()
    }
}

impl fmt::Display for Handshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificate = self
            .certificate
            .map(|der| STANDARD_NO_PAD.encode(der))
            .unwrap_or_default();
        write!(
            f,
            "{CORE_PROTOCOL}|{}|{}|{}|grpc|{certificate}",
            self.protocol,
            self.address.network(),
            self.address,
        )?;
        if self.decline_multiplexing {
            write!(f, "|false")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_line_has_its_fields_in_the_order_of_go_plugin() {
        let unix = Address::Unix("/tmp/d/s".into());
        let tcp = Address::Tcp(([127, 0, 0, 1], 10_001).into());
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
            let line = Handshake {
                protocol,
                address,
                certificate,
                decline_multiplexing: multiplexing,
            };
            assert_eq!(line.to_string(), expected);
        }
    }
}
