//! What roles and sign-ins are exchanged for, and services hand out.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Credentials, expiration};
use crate::rpc::error::RequestError;
use crate::rpc::strict::StrictObject;

/// The longest token, in bytes: each call sends it, and each text of an answer is
/// searched for it. Those of STS have a few hundred.
const LONGEST_TOKEN: usize = 32 * 1024;

/// The part of an answer that matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    pub credentials: StrictObject<Granted>,
}

/// Temporary credentials, as they travel; OAuth writes the names with a small letter
/// first. They become [`Credentials`] if they are such that calls can be signed with
/// them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Granted {
    #[serde(alias = "accessKeyId")]
    access_key_id: String,
    #[serde(alias = "accessKeySecret")]
    access_key_secret: SecretString,
    #[serde(alias = "securityToken")]
    security_token: SecretString,
    #[serde(alias = "expiration")]
    expiration: String,
}

/// What keeps calls from being signed with what was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct Unusable {
    field: &'static str,
    problem: &'static str,
}

/// Looks whether calls can be signed with credentials from outside. That they have
/// not ended is for the API to say, whose clock counts.
pub(crate) fn usable(credentials: Credentials) -> Result<Credentials, Unusable> {
    let token = credentials.security_token.as_ref();
    let texts = [
        ("AccessKeyId", Some(&*credentials.access_key_id)),
        (
            "AccessKeySecret",
            Some(credentials.access_key_secret.expose_secret()),
        ),
        ("SecurityToken", token.map(ExposeSecret::expose_secret)),
    ];
    for (field, text) in texts {
        let problem = match text {
            Some("") => "is empty",
            Some(text) if text.len() > LONGEST_TOKEN => "is longer than 32 KiB",
            // What ends a line could end a header or a line of the log.
            Some(text) if text.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                "has a space or a control character in it"
            }
            _ => continue,
        };
        return Err(Unusable { field, problem });
    }
    Ok(credentials)
}

impl TryFrom<Granted> for Credentials {
    type Error = RequestError;

    fn try_from(granted: Granted) -> Result<Self, RequestError> {
        let malformed = |problem: String| RequestError::Malformed {
            status: 200,
            reason: format!("Credentials.{problem}"),
        };
        let end = expiration(&granted.expiration);
        let end = end.ok_or_else(|| malformed("Expiration is no time".to_owned()))?;
        let credentials = Self {
            access_key_id: granted.access_key_id,
            access_key_secret: granted.access_key_secret,
            security_token: Some(granted.security_token),
            expiration: Some(end),
        };
        usable(credentials).map_err(|problem| malformed(problem.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_signed_with_is_not_granted() {
        let problem = |name: &str, value: &str| {
            let mut granted = serde_json::json!({
                "AccessKeyId": "STS.a",
                "AccessKeySecret": "s",
                "SecurityToken": "t",
                "Expiration": "2024-10-31T08:15:30Z",
            });
            granted[name] = value.into();
            let granted: Granted = serde_json::from_value(granted).unwrap();
            Credentials::try_from(granted)
                .err()
                .map(|failure| failure.to_string())
        };
        let longest = "t".repeat(LONGEST_TOKEN);
        for name in ["AccessKeyId", "AccessKeySecret", "SecurityToken"] {
            assert_eq!(problem(name, &longest), None);
            let expected = format!("HTTP 200, malformed: Credentials.{name} is empty");
            assert_eq!(problem(name, ""), Some(expected));
            let expected = format!("HTTP 200, malformed: Credentials.{name} is longer than 32 KiB");
            assert_eq!(problem(name, &(longest.clone() + "t")), Some(expected));
            let expected = format!(
                "HTTP 200, malformed: Credentials.{name} has a space or a control character in it"
            );
            for text in [" ", "a b", "a\r\nX: b", "a\0", "\u{2028}"] {
                assert_eq!(problem(name, text).as_ref(), Some(&expected), "{text:?}");
            }
        }
    }
}
