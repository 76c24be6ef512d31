//! Temporary credentials in responses of STS, sign-in services, the metadata service and
//! credentials URIs.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::source::CredentialsSource;
use crate::access_key::Credentials;
use crate::access_key::check_key_text;
use crate::rpc::strict::StrictObject;

/// Maximum length of a token, in bytes: each call sends it, and each response is searched
/// for it. Tokens of STS have some hundred bytes.
pub(super) const MAX_TOKEN_LENGTH: usize = 32 * 1024;

/// Response of STS and, with the alias, of CloudSSO.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NestedCredentials {
    #[serde(alias = "CloudCredential")]
    pub(crate) credentials: StrictObject<TemporaryCredentials>,
}

impl From<NestedCredentials> for TemporaryCredentials {
    fn from(response: NestedCredentials) -> Self {
        response.credentials.0
    }
}

/// Temporary credentials. OAuth writes the names in camel case.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TemporaryCredentials {
    #[serde(alias = "accessKeyId")]
    access_key_id: String,
    #[serde(alias = "accessKeySecret")]
    access_key_secret: SecretString,
    #[serde(alias = "securityToken")]
    security_token: SecretString,
    #[serde(alias = "expiration")]
    expiration: String,
}

impl TemporaryCredentials {
    /// Checks that calls can be signed with the credentials. Expired ones are valid: the
    /// clock of the API counts.
    ///
    /// # Errors
    ///
    /// Returns a clause that begins with the name of a field.
    pub(crate) fn validate(self, source: CredentialsSource) -> Result<Credentials, String> {
        for (field, text) in [
            ("AccessKeyId", &*self.access_key_id),
            ("AccessKeySecret", self.access_key_secret.expose_secret()),
            ("SecurityToken", self.security_token.expose_secret()),
        ] {
            if text.len() > MAX_TOKEN_LENGTH {
                return Err(format!("{field} is longer than 32 KiB"));
            }
            check_key_text(text).map_err(|problem| format!("{field} {problem}"))?;
        }
        let expiration = parse_time(&self.expiration);
        let expiration = expiration.ok_or("Expiration is not a time")?;
        Ok(Credentials {
            access_key_id: self.access_key_id,
            access_key_secret: self.access_key_secret,
            security_token: Some(self.security_token),
            expiration: Some(expiration),
            source,
        })
    }
}

/// Parses a time such as `2024-10-31T08:15:30Z`.
pub(crate) fn parse_time(text: &str) -> Option<SystemTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    time.ok().map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_cannot_sign_are_invalid() {
        let problem = |name: &str, value: &str| {
            let mut issued = serde_json::json!({
                "AccessKeyId": "STS.a",
                "AccessKeySecret": "s",
                "SecurityToken": "t",
                "Expiration": "2024-10-31T08:15:30Z",
            });
            issued[name] = value.into();
            let issued: TemporaryCredentials = serde_json::from_value(issued).unwrap();
            issued.validate(CredentialsSource::Arguments).err()
        };
        let longest = "t".repeat(MAX_TOKEN_LENGTH);
        for name in ["AccessKeyId", "AccessKeySecret", "SecurityToken"] {
            assert_eq!(problem(name, &longest), None);
            let expected = format!("{name} is longer than 32 KiB");
            assert_eq!(problem(name, &(longest.clone() + "t")), Some(expected));
            for (text, expected) in [
                ("", "is empty"),
                ("a b", "contains white space"),
                ("a\r\nX: b", "contains a line break"),
                ("a\0", "contains a control character"),
            ] {
                let expected = format!("{name} {expected}");
                assert_eq!(problem(name, text), Some(expected), "{text:?}");
            }
        }
        let expected = "Expiration is not a time".to_owned();
        assert_eq!(problem("Expiration", "tomorrow"), Some(expected));
    }
}
