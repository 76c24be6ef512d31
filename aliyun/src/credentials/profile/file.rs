//! The profiles of a file.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::fields::{Profile, text};
use super::ini;
use crate::credentials::error::{CredentialsError, FileFormat, ProfileError};
use crate::credentials::source::ProfileName;
use crate::rpc::json::{self, JsonError};

/// The profile that is used if neither the file nor the configuration names one.
pub(super) const DEFAULT_NAME: &str = "default";

/// A file of profiles.
#[derive(Debug)]
pub(crate) struct ProfileFile {
    path: PathBuf,
    pub(super) current: Option<String>,
    pub(crate) profiles: Vec<Profile>,
}

impl ProfileFile {
    /// Parses a file, as JSON if its extension is `json` or its first character is `{`, and as
    /// INI otherwise. A byte order mark of UTF-8 is skipped.
    pub(crate) fn parse(path: PathBuf, content: &[u8]) -> Result<Self, CredentialsError> {
        // Without its byte order mark, UTF-16 has a NUL for each ASCII character.
        let is_utf16 = content.starts_with(b"\xFF\xFE") || content.starts_with(b"\xFE\xFF");
        let text = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
        let is_json = path.extension().is_some_and(|it| it == "json")
            || text.trim_ascii_start().starts_with(b"{");
        let parsed = if is_utf16 || content.contains(&0) {
            Err("is in UTF-16, but must be in UTF-8".to_owned())
        } else if is_json {
            parse_json(&path, text)
        } else {
            ini::parse(&path, text).map(|profiles| (None, profiles))
        };
        match parsed {
            Ok((current, profiles)) => Ok(Self {
                path,
                current,
                profiles,
            }),
            Err(problem) => Err(CredentialsError::malformed(path, problem)),
        }
    }

    /// Returns true if the file selects a profile, or has one that is configured and enabled.
    pub(crate) fn is_configured(&self) -> bool {
        let current = self.current.as_deref();
        let mut profiles = self.profiles.iter();
        current.is_some_and(|name| name != DEFAULT_NAME)
            || profiles.any(|profile| {
                let enabled = profile.check_enabled();
                let is_disabled = enabled.is_err_and(|error| error.is_not_configured());
                profile.is_configured() && !is_disabled
            })
    }

    /// Returns the profile of this name.
    pub(crate) fn named(&self, name: &str) -> Result<&Profile, CredentialsError> {
        let profiles = self.profiles.iter();
        let mut found = profiles.clone().filter(|profile| profile.name.name == name);
        let profile = found.next().ok_or_else(|| CredentialsError::NoProfile {
            file: self.path.clone(),
            name: name.to_owned(),
            others: profiles.map(|other| other.name.name.clone()).collect(),
            is_skipped: false,
        })?;
        if found.next().is_some() {
            return Err(profile.error(ProfileError::Duplicate));
        }
        profile.check_enabled().map(|()| profile)
    }
}

/// Parses the file of the CLI. Returns the name of the current profile, and the profiles.
///
/// # Errors
///
/// Returns the problem, as the end of a sentence about the file.
fn parse_json(path: &Path, content: &[u8]) -> Result<(Option<String>, Vec<Profile>), String> {
    let other_form =
        |reason: &str| format!("does not have the form of the Alibaba Cloud CLI: {reason}");
    let mut document: Map<String, Value> = json::read(content).map_err(|error| match error {
        JsonError::Syntax { line, column, .. } => {
            format!("is not valid JSON (line {line}, column {column})")
        }
        JsonError::Form(reason) => other_form(&reason),
    })?;
    let profiles = match document.remove("profiles") {
        Some(Value::Array(profiles)) => profiles,
        Some(Value::Null) => Vec::new(),
        Some(_) => return Err(other_form("\"profiles\" is not a list")),
        None if document.is_empty() => Vec::new(),
        None => return Err(other_form("it has no \"profiles\"")),
    };
    let mut found = Vec::new();
    for profile in profiles {
        let Value::Object(values) = profile else {
            return Err(other_form("a profile is not an object"));
        };
        let name = text(values.get("name"));
        let name = name.map_err(|_| other_form("a \"name\" is not text"))?;
        let name = ProfileName {
            file: path.to_owned(),
            format: FileFormat::Json,
            name: name.unwrap_or_default().to_owned(),
        };
        found.push(Profile { name, values });
    }
    // A key that is ignored because of its case could select another identity.
    let has_upper_case_key = |values: &Map<String, Value>| {
        let mut keys = values.keys();
        keys.any(|key| key.contains(|c: char| c.is_ascii_uppercase()))
    };
    if has_upper_case_key(&document)
        || found
            .iter()
            .any(|profile| has_upper_case_key(&profile.values))
    {
        return Err(other_form("its keys must be in lower case"));
    }
    let current = text(document.get("current"));
    let current = current.map_err(|_| other_form("\"current\" is not text"))?;
    Ok((current.map(str::to_owned), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, content: &str) -> Result<ProfileFile, CredentialsError> {
        ProfileFile::parse(name.into(), content.as_bytes())
    }

    #[test]
    fn mode_of_a_profile_without_one_follows_from_its_fields() {
        for (fields, expected) in [
            ("", "AK"),
            (r#", "mode": "", "sts_token": "", "ram_role_arn": """#, "AK"),
            (r#", "sts_token": "t", "access_key_id": "a""#, "StsToken"),
            (r#", "access_key_id": "a", "ram_role_arn": "a""#, "AK"),
            (r#", "mode": "EcsRamRole", "sts_token": "t""#, "EcsRamRole"),
            (
                r#", "process_command": "a", "access_key_id": "a""#,
                "External",
            ),
            (
                r#", "ram_role_name": "a", "access_key_id": "a""#,
                "EcsRamRole",
            ),
            (r#", "oidc_token_file": "a", "ram_role_arn": "a""#, "OIDC"),
            (r#", "oidc_token": "a", "ram_role_arn": "a""#, "OIDC"),
            (
                r#", "cloud_sso_sign_in_url": "a", "sts_token": "a""#,
                "CloudSSO",
            ),
        ] {
            let content = format!(r#"{{"profiles": [{{"name": "a"{fields}}}]}}"#);
            let file = parse("config.json", &content).unwrap();
            assert_eq!(file.named("a").unwrap().mode(), Ok(expected), "{fields}");
        }
    }

    #[test]
    fn missing_profile_error_lists_the_others() {
        let many: Vec<_> = (0..12).map(|number| number.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        for (names, expected) in [
            (&[][..], ""),
            (&["prod"], ", only \"prod\""),
            (
                &["a", "Default"],
                ", only \"a\", \"Default\" (names are case-sensitive)",
            ),
            (
                &many,
                ", only \"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\" \
                 and 2 more",
            ),
        ] {
            let sections = names.iter().map(|name| format!("[{name}]\n"));
            let file = parse("credentials.ini", &sections.collect::<String>()).unwrap();
            assert_eq!(
                file.named("default").unwrap_err().to_string(),
                format!("the file credentials.ini has no profile \"default\"{expected}")
            );
        }
    }

    #[test]
    fn byte_order_mark_is_skipped_and_utf_16_is_an_error() {
        let ini = "[default]\naccess_key_id = a\n";
        let json = r#"{"profiles": [{"name": "default"}]}"#;
        for (name, text) in [
            ("credentials", ini),
            ("credentials", json),
            ("a.json", json),
        ] {
            let file = parse(name, &format!("\u{feff}{text}")).unwrap();
            assert_eq!(file.profiles.len(), 1, "{name}");
            let units: Vec<_> = text.encode_utf16().collect();
            let little: Vec<_> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<_> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for content in [
                [b"\xFF\xFE", &little[..]].concat(),
                [b"\xFE\xFF", &big[..]].concat(),
                little,
                big,
            ] {
                let error = ProfileFile::parse(name.into(), &content).unwrap_err();
                let expected = format!("the file {name} is in UTF-16, but must be in UTF-8");
                assert_eq!(error.to_string(), expected);
            }
        }
    }

    #[test]
    fn malformed_file_error_names_the_file_and_does_not_quote_it() {
        for (content, expected) in [
            (
                "{\"goldfish\": ",
                "the file config.json is not valid JSON (line 1, column 13)",
            ),
            (
                "goldfish",
                "the file config.json is not valid JSON (line 1, column 1)",
            ),
            (
                "[\"goldfish\"]",
                "the file config.json does not have the form of the Alibaba Cloud CLI: it is a \
                 list",
            ),
            (
                r#"{"profiles": ["goldfish"]}"#,
                "the file config.json does not have the form of the Alibaba Cloud CLI: a profile \
                 is not an object",
            ),
        ] {
            let error = parse("config.json", content).unwrap_err().to_string();
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn debug_output_is_redacted() {
        let content = r#"{"profiles": [{"access_key_secret": "goldfish", "sts_token": "goldfish",
            "process_command": "sso --password goldfish", "access_token": "goldfish",
            "oauth_access_token": "goldfish", "oauth_refresh_token": "goldfish"}]}"#;
        let shown = format!("{:?}", parse("config.json", content).unwrap());
        assert!(!shown.contains("goldfish"), "{shown}");
    }

    #[test]
    fn section_is_enabled_unless_a_boolean_disables_it() {
        for (line, expected) in [
            ("", ""),
            ("enable =", ""),
            ("enable = Yes", ""),
            ("enable = on", ""),
            (
                "enable = 0",
                "the profile \"default\" of credentials.ini is disabled by \"enable\"",
            ),
            (
                "enable = maybe",
                "\"enable\" of the profile \"default\" of credentials.ini is \"maybe\", but must \
                 be \"true\" or \"false\"",
            ),
        ] {
            let text = format!("[default]\n{line}\naccess_key_id = a\n");
            let file = parse("credentials.ini", &text).unwrap();
            let error = file.named("default").err().map(|error| error.to_string());
            assert_eq!(error.unwrap_or_default(), expected, "{line}");
        }
    }
}
