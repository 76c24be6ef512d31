//! Start options of the emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::catalog::Catalog;
use super::quota::Quota;

/// Start options of an [`Emulator`](super::Emulator).
#[derive(Clone)]
pub struct Options {
    /// The address to listen on. Port 0 selects a free port.
    pub listen: SocketAddr,
    /// The ID of the initial access key.
    pub access_key_id: String,
    /// The secret of the initial access key.
    pub access_key_secret: String,
    /// The security token of the initial access key. With `Some`, every call has to
    /// carry this token. With `None`, calls with a token are rejected.
    pub security_token: Option<String>,
    /// The regions with their images and plans.
    pub catalog: Catalog,
    /// The token that `AssumeRoleWithOIDC` accepts.
    pub oidc_token: String,
    /// The access token that OAuth and CloudSSO accept.
    pub access_token: String,
    /// The RAM role of the emulated ECS instance.
    pub ecs_role: String,
    /// The quota of the API. `None` means unlimited.
    pub quota: Option<Quota>,
    /// The delay before every response to a call.
    pub delay: Duration,
}

impl Default for Options {
    /// Listens on a free port of 127.0.0.1 with the key `LTAItestid`, its secret
    /// `testsecret`, and the built-in catalog, without a quota or a delay.
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
    /// The environment variables that point the provider to `address`.
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
