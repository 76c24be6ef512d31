//! Credentials of a CloudSSO sign-in of the Alibaba Cloud CLI.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::error::{CredentialsError, SignInKind};
use super::provider::{Context, ProvideCredentials};
use super::sign_in::exchange;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::client::Request;
use crate::rpc::strict::StrictObject;

/// A CloudSSO sign-in, whose access token is exchanged for credentials.
#[derive(Debug)]
pub(super) struct CloudSso {
    profile: String,
    url: Url,
    account_id: String,
    access_configuration_id: String,
    access_token: SecretString,
}

impl CloudSso {
    /// The sign-in of a profile. `[account ID, access configuration ID]` select the
    /// credentials. Returns `None` unless the sign-in URL is an HTTPS URL without user name:
    /// the token must not be sent in plain text.
    pub(super) fn new(
        profile: &str,
        sign_in_url: &str,
        [account_id, access_configuration_id]: [&str; 2],
        access_token: &SecretString,
    ) -> Option<Self> {
        let mut url = Url::parse(sign_in_url).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() != "https" || !sign_in_url.starts_with("https://") || !is_plain {
            return None;
        }
        url.set_path("/cloud-credentials");
        url.set_query(None);
        url.set_fragment(None);
        Some(Self {
            profile: profile.to_owned(),
            url,
            account_id: account_id.to_owned(),
            access_configuration_id: access_configuration_id.to_owned(),
            access_token: access_token.clone(),
        })
    }
}

#[async_trait]
impl ProvideCredentials for CloudSso {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct CloudSsoResponse {
            cloud_credential: StrictObject<TemporaryCredentials>,
        }
        let body = json!({
            "AccountId": self.account_id,
            "AccessConfigurationId": self.access_configuration_id,
        });
        let request = Request::post_json(self.url.clone(), body.to_string());
        let request = request.with_bearer(&self.access_token);
        let issued = |response: CloudSsoResponse| response.cloud_credential.0;
        exchange(
            context,
            SignInKind::CloudSso,
            &self.profile,
            request,
            issued,
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_sent_over_https_to_the_host_of_the_sign_in() {
        let url = |url| {
            let sign_in = CloudSso::new("a", url, ["1", "ac-1"], &"token".into())?;
            Some(sign_in.url.to_string())
        };
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
}
