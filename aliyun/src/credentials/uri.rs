//! A sidecar that hands out credentials at a URI.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use reqsign_aliyun_oss::CredentialsUriCredentialProvider;

use super::service::{CredentialsService, shown};
use super::{Credentials, Environment, Reason};
use crate::http::protocol::Protocol;

pub use super::variables::URI;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a fetch may take in all.
const LIMIT: Duration = Duration::from_secs(15);

/// A URI that answers with credentials: one of HTTP or HTTPS, with a host.
///
/// The work is reqsign's, which knows no limit of time and would show the body
/// of an answer that is an error.
#[derive(Clone)]
pub struct CredentialsUri(http::Uri);

/// Text that cannot be a credentials URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a credentials URI begins with \"http://\" or \"https://\" and a host, as in \
     \"http://127.0.0.1:6666/credentials\""
)]
pub struct InvalidUri;

impl FromStr for CredentialsUri {
    type Err = InvalidUri;

    fn from_str(text: &str) -> Result<Self, InvalidUri> {
        let uri: http::Uri = text.parse().map_err(|_| InvalidUri)?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if is_http && has_host {
            Ok(Self(uri))
        } else {
            Err(InvalidUri)
        }
    }
}

impl From<InvalidUri> for Reason {
    fn from(error: InvalidUri) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl CredentialsUri {
    pub(crate) async fn credentials(
        &self,
        environment: &Environment,
    ) -> Result<Credentials, Reason> {
        let service = CredentialsService {
            address: shown(&self.0),
            connect_timeout: CONNECT_TIMEOUT,
            limit: LIMIT,
            // A proxy cannot read what is encrypted.
            protocol: match self.0.scheme_str() {
                Some("https") => Protocol::Https,
                _ => Protocol::Http,
            },
            unusable: "answered with something that is no set of credentials",
        };
        let provider = CredentialsUriCredentialProvider::new().with_uri(self.0.to_string());
        let given = service.ask(&provider, environment).await?;
        // The provider gives none only where it has no URI.
        given.ok_or_else(|| service.unusable())
    }
}

/// As it may be shown.
impl fmt::Debug for CredentialsUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialsUri")
            .field(&shown(&self.0))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let uri = "http://user:goldfish@127.0.0.1:80/a/b?token=goldfish";
        let uri: CredentialsUri = uri.parse().unwrap();
        let shown = format!("{uri:?}");
        assert_eq!(shown, r#"CredentialsUri("http://127.0.0.1:80/a/b")"#);
    }

    #[test]
    fn a_credentials_uri_has_a_scheme_and_a_host() {
        for text in ["127.0.0.1:6666", "ftp://127.0.0.1/", "http://", "/a", ""] {
            assert!(text.parse::<CredentialsUri>().is_err(), "{text:?}");
        }
    }
}
