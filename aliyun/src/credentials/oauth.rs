//! Credentials of an OAuth sign-in of the Alibaba Cloud CLI.

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::error::{CredentialsError, SignInKind};
use super::provider::{Context, ProvideCredentials};
use super::sign_in::exchange;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::client::Request;

/// Sites, as profiles name them, and their exchange services.
const SITES: [(&str, &str); 2] = [
    ("CN", "https://oauth.aliyun.com/v1/exchange"),
    ("INTL", "https://oauth.alibabacloud.com/v1/exchange"),
];

/// An OAuth sign-in, whose access token is exchanged for credentials.
#[derive(Debug)]
pub(super) struct OAuth {
    profile: String,
    url: Url,
    access_token: SecretString,
}

impl OAuth {
    /// The sign-in of a profile at a site. Returns `None` for an unknown site.
    pub(super) fn new(profile: &str, site: &str, access_token: &SecretString) -> Option<Self> {
        let mut sites = SITES.iter();
        let (_, url) = sites.find(|(name, _)| site.eq_ignore_ascii_case(name))?;
        Some(Self {
            profile: profile.to_owned(),
            url: url.parse().ok()?,
            access_token: access_token.clone(),
        })
    }
}

#[async_trait]
impl ProvideCredentials for OAuth {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let request = Request::post_json(self.url.clone(), String::new());
        let request = request.with_bearer(&self.access_token);
        let issued = |response: TemporaryCredentials| response;
        exchange(context, SignInKind::OAuth, &self.profile, request, issued).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_have_exchange_services() {
        let url = |site| Some(OAuth::new("a", site, &"token".into())?.url.to_string());
        for (site, expected) in [
            ("CN", Some("https://oauth.aliyun.com/v1/exchange")),
            ("intl", Some("https://oauth.alibabacloud.com/v1/exchange")),
            ("EU", None),
        ] {
            assert_eq!(url(site).as_deref(), expected, "{site}");
        }
    }

    #[test]
    fn debug_output_is_redacted() {
        let shown = format!("{:?}", OAuth::new("a", "CN", &"goldfish".into()));
        assert!(!shown.contains("goldfish"), "{shown}");
    }
}
