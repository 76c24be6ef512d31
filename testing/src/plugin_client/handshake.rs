//! The handshake line of go-plugin.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;

/// The handshake line: how to connect to the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The version of the provider protocol that the plugin chose.
    pub protocol: u32,
    /// The plugin's listening socket.
    pub socket: Socket,
    /// The plugin's certificate. `None` means plaintext.
    pub certificate: Option<CertificateDer<'static>>,
    /// `true` if the plugin supports multiplexing of broker connections, if the line
    /// has the field.
    pub multiplex: Option<bool>,
    /// The raw line, without its line feed.
    pub raw: String,
}

/// The listening socket of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// A TCP port of this machine.
    Tcp(SocketAddr),
}

/// A handshake or reattach line that Terraform cannot parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {expected}")]
pub struct LineError {
    /// The expected text.
    pub expected: &'static str,
    /// The actual text.
    pub found: String,
}

impl LineError {
    pub(super) fn new(expected: &'static str, found: impl Into<String>) -> Self {
        let found = found.into();
        Self { expected, found }
    }
}

impl Socket {
    /// Parses a network and an address in go-plugin's format.
    pub(super) fn parse(network: &str, address: &str) -> Result<Self, LineError> {
        let socket = match network {
            "unix" => Some(address.into())
                .filter(|path: &PathBuf| path.is_absolute())
                .map(Self::Unix),
            "tcp" => address.parse().ok().map(Self::Tcp),
            _ => None,
        };
        let found = format!("{network} {address}");
        socket.ok_or_else(|| LineError::new("a socket's path or a port's address", found))
    }

    /// The path of a Unix socket.
    ///
    /// # Panics
    ///
    /// Panics for a TCP port, which plugins use on Windows only.
    pub fn path(&self) -> &Path {
        match self {
            Self::Unix(path) => path,
            Self::Tcp(address) => panic!("{address} is no path"),
        }
    }
}

impl Handshake {
    /// Parses a handshake line, given without its line feed. Accepts only the exact
    /// format that go-plugin writes: blanks around fields and signs of numbers are
    /// errors.
    pub fn parse(line: &str) -> Result<Self, LineError> {
        let fields: Vec<&str> = line.split('|').collect();
        let (fields, multiplex) = match fields[..] {
            [ref fields @ .., multiplex] if fields.len() == 6 => (fields, Some(multiplex)),
            ref fields => (fields, None),
        };
        let &["1", protocol, network, address, "grpc", certificate] = fields else {
            let expected = "six or seven fields of handshake version 1 and \"grpc\"";
            return Err(LineError::new(expected, line));
        };
        let is_digits = protocol.bytes().all(|byte| byte.is_ascii_digit());
        let version = is_digits.then(|| protocol.parse().ok()).flatten();
        let der = STANDARD_NO_PAD.decode(certificate);
        let der = der.map_err(|_| LineError::new("in base64 without padding", certificate))?;
        let multiplex = multiplex.map(|text| {
            let error = |_| LineError::new("\"true\" or \"false\"", text);
            text.parse().map_err(error)
        });
        Ok(Self {
            protocol: version.ok_or_else(|| LineError::new("a protocol version", protocol))?,
            socket: Socket::parse(network, address)?,
            certificate: (!der.is_empty()).then(|| der.into()),
            multiplex: multiplex.transpose()?,
            raw: line.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_line_is_parsed() {
        let unix = || Socket::Unix("/tmp/a/plugin.sock".into());
        for (line, socket, certificate, multiplex) in [
            (
                "1|6|unix|/tmp/a/plugin.sock|grpc|AQID|false",
                unix(),
                Some(vec![1, 2, 3].into()),
                Some(false),
            ),
            ("1|6|unix|/tmp/a/plugin.sock|grpc|", unix(), None, None),
            (
                "1|6|tcp|127.0.0.1:10000|grpc|",
                Socket::Tcp(([127, 0, 0, 1], 10000).into()),
                None,
                None,
            ),
        ] {
            let expected = Handshake {
                protocol: 6,
                socket,
                certificate,
                multiplex,
                raw: line.to_owned(),
            };
            assert_eq!(Handshake::parse(line), Ok(expected));
        }
    }

    #[test]
    fn invalid_handshake_lines_are_rejected() {
        for (line, expected) in [
            ("", "six or seven fields"),
            ("1|6|unix|/s|grpc", "six or seven fields"),
            ("1|6|unix|/s|grpc||false|", "six or seven fields"),
            ("2|6|unix|/s|grpc|", "handshake version 1"),
            ("1|6|unix|/s|netrpc|", "\"grpc\""),
            ("1|six|unix|/s|grpc|", "a protocol version"),
            ("1||unix|/s|grpc|", "a protocol version"),
            ("1|+6|unix|/s|grpc|", "a protocol version"),
            ("1| 6|unix|/s|grpc|", "a protocol version"),
            ("1|6|unix|s|grpc|", "a socket's path"),
            ("1|6|unix||grpc|", "a socket's path"),
            ("1|6|tcp|/s|grpc|", "a socket's path"),
            ("1|6|tcp|localhost:1|grpc|", "a socket's path"),
            ("1|6|udp|127.0.0.1:1|grpc|", "a socket's path"),
            ("1|6|unix|/s|grpc|AQI=", "base64"),
            ("1|6|unix|/s|grpc|A-_D", "base64"),
            ("1|6|unix|/s|grpc|AQID |false", "base64"),
            ("1|6|unix|/s|grpc||no", "\"true\" or \"false\""),
            ("1|6|unix|/s|grpc||", "\"true\" or \"false\""),
        ] {
            let error = Handshake::parse(line).unwrap_err();
            assert!(error.expected.contains(expected), "{line:?}: {error}");
        }
    }
}
