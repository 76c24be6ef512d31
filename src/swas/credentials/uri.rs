//! A sidecar that hands out credentials at a URI.

use std::time::Duration;

use reqsign_aliyun_oss::{Credential, CredentialsUriCredentialProvider};
use reqsign_core::{Context, ProvideCredential, Result};

use super::http::{LocalHttp, address};
use super::{Credentials, Reason};

/// The variable that names it.
pub const URI: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a fetch may take in all.
const LIMIT: Duration = Duration::from_secs(15);

/// A URI that answers with credentials.
///
/// The work is reqsign's, which knows no limit of time and would show the body
/// of an answer that is an error.
#[derive(Debug)]
pub(super) struct CredentialsUri(pub(super) String);

/// Text that cannot be a credentials URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a credentials URI begins with \"http://\" or \"https://\" and a host, as in \
     \"http://127.0.0.1:6666/credentials\""
)]
pub struct InvalidUri;

/// Checks that the text is a credentials URI.
///
/// # Errors
///
/// When it is not.
pub fn check(text: &str) -> std::result::Result<(), InvalidUri> {
    parsed(text).map(|_| ())
}

fn parsed(text: &str) -> std::result::Result<http::Uri, InvalidUri> {
    let uri: http::Uri = text.parse().map_err(|_| InvalidUri)?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    if is_http && has_host {
        Ok(uri)
    } else {
        Err(InvalidUri)
    }
}

impl ProvideCredential for CredentialsUri {
    type Credential = Credentials;

    async fn provide_credential(&self, context: &Context) -> Result<Option<Credentials>> {
        let uri = parsed(&self.0).map_err(|error| Reason::Malformed(error.to_string()))?;
        let address = address(&uri);
        let http = if uri.scheme_str() == Some("https") {
            LocalHttp::through_proxy(CONNECT_TIMEOUT)
        } else {
            LocalHttp::direct(CONNECT_TIMEOUT)
        };
        let context = context.clone().with_http_send(http);
        let provider = CredentialsUriCredentialProvider::new().with_uri(&self.0);
        let fetch = provider.provide_credential(&context);
        match tokio::time::timeout(LIMIT, fetch).await {
            Ok(Ok(credential)) => Ok(credential.map(converted)),
            Ok(Err(error)) => Err(match Reason::of(&error) {
                Reason::Other(_) => Reason::Http {
                    address,
                    // The message may quote the answer.
                    problem: "answered with something that is no set of credentials".to_owned(),
                },
                reason => reason,
            }
            .into()),
            Err(_) => Err(Reason::Slow {
                address,
                limit: LIMIT,
            }
            .into()),
        }
    }
}

/// What reqsign's providers give, with its secrets put away at once.
pub(super) fn converted(credential: Credential) -> Credentials {
    Credentials {
        access_key_id: credential.access_key_id,
        access_key_secret: credential.access_key_secret.into(),
        security_token: credential.security_token.map(Into::into),
        expiration: credential
            .expires_in
            .map(reqsign_core::time::Timestamp::as_system_time),
    }
}
