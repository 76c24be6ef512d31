//! What roles and sign-ins are exchanged for.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Credentials, expiration};
use crate::swas::error::Failure;
use crate::swas::record::Record;

/// The longest token, in bytes: each call sends it, and each text of an answer is
/// searched for it. Those of STS have a few hundred.
const LONGEST_TOKEN: usize = 32 * 1024;

/// The part of an answer that matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::swas) struct Answer {
    pub(in crate::swas) credentials: Record<Granted>,
}

/// Temporary credentials, as they travel; OAuth writes the names with a small letter
/// first. They become [`Credentials`] if they are such that calls can be signed with
/// them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::swas) struct Granted {
    #[serde(alias = "accessKeyId")]
    access_key_id: String,
    #[serde(alias = "accessKeySecret")]
    access_key_secret: SecretString,
    #[serde(alias = "securityToken")]
    security_token: SecretString,
    #[serde(alias = "expiration")]
    expiration: String,
}

impl TryFrom<Granted> for Credentials {
    type Error = Failure;

    fn try_from(granted: Granted) -> Result<Self, Failure> {
        let malformed = |name, problem| Failure::Malformed {
            status: 200,
            reason: format!("Credentials.{name} {problem}"),
        };
        for (name, text) in [
            ("AccessKeyId", &*granted.access_key_id),
            ("AccessKeySecret", granted.access_key_secret.expose_secret()),
            ("SecurityToken", granted.security_token.expose_secret()),
        ] {
            match text.len() {
                0 => return Err(malformed(name, "is empty")),
                1..=LONGEST_TOKEN => {}
                _ => return Err(malformed(name, "is longer than 32 KiB")),
            }
        }
        let end =
            expiration(&granted.expiration).ok_or_else(|| malformed("Expiration", "is no time"))?;
        Ok(Self {
            access_key_id: granted.access_key_id,
            access_key_secret: granted.access_key_secret,
            security_token: Some(granted.security_token),
            expiration: Some(end),
        })
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
        }
    }
}
