//! The environment variables of the process, and those that go-plugin sets in it. Nothing
//! else in `plugin` reads the environment.

use std::ffi::OsString;
use std::path::PathBuf;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::error::StartError;

/// Returns a variable of the process's environment.
pub(super) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Returns the directory for temporary files. If `TMPDIR` is empty, returns `/tmp` and not
/// the current directory.
#[cfg(unix)]
pub(super) fn temporary_directory() -> PathBuf {
    let directory = std::env::temp_dir();
    if directory.as_os_str().is_empty() {
        "/tmp".into()
    } else {
        directory
    }
}

/// The variable by which clients identify themselves, and its value.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// The client's requests, as its environment variables hold them.
#[derive(Debug, Default)]
pub(crate) struct ClientEnvironment {
    /// The negotiated protocol version.
    pub(crate) protocol: u32,
    /// The only client certificate that is accepted. `None` means plaintext.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    /// The directory in which to create the socket's own directory.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
    pub(super) socket_directory: Option<PathBuf>,
    /// The group, by name or number, whose members may connect.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
    pub(super) socket_group: Option<String>,
    /// The TCP ports to choose from on platforms without Unix sockets.
    #[cfg_attr(unix, allow(dead_code, reason = "Unix sockets are preferred"))]
    pub(super) ports: (u16, u16),
    /// `true` if the client requested multiplexing, so that the handshake must decline.
    pub(super) multiplex_requested: bool,
}

impl ClientEnvironment {
    /// Reads the client's variables with `variable`. `protocols` are the supported
    /// protocol versions.
    ///
    /// # Errors
    ///
    /// - [`StartError::StartedByHand`] without the cookie
    /// - [`StartError::NoCommonProtocol`] if the client supports none of `protocols`
    /// - [`StartError::ClientCertificate`] if the certificate cannot be parsed. A fallback
    ///   to plaintext would accept any client.
    pub(crate) fn read(
        protocols: &[u32],
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, StartError> {
        if variable(COOKIE.0).is_none_or(|found| found != COOKIE.1) {
            return Err(StartError::StartedByHand);
        }
        let text = |name: &str| {
            variable(name)
                .map(|value| value.to_string_lossy().trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let port = |name, default| {
            text(name)
                .and_then(|value| value.parse().ok())
                .unwrap_or(default)
        };

        Ok(Self {
            protocol: negotiate(protocols, text("PLUGIN_PROTOCOL_VERSIONS").as_deref())?,
            // Not trimmed: a blank certificate must fail and not mean plaintext.
            certificate: variable("PLUGIN_CLIENT_CERT")
                .filter(|pem| !pem.is_empty())
                .map(|pem| CertificateDer::from_pem_slice(pem.as_encoded_bytes()))
                .transpose()
                .map_err(|_| StartError::ClientCertificate)?,
            socket_directory: text("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            ports: (
                port("PLUGIN_MIN_PORT", 10_000),
                port("PLUGIN_MAX_PORT", 25_000),
            ),
            multiplex_requested: text("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }

    /// The settings of a plugin that a client reattaches to: plaintext on a private
    /// socket.
    pub(super) fn for_debugging(protocols: &[u32]) -> Self {
        Self {
            protocol: protocols.iter().copied().max().unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// Returns the highest common version. A client that lists no versions predates
/// negotiation and speaks the lowest.
fn negotiate(ours: &[u32], theirs: Option<&str>) -> Result<u32, StartError> {
    let common = match theirs {
        None => ours.iter().copied().min(),
        Some(theirs) => theirs
            .split(',')
            .filter_map(|version| version.trim().parse().ok())
            .filter(|version| ours.contains(version))
            .max(),
    };
    common.ok_or_else(|| StartError::NoCommonProtocol {
        theirs: theirs.unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiation_chooses_the_highest_common_version() {
        for (theirs, expected) in [
            (None, Some(5)),
            (Some("5"), Some(5)),
            (Some("6"), Some(6)),
            (Some("5,6"), Some(6)),
            (Some("6,5"), Some(6)),
            (Some(" 5 , 6 "), Some(6)),
            (Some("4,5,7"), Some(5)),
            (Some("6,nonsense"), Some(6)),
            (Some("4"), None),
            (Some("7,8"), None),
            (Some("nonsense"), None),
            (Some("99999999999999999999"), None),
        ] {
            assert_eq!(negotiate(&[5, 6], theirs).ok(), expected, "{theirs:?}");
        }
    }
}
