//! Sign-ins of the Alibaba Cloud CLI, which keeps their access tokens in profiles.
//!
//! The refresh token of OAuth is the CLI's alone, because using it replaces it in the
//! CLI's file.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use secrecy::SecretString;
use url::Url;

use super::error::{CredentialsError, ServiceKind, SignInKind};
use super::provider::{Context, ProvideCredentials};
use super::service::{FetchError, Service};
use super::source::CredentialsSource;
use super::temporary::{NestedCredentials, TemporaryCredentials};
use crate::access_key::Credentials;
use crate::http::request::Request;
use crate::rpc::retry::retry;
use crate::text::sanitize;

/// Time limit for one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// A sign-in, whose access token is exchanged for credentials.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) kind: SignInKind,
    /// Name of the profile.
    pub(super) profile: String,
    /// Address of the exchange service.
    pub(super) url: Url,
    /// JSON body of the request. May be empty.
    pub(super) body: String,
    pub(super) access_token: SecretString,
}

/// Returns the exchange service of an OAuth site, as profiles name it.
pub(super) fn oauth_url(site: &str) -> Option<Url> {
    let url = match site.to_ascii_uppercase().as_str() {
        "CN" => "https://oauth.aliyun.com/v1/exchange",
        "INTL" => "https://oauth.alibabacloud.com/v1/exchange",
        _ => return None,
    };
    url.parse().ok()
}

/// Returns the exchange service of a CloudSSO sign-in URL. Returns `None` unless that is an
/// HTTPS URL without user name: the token must not be sent in plain text.
pub(super) fn cloud_sso_url(sign_in_url: &str) -> Option<Url> {
    let mut url = Url::parse(sign_in_url).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    if url.scheme() != "https" || !sign_in_url.starts_with("https://") || !is_plain {
        return None;
    }
    url.set_path("/cloud-credentials");
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// Retries within the limit of STS: unlike a refresh token, an access token can be exchanged
/// any number of times.
#[async_trait]
impl ProvideCredentials for SignIn {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let service = Service {
            http: &context.http,
            kind: ServiceKind::SignIn(self.kind, self.profile.clone()),
            address: sanitize(self.url.as_str()),
        };
        let request = Request::post_json(self.url.clone(), self.body.clone());
        let request = request.with_timeout(ATTEMPT_TIMEOUT);
        let request = request.with_secret_header(AUTHORIZATION, "Bearer ", &self.access_token);
        let request = request.map_err(|error| service.failed(error.into()))?;
        let event = "the exchange of a sign-in failed and will be retried";
        let fetch = |_| service.fetch(request.clone());
        let body = retry(context.sts.retry_limit, event, FetchError::retry, fetch).await;
        let body = body.map_err(|(error, _)| service.failed(error))?;
        let source = CredentialsSource::SignIn(self.kind);
        match self.kind {
            SignInKind::OAuth => service.decode::<TemporaryCredentials>(&body, source),
            SignInKind::CloudSso => service.decode::<NestedCredentials>(&body, source),
        }
    }
}

/// Returns a time in seconds since 1970, unless it has passed.
pub(super) fn unexpired(seconds: Option<i64>) -> Option<SystemTime> {
    let seconds = Duration::from_secs(u64::try_from(seconds?).ok()?);
    let time = SystemTime::UNIX_EPOCH.checked_add(seconds)?;
    (time > SystemTime::now()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_of_oauth_have_exchange_services() {
        let url = |site| oauth_url(site).map(String::from);
        for (site, expected) in [
            ("CN", Some("https://oauth.aliyun.com/v1/exchange")),
            ("intl", Some("https://oauth.alibabacloud.com/v1/exchange")),
            ("EU", None),
        ] {
            assert_eq!(url(site).as_deref(), expected, "{site}");
        }
    }

    #[test]
    fn token_of_cloud_sso_is_sent_over_https_to_the_host_of_the_sign_in() {
        let url = |url| cloud_sso_url(url).map(String::from);
        for (sign_in_url, expected) in [
            (
                "https://signin-cn-shanghai.alibabacloudsso.com/start/login?a=b",
                Some("https://signin-cn-shanghai.alibabacloudsso.com/cloud-credentials"),
            ),
            ("http://signin.example/start/login", None),
            ("https://user:password@signin.example/login", None),
            ("signin.example", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(url(sign_in_url).as_deref(), expected, "{sign_in_url:?}");
        }
    }

    #[test]
    fn debug_output_is_redacted() {
        let sign_in = SignIn {
            kind: SignInKind::OAuth,
            profile: "a".to_owned(),
            url: oauth_url("CN").unwrap(),
            body: String::new(),
            access_token: "goldfish".into(),
        };
        let shown = format!("{sign_in:?}");
        assert!(!shown.contains("goldfish"), "{shown}");
    }

    #[test]
    fn times_in_the_past_are_expired() {
        for seconds in [None, Some(0), Some(-1), Some(1_700_000_000)] {
            assert_eq!(unexpired(seconds), None, "{seconds:?}");
        }
        assert!(unexpired(Some(i64::from(u32::MAX))).is_some());
        // A time beyond the range of the clock does not panic.
        let _ = unexpired(Some(i64::MAX));
    }
}
