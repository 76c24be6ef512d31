//! Who asks, and where to find out.
//!
//! Every place that may hold credentials is a file in here and implements
//! [`ProvideCredential`], the trait of the crate reqsign, whose own providers do
//! the work where they can:
//!
//! - [`environment`]: keys in environment variables
//! - [`profile`]: profiles of the Alibaba Cloud CLI, and the SDKs' INI file
//! - [`ecs`]: the metadata service of an ECS instance
//! - [`uri`]: a sidecar that hands out credentials
//! - [`oidc`]: an OIDC token, exchanged for the credentials of a role
//! - [`assume_role`]: a role, assumed with other credentials
//! - [`external`]: a command that prints credentials
//! - [`default`]: all of these, in the order in which Alibaba Cloud's SDKs look
//!
//! [`sources`] makes the provider that is asked for, [`cache`] keeps what it
//! gives, [`region`] is the region that a profile comes with, and [`error`] says
//! why there is nothing.
//!
//! [`ProvideCredential`]: reqsign_core::ProvideCredential

pub mod assume_role;
pub mod cache;
pub mod default;
pub mod ecs;
pub mod environment;
pub mod error;
pub mod external;
mod files;
mod http;
pub mod oidc;
pub mod profile;
pub mod region;
pub mod sources;
pub mod uri;

use std::time::SystemTime;

use reqsign_core::ProvideCredentialDyn;
use secrecy::{ExposeSecret, SecretString};

pub use cache::CredentialsCache;
pub use environment::Environment;
pub use error::{CredentialsError, Place, Reason};
pub use region::DefaultRegion;
pub use sources::{Settings, Source};

/// An access key, permanent or temporary.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Names the key. It is sent with every call and is no secret.
    pub access_key_id: String,
    /// Signs calls and is never sent.
    pub access_key_secret: SecretString,
    /// Sent along with a temporary key.
    pub security_token: Option<SecretString>,
    /// When a temporary key ends, if that is known.
    pub expiration: Option<SystemTime>,
}

/// What IDs of access keys begin with: permanent and temporary ones.
const ID_PREFIXES: [&str; 3] = ["LTAI", "STS.", "TMP."];

impl Credentials {
    /// The ID, to be logged. What does not look like one may be a secret that
    /// was put in its place.
    #[must_use]
    pub fn shown_id(&self) -> &str {
        let id = &self.access_key_id;
        if ID_PREFIXES.iter().any(|prefix| id.starts_with(prefix)) {
            &self.access_key_id
        } else {
            "(not shown)"
        }
    }

    /// Whether a call signed with one is as good as a call signed with the
    /// other.
    #[must_use]
    pub fn are_the_same_as(&self, other: &Self) -> bool {
        let token = |of: &Self| {
            let token = of.security_token.as_ref();
            token.map(|token| token.expose_secret().to_owned())
        };
        self.access_key_id == other.access_key_id
            && self.access_key_secret.expose_secret() == other.access_key_secret.expose_secret()
            && token(self) == token(other)
    }
}

/// Something that gives credentials.
type Provider = Box<dyn ProvideCredentialDyn<Credential = Credentials>>;

/// The time that a source of credentials gives for their end, such as
/// `2024-10-31T08:15:30Z`.
pub(super) fn expiration(text: &str) -> Result<SystemTime, Reason> {
    let time = text.parse::<reqsign_core::time::Timestamp>();
    time.map(reqsign_core::time::Timestamp::as_system_time)
        .map_err(|_| Reason::Expiration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let credentials = Credentials {
            access_key_id: "LTAItestid".to_owned(),
            access_key_secret: "swordfish".into(),
            security_token: Some("goldfish".into()),
            expiration: None,
        };
        let shown = format!("{credentials:?}");
        assert!(shown.contains("LTAItestid"), "{shown}");
        assert!(!shown.contains("fish"), "{shown}");
    }
}
