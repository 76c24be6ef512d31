//! Credentials from a URI, such as that of a sidecar.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::error::{CredentialsError, ServiceKind};
use super::provider::{Context, ProvideCredentials};
use super::service::Service;
use super::source::CredentialsSource;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::request::Request;
use crate::text::sanitize;

/// Time limit for a response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The address of a service that responds with credentials, over HTTP or HTTPS.
///
/// `Debug` shows scheme, host and port only.
#[derive(Clone)]
pub struct CredentialsUri(Url);

impl CredentialsUri {
    /// Parses an address.
    ///
    /// # Errors
    ///
    /// Returns the rule for addresses, as a clause.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const RULE: &str = "a credentials URI begins with \"http://\" or \"https://\" and a host, \
                            as in \"http://127.0.0.1:6666/credentials\"";
        // `Url::parse` accepts "http:host" and "http:///host".
        let rest = ["http://", "https://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let has_host = rest.is_some_and(|rest| !rest.starts_with(['/', '\\', '?', '#']));
        let url = Url::parse(text).map_err(|_| RULE)?;
        (has_host && url.has_host())
            .then_some(Self(url))
            .ok_or(RULE)
    }

    /// Returns scheme, host and port. Anything else can be a secret.
    fn address(&self) -> String {
        sanitize(&self.0.origin().ascii_serialization())
    }
}

#[async_trait]
impl ProvideCredentials for CredentialsUri {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let http = &context.http;
        let request = Request::get(self.0.clone()).with_timeout(TIMEOUT);
        // The service can repeat its path, which can be a secret.
        http.redactor().add(&[self.0.path().into()]);
        let service = Service {
            http,
            kind: ServiceKind::Uri,
            address: self.address(),
        };
        let body = service.fetch(request).await;
        let body = body.map_err(|error| service.failed(error))?;
        let source = CredentialsSource::Uri(self.address());
        service.decode::<TemporaryCredentials>(&body, source)
    }
}

impl fmt::Debug for CredentialsUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialsUri")
            .field(&self.address())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_is_redacted() {
        let uri = "http://user:goldfish@127.0.0.1:80/a/b?token=goldfish#goldfish";
        let uri = CredentialsUri::parse(uri).unwrap();
        let shown = format!("{uri:?}");
        assert_eq!(shown, r#"CredentialsUri("http://127.0.0.1")"#);
    }

    #[test]
    fn credentials_uri_has_a_scheme_and_a_host() {
        for text in [
            "127.0.0.1:6666",
            "ftp://127.0.0.1/",
            "http://",
            "http:///a",
            "http:a",
            "/a",
            "",
        ] {
            assert!(CredentialsUri::parse(text).is_err(), "{text:?}");
        }
    }
}
