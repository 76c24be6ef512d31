//! The fields of a profile.

use std::fmt::{self, Display};

use serde_json::{Map, Value};

use super::ini;
use crate::credentials::error::{CredentialsError, FileFormat, ProfileError};
use crate::credentials::source::ProfileName;
use crate::env::boolean;
use crate::text::debug_quote;

/// A profile, whose fields have the names of the CLI. `Debug` shows its name only.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) name: ProfileName,
    /// The values in the file, with the keys of its format.
    pub(crate) values: Map<String, Value>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Profile").field(&self.name).finish()
    }
}

/// Returns text in a file. Blank text counts as absent.
///
/// # Errors
///
/// Returns the problem, as the end of a sentence.
pub(super) fn text(value: Option<&Value>) -> Result<Option<&str>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|it| !it.trim().is_empty())),
        Some(_) => Err("is not text"),
    }
}

impl Profile {
    /// Returns the error of this profile.
    pub(crate) fn error(&self, problem: ProfileError) -> CredentialsError {
        CredentialsError::Profile {
            profile: self.name.clone(),
            problem,
        }
    }

    /// Returns the error of an invalid field. `problem` is the end of a sentence.
    pub(crate) fn invalid(
        &self,
        field: &'static str,
        problem: impl Into<String>,
    ) -> CredentialsError {
        let problem = problem.into();
        self.error(ProfileError::Field { field, problem })
    }

    /// Returns the value of a field. An INI file can have several keys for it.
    fn value(&self, field: &str) -> Option<&Value> {
        match self.name.format {
            FileFormat::Json => self.values.get(field),
            FileFormat::Ini => ini::keys(field).find_map(|key| self.values.get(key)),
        }
    }

    /// Returns the text of a field. Blank text counts as absent.
    pub(crate) fn text(&self, field: &'static str) -> Result<Option<&str>, CredentialsError> {
        text(self.value(field)).map_err(|problem| self.invalid(field, problem))
    }

    /// Returns the text of a field, or the error that it is missing.
    pub(crate) fn required(&self, field: &'static str) -> Result<&str, CredentialsError> {
        let text = self.text(field)?;
        text.ok_or_else(|| self.error(ProfileError::NoField(field)))
    }

    /// Parses the text of a field.
    pub(crate) fn parsed<T, E: Display>(
        &self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, CredentialsError> {
        let parsed = self.text(field)?.map(parse).transpose();
        parsed.map_err(|error| self.invalid(field, format!("is invalid: {error}")))
    }

    /// Returns a field that is not text. `problem` is the end of a sentence about another type.
    pub(crate) fn typed<T>(
        &self,
        field: &'static str,
        convert: impl FnOnce(&Value) -> Option<T>,
        problem: &str,
    ) -> Result<Option<T>, CredentialsError> {
        let value = self.value(field).filter(|value| !value.is_null());
        let typed = value.map(|value| convert(value).ok_or_else(|| self.invalid(field, problem)));
        typed.transpose()
    }

    /// Returns an integer, in seconds.
    pub(crate) fn seconds(&self, field: &'static str) -> Result<Option<i64>, CredentialsError> {
        self.typed(field, Value::as_i64, "is not a number of seconds")
    }

    /// Returns the mode. Without one, the fields decide, as in the CLI.
    pub(crate) fn mode(&self) -> Result<&str, CredentialsError> {
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
            return match self.name.format {
                FileFormat::Json => Ok(mode),
                FileFormat::Ini => {
                    ini::mode(mode).ok_or_else(|| self.error(ProfileError::Mode(mode.to_owned())))
                }
            };
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
        let preferences: &[&str] = match self.name.format {
            FileFormat::Json => &["name", "mode", "region_id", "language", "output_format"],
            FileFormat::Ini => &["type", "enable", "region_id"],
        };
        let is_empty = |value: &Value| match value {
            Value::Null | Value::Bool(false) => true,
            Value::Bool(true) => false,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(entries) => entries.is_empty(),
            Value::Object(entries) => entries.is_empty(),
        };
        let mut values = self.values.iter();
        values.any(|(name, value)| !preferences.contains(&name.as_str()) && !is_empty(value))
            || self.mode() == Ok("EcsRamRole")
    }

    /// Checks that `enable` does not disable the INI section.
    pub(super) fn check_enabled(&self) -> Result<(), CredentialsError> {
        if self.name.format == FileFormat::Json {
            return Ok(());
        }
        let Some(word) = self.text("enable")? else {
            return Ok(());
        };
        match boolean(word) {
            Some(true) => Ok(()),
            Some(false) => Err(self.error(ProfileError::Disabled)),
            None => {
                let word = debug_quote(word);
                let problem = format!("is {word}, but must be \"true\" or \"false\"");
                Err(self.invalid("enable", problem))
            }
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
