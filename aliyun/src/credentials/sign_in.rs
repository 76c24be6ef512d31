//! Sign-ins of people, which the Alibaba Cloud CLI makes and keeps in a profile:
//! OAuth and CloudSSO.
//!
//! The access token of a sign-in is exchanged for keys. The refresh token of OAuth
//! is the CLI's alone, because using it replaces it in the CLI's file.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::uri::{Authority, Uri};
use http::{HeaderValue, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::granted::Granted;
use super::service::{CredentialsService, Trouble, shown};
use super::{Credentials, Reason};
use crate::http::protocol::Protocol;
use crate::rpc::json;
use crate::rpc::retry::RetryLoop;
use crate::rpc::strict::StrictObject;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one attempt may take in all.
const LIMIT: Duration = Duration::from_secs(15);

/// The kinds of sign-in, by the mode of the profile that keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// OAuth sign-in of the Alibaba Cloud CLI (mode `OAuth`).
    OAuth,
    /// CloudSSO sign-in of the Alibaba Cloud CLI (mode `CloudSSO`).
    CloudSso,
}

/// The sites of OAuth, as profiles name them, and their addresses.
const OAUTH_SITES: [(&str, &str); 2] = [
    ("CN", "https://oauth.aliyun.com"),
    ("INTL", "https://oauth.alibabacloud.com"),
];

/// A sign-in with an access token that can be exchanged.
#[derive(Debug)]
pub(crate) struct SignIn {
    kind: SignInKind,
    uri: Uri,
    token: SecretString,
    body: String,
}

impl SignIn {
    /// One of OAuth at a site; none where there is no such site.
    pub(crate) fn oauth(site: &str, token: &SecretString) -> Option<Self> {
        let mut sites = OAUTH_SITES.iter();
        let (_, address) = sites.find(|(name, _)| site.eq_ignore_ascii_case(name))?;
        Some(Self {
            kind: SignInKind::OAuth,
            uri: format!("{address}/v1/exchange").parse().ok()?,
            token: token.clone(),
            body: String::new(),
        })
    }

    /// One of CloudSSO with an access configuration for an account, at the host of
    /// the address where people sign in; none where that is not one of HTTPS. A
    /// token does not travel in plain text, nor beside a name and a password.
    pub(crate) fn cloud_sso(
        sign_in_url: &str,
        account: &str,
        access_configuration: &str,
        token: &SecretString,
    ) -> Option<Self> {
        let url: Uri = sign_in_url.parse().ok()?;
        let is_https = url.scheme_str() == Some("https");
        let authority = url.authority().map(Authority::as_str);
        let host = authority.filter(|host| is_https && !host.contains('@'))?;
        let body = json!({"AccountId": account, "AccessConfigurationId": access_configuration});
        Some(Self {
            kind: SignInKind::CloudSso,
            uri: format!("https://{host}/cloud-credentials").parse().ok()?,
            token: token.clone(),
            body: body.to_string(),
        })
    }

    pub(crate) fn kind(&self) -> SignInKind {
        self.kind
    }

    /// Exchanges the access token. Where a failure may pass, it is tried again for as
    /// long as `limit`: an access token can be exchanged any number of times, other
    /// than a refresh token.
    pub(crate) async fn credentials(&self, limit: Duration) -> Result<Credentials, Reason> {
        let service = CredentialsService {
            address: shown(&self.uri),
            connect_timeout: CONNECT_TIMEOUT,
            limit: LIMIT,
            protocol: Protocol::Https,
            unusable: "answered with something that is no set of credentials",
        };
        let mut attempts = RetryLoop::within(limit);
        loop {
            let request = self.request().ok_or_else(|| Reason::Http {
                address: service.address.clone(),
                problem: "cannot be asked: the access token fits no header".to_owned(),
            })?;
            let Trouble { reason, retry, .. } = match service.answer(request).await {
                Ok(answer) => return self.read(&answer).ok_or_else(|| service.unusable()),
                Err(trouble) => trouble,
            };
            let event = "a sign-in was not exchanged and will be tried again";
            if !attempts.wait(retry, &reason, event).await {
                return Err(reason);
            }
        }
    }

    fn request(&self) -> Option<Request<Bytes>> {
        let bearer = format!("Bearer {}", self.token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).ok()?;
        bearer.set_sensitive(true);
        let request = Request::post(self.uri.clone())
            .header(AUTHORIZATION, bearer)
            .header(CONTENT_TYPE, "application/json");
        request.body(self.body.clone().into()).ok()
    }

    fn read(&self, answer: &[u8]) -> Option<Credentials> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            cloud_credential: StrictObject<Granted>,
        }
        let granted: Granted = match self.kind {
            SignInKind::OAuth => json::read(answer).ok()?,
            SignInKind::CloudSso => json::read::<Answer>(answer).ok()?.cloud_credential.0,
        };
        Credentials::try_from(granted).ok()
    }
}

/// The time that a profile tells in seconds since 1970, if it is ahead.
pub(crate) fn ahead(seconds: Option<i64>) -> Option<SystemTime> {
    let seconds = Duration::from_secs(u64::try_from(seconds?).ok()?);
    let time = SystemTime::UNIX_EPOCH.checked_add(seconds)?;
    (time > SystemTime::now()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_only_sent_over_https_and_to_the_host_alone() {
        let uri = |url| {
            let sign_in = SignIn::cloud_sso(url, "1", "ac-1", &"token".into())?;
            Some(sign_in.uri.to_string())
        };
        for (url, expected) in [
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
            assert_eq!(uri(url).as_deref(), expected, "{url:?}");
        }
    }

    #[test]
    fn sites_of_oauth_are_told_apart() {
        let uri = |site| Some(SignIn::oauth(site, &"token".into())?.uri.to_string());
        for (site, expected) in [
            ("CN", Some("https://oauth.aliyun.com/v1/exchange")),
            ("intl", Some("https://oauth.alibabacloud.com/v1/exchange")),
            ("EU", None),
        ] {
            assert_eq!(uri(site).as_deref(), expected, "{site}");
        }
    }

    #[test]
    fn debug_output_shows_no_token() {
        let shown = format!("{:?}", SignIn::oauth("CN", &"goldfish".into()));
        assert!(!shown.contains("goldfish"), "{shown}");
    }

    #[test]
    fn only_times_to_come_are_ahead() {
        for seconds in [None, Some(0), Some(-1), Some(1_700_000_000)] {
            assert_eq!(ahead(seconds), None, "{seconds:?}");
        }
        assert!(ahead(Some(i64::from(u32::MAX))).is_some());
        // Too far away for a clock is not a reason to panic.
        let _ = ahead(Some(i64::MAX));
    }
}
