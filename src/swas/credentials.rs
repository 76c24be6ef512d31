//! Who asks.

use secrecy::SecretString;

/// An access key, permanent or temporary.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Names the key. It is sent with every call and is no secret.
    pub access_key_id: String,
    /// Signs calls and is never sent.
    pub access_key_secret: SecretString,
    /// Sent along with a temporary key.
    pub security_token: Option<SecretString>,
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
        };
        let shown = format!("{credentials:?}");
        assert!(shown.contains("LTAItestid"), "{shown}");
        assert!(!shown.contains("fish"), "{shown}");
    }
}
