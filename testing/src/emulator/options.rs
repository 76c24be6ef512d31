//! What an emulator starts with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::catalog::Catalog;
use super::quota::Quota;

/// What an emulator starts with.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The permanent access key ID that is known from the start.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: String,
    /// When set, the key is a temporary one and every call has to carry this
    /// token; otherwise none may carry any.
    pub security_token: Option<String>,
    /// The regions and images to answer.
    pub catalog: Catalog,
    /// The token for which `AssumeRoleWithOIDC` hands out credentials.
    pub oidc_token: String,
    /// The access token for which OAuth and CloudSSO hand out credentials.
    pub access_token: String,
    /// The RAM role of the emulated ECS instance.
    pub ecs_role: String,
    /// How many calls are answered; any number when absent.
    pub quota: Option<Quota>,
    /// How long every call of an action waits for its answer.
    pub delay: Duration,
}

impl Default for Options {
    /// A free port of 127.0.0.1, the key `LTAItestid` with the secret
    /// `testsecret` and no token, the built-in catalog, neither quota nor delay.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            access_key_id: "LTAItestid".to_owned(),
            access_key_secret: "testsecret".to_owned(),
            security_token: None,
            catalog: Catalog::builtin(),
            oidc_token: "testtoken".to_owned(),
            access_token: "testaccess".to_owned(),
            ecs_role: "testrole".to_owned(),
            quota: None,
            delay: Duration::ZERO,
        }
    }
}

impl Options {
    /// The variables that lead the provider to an emulator at `address`.
    pub(super) fn environment(&self, address: SocketAddr) -> Vec<(&'static str, String)> {
        let key = self.access_key_id.clone();
        let secret = self.access_key_secret.clone();
        let token = self.security_token.clone();
        let environment = [
            ("ALIBABA_CLOUD_SWAS_ENDPOINT", format!("http://{address}")),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", key),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret),
        ];
        let token = token.map(|token| ("ALIBABA_CLOUD_SECURITY_TOKEN", token));
        environment.into_iter().chain(token).collect()
    }
}
