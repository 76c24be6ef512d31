//! The fields of a profile.

use std::fmt;

use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::credentials::error::ProfileError;
use crate::env::boolean;
use crate::text::debug_quote;

/// Fields that do not configure a profile. The last two are those of INI sections.
const PREFERENCES: [&str; 7] = [
    "name",
    "mode",
    "region_id",
    "language",
    "output_format",
    "type",
    "enable",
];

/// A profile, with the field names of the CLI. `Debug` shows its name only.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(super) fields: Map<String, Value>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Profile").field(&self.name).finish()
    }
}

impl Profile {
    pub(crate) fn new(name: String, fields: Map<String, Value>) -> Self {
        Self { name, fields }
    }

    /// Returns the text of a field. Blank text counts as absent.
    pub(crate) fn text(&self, field: &'static str) -> Result<Option<&str>, ProfileError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|it| !it.trim().is_empty())),
            Some(_) => Err(ProfileError::field(field, "is not text")),
        }
    }

    /// Returns the text of a field, or the error that it is missing.
    pub(crate) fn required(&self, field: &'static str) -> Result<&str, ProfileError> {
        self.text(field)?.ok_or(ProfileError::NoField(field))
    }

    /// Returns the text of a field that is a secret.
    pub(crate) fn secret(&self, field: &'static str) -> Result<Option<SecretString>, ProfileError> {
        Ok(self.text(field)?.map(SecretString::from))
    }

    /// Returns an integer, in seconds.
    pub(crate) fn seconds(&self, field: &'static str) -> Result<Option<i64>, ProfileError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| ProfileError::field(field, "is not a number of seconds")),
        }
    }

    pub(super) fn has_upper_case_key(&self) -> bool {
        let mut keys = self.fields.keys();
        keys.any(|key| key.contains(|c: char| c.is_ascii_uppercase()))
    }

    /// Returns true if the field is `true`.
    pub(crate) fn is_true(&self, field: &'static str) -> Result<bool, ProfileError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(ProfileError::field(field, "is neither true nor false")),
        }
    }

    /// Returns the mode. Without one, the fields decide, as in the CLI.
    pub(crate) fn mode(&self) -> Result<&str, ProfileError> {
        /// Modes with a field that implies them, in the order of the CLI.
        const IMPLIED: [(&str, &str); 9] = [
            ("process_command", "External"),
            ("ram_role_name", "EcsRamRole"),
            ("oidc_provider_arn", "OIDC"),
            ("oidc_token", "OIDC"),
            ("oidc_token_file", "OIDC"),
            ("cloud_sso_sign_in_url", "CloudSSO"),
            ("cloud_sso_account_id", "CloudSSO"),
            ("cloud_sso_access_config", "CloudSSO"),
            ("sts_token", "StsToken"),
        ];
        if let Some(mode) = self.text("mode")? {
            return Ok(mode);
        }
        for (field, mode) in IMPLIED {
            if self.text(field)?.is_some() {
                return Ok(mode);
            }
        }
        Ok("AK")
    }

    /// Returns true if the profile describes credentials: a field other than preferences has
    /// a value. The CLI writes one without on its first run. `EcsRamRole` requires no field.
    pub(crate) fn is_configured(&self) -> bool {
        let is_empty = |value: &Value| match value {
            Value::Null | Value::Bool(false) => true,
            Value::Bool(true) => false,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(entries) => entries.is_empty(),
            Value::Object(entries) => entries.is_empty(),
        };
        let mut fields = self.fields.iter();
        fields.any(|(name, value)| !PREFERENCES.contains(&name.as_str()) && !is_empty(value))
            || self.mode() == Ok("EcsRamRole")
    }

    /// Checks that `enable` does not disable the INI section.
    pub(super) fn check_enabled(&self) -> Result<(), ProfileError> {
        let Some(word) = self.text("enable")? else {
            return Ok(());
        };
        match boolean(word) {
            Some(true) => Ok(()),
            Some(false) => Err(ProfileError::Disabled),
            None => Err(ProfileError::field(
                "enable",
                format!(
                    "is {}, but must be \"true\" or \"false\"",
                    debug_quote(word)
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::credentials::profile::file::ProfileFile;

    #[test]
    fn profile_of_the_first_run_is_unconfigured_and_any_other_field_configures_it() {
        for (fields, expected) in [
            ("", false),
            (
                r#", "mode": "AK", "access_key_id": "", "expired_seconds": 0"#,
                false,
            ),
            (
                r#", "mode": "", "language": "en", "output_format": "json""#,
                false,
            ),
            (
                r#", "region_id": "a", "site": null, "enable_vpc": false"#,
                false,
            ),
            (r#", "access_key_secret": "a""#, true),
            (r#", "expired_seconds": 900"#, true),
            (r#", "access_key_id": " ""#, true),
            (r#", "mode": "EcsRamRole""#, true),
            (r#", "mode": "OIDC""#, false),
            (r#", "mode": "another""#, false),
            (r#", "unknown": "a""#, true),
        ] {
            let content = format!(r#"{{"profiles": [{{"name": "a"{fields}}}]}}"#);
            let file = ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap();
            assert_eq!(file.is_configured(), expected, "{fields}");
        }
    }
}
