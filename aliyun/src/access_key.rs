//! What calls are signed with.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

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
    pub fn shown_id(&self) -> &str {
        let id = &self.access_key_id;
        if ID_PREFIXES.iter().any(|prefix| id.starts_with(prefix)) {
            id
        } else {
            "(not shown)"
        }
    }

    /// Whether a call signed with one is as good as a call signed with the
    /// other.
    pub fn are_the_same_as(&self, other: &Self) -> bool {
        let parts = |of: &Self| {
            let token = of.security_token.as_ref();
            let token = token.map(|token| token.expose_secret().to_owned());
            (of.access_key_id.clone(), token)
        };
        parts(self) == parts(other)
            && self.access_key_secret.expose_secret() == other.access_key_secret.expose_secret()
    }
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
