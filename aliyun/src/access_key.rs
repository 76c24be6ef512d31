//! Access keys.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

use crate::credentials::source::CredentialsSource;

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
    /// Source of the credentials, for errors about them.
    pub source: CredentialsSource,
}

/// Prefixes of access key IDs, permanent and temporary.
const ID_PREFIXES: [&str; 3] = ["LTAI", "STS.", "TMP."];

/// Checks that text can be an access key ID, a secret or a token. A copied line break or
/// quotation mark would fail much later, as a wrong signature.
///
/// # Errors
///
/// Returns the problem, as the end of a sentence. It does not quote the text.
pub fn check_key_text(text: &str) -> Result<(), &'static str> {
    let has = |matches: fn(char) -> bool| text.contains(matches);
    Err(if text.is_empty() {
        "is empty"
    } else if has(|c| matches!(c, '\n' | '\r')) {
        "contains a line break"
    } else if has(char::is_whitespace) {
        "contains white space"
    } else if has(char::is_control) {
        "contains a control character"
    } else if has(|c| matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’')) {
        "contains a quotation mark"
    } else {
        return Ok(());
    })
}

impl Credentials {
    /// Returns the ID for logs: its prefix and its last four characters. An ID without a
    /// known prefix is redacted, because it could be a secret in the wrong field.
    pub fn redacted_id(&self) -> String {
        let id = &self.access_key_id;
        let known = ID_PREFIXES.iter().find(|prefix| id.starts_with(**prefix));
        let last = id.char_indices().nth_back(3).map(|(start, _)| &id[start..]);
        match (known, last) {
            (Some(prefix), Some(last)) => format!("{prefix}…{last}"),
            _ => "(not shown)".to_owned(),
        }
    }

    /// Returns the identity that other processes with the same configuration have too: that
    /// of a role, or else the key ID.
    pub fn identity(&self) -> String {
        let role = self.source.role_identity();
        role.unwrap_or_else(|| self.access_key_id.clone())
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
    fn key_text_with_white_space_quotes_or_control_characters_is_invalid() {
        for (text, expected) in [
            ("LTAItestid/+=", Ok(())),
            ("", Err("is empty")),
            (" a", Err("contains white space")),
            ("a\u{3000}b", Err("contains white space")),
            ("a\r\n", Err("contains a line break")),
            ("a\0", Err("contains a control character")),
            ("\"a\"", Err("contains a quotation mark")),
            ("a'", Err("contains a quotation mark")),
            ("“a”", Err("contains a quotation mark")),
        ] {
            assert_eq!(check_key_text(text), expected, "{text:?}");
        }
    }

    fn with_id(id: &str) -> Credentials {
        Credentials {
            access_key_id: id.to_owned(),
            access_key_secret: "swordfish".into(),
            security_token: Some("goldfish".into()),
            expiration: None,
            source: CredentialsSource::Arguments,
        }
    }

    #[test]
    fn access_key_id_is_shortened_in_logs() {
        for (id, expected) in [
            ("LTAI5tExampleExample1234", "LTAI…1234"),
            ("STS.NUgYrLnoC37mZZCNnAbez", "STS.…Abez"),
            ("LTAI镜像镜像", "LTAI…镜像镜像"),
            ("swordfish", "(not shown)"),
        ] {
            assert_eq!(with_id(id).redacted_id(), expected);
        }
    }

    #[test]
    fn debug_output_is_redacted() {
        let shown = format!("{:?}", with_id("LTAItestid"));
        assert!(shown.contains("LTAItestid"), "{shown}");
        assert!(!shown.contains("fish"), "{shown}");
    }
}
