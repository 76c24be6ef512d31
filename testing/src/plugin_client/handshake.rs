use std::net::SocketAddr;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;

/// The one line in which a plugin says how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Version of the handshake itself: always 1.
    pub core: u32,
    /// Version of the provider protocol that the plugin chose.
    pub protocol: u32,
    /// Where the plugin listens.
    pub address: Address,
    /// How it speaks: always `grpc`.
    pub kind: String,
    /// The plugin's certificate, where it wants TLS.
    pub certificate: Option<CertificateDer<'static>>,
    /// Whether the plugin can multiplex broker connections, where it says so.
    pub multiplex: Option<bool>,
    /// The line itself, without its line feed.
    pub raw: String,
}

/// Where a plugin listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// A TCP address.
    Tcp(SocketAddr),
}

impl Address {
    /// Makes an address of the network and address that go-plugin writes, or
    /// `None` when they do not fit together.
    pub(super) fn new(network: &str, address: &str) -> Option<Self> {
        match network {
            "unix" if address.starts_with('/') => Some(Self::Unix(address.into())),
            "tcp" => address.parse().ok().map(Self::Tcp),
            _ => None,
        }
    }
}

/// What is wrong with a handshake line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// There are fewer than six fields or more than seven.
    #[error("{0} fields where six or seven belong")]
    Fields(usize),
    /// The version of the handshake is not 1.
    #[error("{0:?} is not handshake version 1")]
    Core(String),
    /// The protocol version is not a number.
    #[error("{0:?} is not a protocol version")]
    Protocol(String),
    /// The network is unknown or the address is not of its kind.
    #[error("{address:?} is no address of network {network:?}")]
    Address {
        /// The third field.
        network: String,
        /// The fourth field.
        address: String,
    },
    /// The plugin does not speak gRPC.
    #[error("{0:?} is not \"grpc\"")]
    Kind(String),
    /// The certificate is not in base64 without padding.
    #[error("the certificate is not in base64 without padding: {0}")]
    Certificate(base64::DecodeError),
    /// The last field is neither `true` nor `false`.
    #[error("{0:?} is neither \"true\" nor \"false\"")]
    Multiplex(String),
}

impl Handshake {
    /// Reads a handshake line, given without its line feed.
    ///
    /// # Errors
    ///
    /// When any field differs from what go-plugin writes: blanks around fields
    /// and signs before numbers count.
    pub fn parse(line: &str) -> Result<Self, HandshakeError> {
        let fields: Vec<&str> = line.split('|').collect();
        let [
            core,
            protocol,
            network,
            address,
            kind,
            certificate,
            ref rest @ ..,
        ] = fields[..]
        else {
            return Err(HandshakeError::Fields(fields.len()));
        };
        if rest.len() > 1 {
            return Err(HandshakeError::Fields(fields.len()));
        }
        if core != "1" {
            return Err(HandshakeError::Core(core.to_owned()));
        }
        if kind != "grpc" {
            return Err(HandshakeError::Kind(kind.to_owned()));
        }
        Ok(Self {
            core: 1,
            protocol: number(protocol)
                .ok_or_else(|| HandshakeError::Protocol(protocol.to_owned()))?,
            address: Address::new(network, address).ok_or_else(|| HandshakeError::Address {
                network: network.to_owned(),
                address: address.to_owned(),
            })?,
            kind: kind.to_owned(),
            certificate: decode_certificate(certificate)?,
            multiplex: rest.first().map(|text| boolean(text)).transpose()?,
            raw: line.to_owned(),
        })
    }
}

/// Reads an unsigned number that is written without a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

fn decode_certificate(text: &str) -> Result<Option<CertificateDer<'static>>, HandshakeError> {
    if text.is_empty() {
        return Ok(None);
    }
    let der = STANDARD_NO_PAD
        .decode(text)
        .map_err(HandshakeError::Certificate)?;
    Ok(Some(der.into()))
}

fn boolean(text: &str) -> Result<bool, HandshakeError> {
    text.parse()
        .map_err(|_| HandshakeError::Multiplex(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_field() {
        let line = "1|6|unix|/tmp/a/plugin.sock|grpc|AQID|false";
        assert_eq!(
            Handshake::parse(line).unwrap(),
            Handshake {
                core: 1,
                protocol: 6,
                address: Address::Unix("/tmp/a/plugin.sock".into()),
                kind: "grpc".to_owned(),
                certificate: Some(vec![1, 2, 3].into()),
                multiplex: Some(false),
                raw: line.to_owned(),
            }
        );
    }

    #[test]
    fn reads_a_plaintext_handshake_over_tcp() {
        let handshake = Handshake::parse("1|5|tcp|127.0.0.1:10000|grpc|").unwrap();
        assert_eq!(
            (
                handshake.address,
                handshake.certificate,
                handshake.multiplex
            ),
            (
                Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 10000))),
                None,
                None
            )
        );
    }

    #[test]
    fn refuses_what_go_plugin_would_not_write() {
        let cases = [
            ("", "fields"),
            ("1|6|unix|/s|grpc", "fields"),
            ("1|6|unix|/s|grpc||false|", "fields"),
            ("2|6|unix|/s|grpc|", "handshake version"),
            ("1|six|unix|/s|grpc|", "protocol version"),
            ("1||unix|/s|grpc|", "protocol version"),
            ("1|+6|unix|/s|grpc|", "protocol version"),
            ("1| 6|unix|/s|grpc|", "protocol version"),
            ("1|6|unix|s|grpc|", "no address"),
            ("1|6|unix||grpc|", "no address"),
            ("1|6|udp|127.0.0.1:1|grpc|", "no address"),
            ("1|6|tcp|localhost|grpc|", "no address"),
            ("1|6|unix|/s|netrpc|", "not \"grpc\""),
            ("1|6|unix|/s|grpc|AQI=", "base64"),
            ("1|6|unix|/s|grpc|A-_D", "base64"),
            ("1|6|unix|/s|grpc|AQID |false", "base64"),
            ("1|6|unix|/s|grpc||no", "neither"),
            ("1|6|unix|/s|grpc||", "neither"),
        ];
        for (line, reason) in cases {
            let error = Handshake::parse(line).unwrap_err().to_string();
            assert!(error.contains(reason), "{line:?} gave {error:?}");
        }
    }
}
