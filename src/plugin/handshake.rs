//! The one line on stdout by which the client learns how to reach this process.

use std::fmt;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls_pki_types::CertificateDer;

use super::listener::Address;

/// The version of the handshake itself; go-plugin has only ever had one.
const CORE_PROTOCOL: u32 = 1;

/// What the line says.
#[derive(Debug)]
pub(super) struct Handshake<'a> {
    /// The negotiated protocol version.
    pub(super) protocol: u32,
    /// Where this process listens.
    pub(super) address: &'a Address,
    /// The server certificate, which becomes the client's only root; none
    /// means plaintext.
    pub(super) certificate: Option<&'a CertificateDer<'static>>,
    /// Whether to add that multiplexing is not supported.
    pub(super) answer_multiplexing: bool,
}

impl Handshake<'_> {
    /// Writes the line and flushes it.
    ///
    /// # Errors
    ///
    /// When stdout is closed, which means that the client is gone.
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
        if self.answer_multiplexing {
            write!(f, "|false")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_the_fields_in_go_plugins_order() {
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
                answer_multiplexing: multiplexing,
            };
            assert_eq!(line.to_string(), expected);
        }
    }
}
