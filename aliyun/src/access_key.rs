//! Access keys.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

/// An access key, permanent or temporary.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Access key ID. Sent with every call, and not secret.
    pub access_key_id: String,
    /// Access key secret. Signs calls and is never sent.
    pub access_key_secret: SecretString,
    /// Security token of temporary credentials. Sent with every call.
    pub security_token: Option<SecretString>,
    /// Expiration of temporary credentials, if it is known.
    pub expiration: Option<SystemTime>,
}

/// Prefixes of access key IDs, permanent and temporary.
const ID_PREFIXES: [&str; 3] = ["LTAI", "STS.", "TMP."];

impl Credentials {
    /// Returns the ID for logs. An ID without a known prefix is redacted, because it could
    /// be a secret in the wrong field.
    pub fn redacted_id(&self) -> &str {
        let id = &self.access_key_id;
        if ID_PREFIXES.iter().any(|prefix| id.starts_with(prefix)) {
            id
        } else {
            "(not shown)"
        }
    }

    /// Returns true if both have the same key and token. Ignores the expiration.
    pub fn same_key(&self, other: &Self) -> bool {
        fn parts(key: &Credentials) -> (&str, &str, Option<&str>) {
            let token = key.security_token.as_ref();
            let secret = key.access_key_secret.expose_secret();
            (
                &key.access_key_id,
                secret,
                token.map(ExposeSecret::expose_secret),
            )
        }
        parts(self) == parts(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_is_redacted() {
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
