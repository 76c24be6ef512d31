//! Distinguishes configured profiles from those with only preferences.

use serde_json::{Map, Value};

use super::fields::Profile;
use crate::credentials::error::ProfileError;
use crate::env::boolean;
use crate::text::debug_quote;

/// Fields that do not configure a profile.
pub(super) const PREFERENCES: [&str; 5] =
    ["name", "mode", "region_id", "language", "output_format"];

impl Profile {
    /// Returns true if the profile describes credentials. The CLI writes one that does not
    /// on its first run. `EcsRamRole` requires no field.
    pub(crate) fn is_configured(&self) -> bool {
        !self.is_empty || self.mode() == "EcsRamRole"
    }

    /// Checks that `enable` does not disable the profile.
    pub(super) fn check_enabled(&self) -> Result<(), ProfileError> {
        let Some(word) = &self.enable.0 else {
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

/// Checks that a JSON file, unless it is empty, has profiles, and that no key is ignored
/// because of its case.
///
/// # Errors
///
/// Returns the problem, as a clause about the file as "it".
pub(super) fn check_keys(document: &Map<String, Value>) -> Result<(), &'static str> {
    if !document.is_empty() && !document.contains_key("profiles") {
        return Err("it has no \"profiles\"");
    }
    let mut keys = profiles(document)
        .flat_map(Map::keys)
        .chain(document.keys());
    if keys.any(|key| key.contains(|c: char| c.is_ascii_uppercase())) {
        return Err("its keys must be in lower case");
    }
    Ok(())
}

/// Returns for each profile of a JSON file whether no field but [`PREFERENCES`] has a
/// value, unknown fields included.
pub(super) fn are_empty(document: &Map<String, Value>) -> impl Iterator<Item = bool> {
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(entries) => entries.is_empty(),
    };
    let is_preference = |name: &String| PREFERENCES.contains(&name.as_str());
    profiles(document).map(move |fields| {
        let mut fields = fields.iter();
        fields.all(|(name, value)| is_preference(name) || is_empty(value))
    })
}

fn profiles(document: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let profiles = document.get("profiles").and_then(Value::as_array);
    profiles.into_iter().flatten().filter_map(Value::as_object)
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
            (r#", "mode": "EcsRamRole""#, true),
            (r#", "mode": "OIDC""#, false),
            (r#", "mode": "another""#, false),
            (r#", "unknown": "a""#, true),
            (r#", "unknown": 1e999"#, true),
        ] {
            let content = format!(r#"{{"profiles": [{{"name": "a"{fields}}}]}}"#);
            let file = ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap();
            assert_eq!(file.is_configured(), expected, "{fields}");
        }
    }
}
