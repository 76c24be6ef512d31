//! What the client says about itself when it starts this process: environment
//! variables that go-plugin sets.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::error::StartError;

/// What the client asked for.
#[derive(Debug)]
pub(crate) struct ClientEnvironment {
    /// The protocol version that both sides speak.
    pub(crate) protocol: u32,
    /// The only certificate that may connect; none means plaintext.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    /// Where the client wants the socket.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
    pub(super) socket_directory: Option<PathBuf>,
    /// The group, by name or number, that shall be able to connect.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
    pub(super) socket_group: Option<String>,
    /// The ports to choose from where there are no Unix sockets.
    #[cfg_attr(unix, allow(dead_code, reason = "Unix sockets are preferred"))]
    pub(super) ports: RangeInclusive<u16>,
    /// Whether the client asked if connections can be multiplexed.
    pub(super) multiplex_requested: bool,
}

impl ClientEnvironment {
    /// Reads the variables that `variable` looks up. `protocols` are the versions
    /// that are served here.
    ///
    /// # Errors
    ///
    /// [`StartError::StartedByHand`] without the cookie,
    /// [`StartError::NoCommonProtocol`] when the client speaks none of our
    /// versions, [`StartError::ClientCertificate`] when the certificate cannot
    /// be read: plaintext instead would let anyone in.
    pub(crate) fn read(
        (cookie_name, cookie): (&str, &str),
        protocols: &[u32],
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, StartError> {
        if variable(cookie_name).is_none_or(|found| found != cookie) {
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
            // One of blanks was meant to be one.
            certificate: variable("PLUGIN_CLIENT_CERT")
                .filter(|pem| !pem.is_empty())
                .map(|pem| CertificateDer::from_pem_slice(pem.as_encoded_bytes()))
                .transpose()
                .map_err(|_| StartError::ClientCertificate)?,
            socket_directory: text("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            ports: port("PLUGIN_MIN_PORT", 10_000)..=port("PLUGIN_MAX_PORT", 25_000),
            multiplex_requested: text("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }

    /// What a client would ask for that is found by reattaching: plaintext on
    /// a private socket.
    pub(super) fn for_reattach(protocols: &[u32]) -> Self {
        Self {
            protocol: protocols.iter().copied().max().unwrap_or_default(),
            certificate: None,
            socket_directory: None,
            socket_group: None,
            ports: 10_000..=25_000,
            multiplex_requested: false,
        }
    }
}

/// The highest version that both sides have. A client that names none is from
/// before negotiation existed and speaks the lowest.
fn negotiate(ours: &[u32], theirs: Option<&str>) -> Result<u32, StartError> {
    let Some(theirs) = theirs else {
        return ours
            .iter()
            .copied()
            .min()
            .ok_or(StartError::NoCommonProtocol {
                theirs: String::new(),
            });
    };
    theirs
        .split(',')
        .filter_map(|version| version.trim().parse().ok())
        .filter(|version| ours.contains(version))
        .max()
        .ok_or_else(|| StartError::NoCommonProtocol {
            theirs: theirs.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_is_chosen() {
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
