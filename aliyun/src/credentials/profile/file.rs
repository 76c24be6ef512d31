//! The profiles of a file.

use std::iter::repeat;
use std::path::PathBuf;

use serde::Deserialize;

use super::configured::{are_empty, check_keys};
use super::{Field, Profile, ProfilePlace, ini};
use crate::credentials::{ProfileProblem, Reason};
use crate::rpc::json::{self, Unreadable};
use crate::rpc::strict::StrictObject;

/// The profile that is used if neither the file nor a setting names one.
const USUAL_NAME: &str = "default";

/// Every profile of a file.
#[derive(Debug)]
pub(crate) struct ProfileFile {
    pub(crate) path: PathBuf,
    pub(crate) current: Field<String>,
    pub(crate) profiles: Vec<Profile>,
}

impl ProfileFile {
    /// JSON is told from INI by its name or its first character. A byte order mark of
    /// UTF-8 is skipped.
    pub(crate) fn parse(path: PathBuf, content: &[u8]) -> Result<Self, Reason> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default)]
            current: Field<String>,
            profiles: Option<Vec<StrictObject<Profile>>>,
        }

        // Without its byte order mark, UTF-16 has a NUL for each ASCII character.
        let is_utf16 = content.starts_with(b"\xFF\xFE") || content.starts_with(b"\xFE\xFF");
        if is_utf16 || content.contains(&0) {
            let file = path.display();
            let problem = format!("the file {file} is in UTF-16, and has to be in UTF-8");
            return Err(Reason::Malformed(problem));
        }
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json")
            || content.trim_ascii_start().starts_with(b"{");
        if !is_json {
            return ini::parse(&path, content);
        }
        let other_form = |reason: &str| {
            let file = path.display();
            let problem =
                format!("the file {file} is not as the Alibaba Cloud CLI writes it: {reason}");
            Reason::Malformed(problem)
        };
        let document: Document = json::read(content).map_err(|error| match error {
            Unreadable::NotJson { line, column, .. } => {
                let file = path.display();
                Reason::Malformed(format!(
                    "the file {file} is not valid JSON (line {line}, column {column})"
                ))
            }
            Unreadable::Unexpected(reason) => other_form(&reason),
        })?;
        check_keys(content).map_err(other_form)?;
        let profiles = document.profiles.into_iter().flatten();
        // A profile that could not be read once more counts as configured.
        let are_empty = are_empty(content).into_iter().chain(repeat(false));
        let profiles = profiles.zip(are_empty);
        let profiles = profiles.map(|(StrictObject(profile), is_empty)| Profile {
            is_empty,
            ..profile
        });
        Ok(Self {
            current: document.current,
            profiles: profiles.collect(),
            path,
        })
    }

    /// Whether it chooses a profile, or has one that is configured and enabled.
    pub(crate) fn is_configured(&self) -> bool {
        let current = self.current.0.as_deref();
        let mut profiles = self.profiles.iter();
        current.is_some_and(|name| name != USUAL_NAME)
            || profiles.any(|profile| {
                let is_disabled = profile.check_enabled() == Err(ProfileProblem::Disabled);
                profile.is_configured() && !is_disabled
            })
    }

    /// The profile that is meant, or else the current one.
    pub(crate) fn profile(&self, place: &ProfilePlace) -> Result<&Profile, Reason> {
        let named = place.name.as_ref().or(place.first.get());
        let name = named.or(self.current.0.as_ref());
        let profile = self.named(name.map_or(USUAL_NAME, String::as_str))?;
        place.first.get_or_init(|| profile.name.clone());
        Ok(profile)
    }

    pub(crate) fn named(&self, name: &str) -> Result<&Profile, Reason> {
        let mut found = self.profiles.iter().filter(|profile| profile.name == name);
        let profile = found.next().ok_or_else(|| Reason::NoProfile {
            file: self.path.clone(),
            name: name.to_owned(),
            others: self
                .profiles
                .iter()
                .map(|other| other.name.clone())
                .collect(),
        })?;
        if found.next().is_some() {
            return Err(self.without(profile, ProfileProblem::Duplicate));
        }
        match profile.check_enabled() {
            Ok(()) => Ok(profile),
            Err(problem) => Err(self.without(profile, problem)),
        }
    }

    /// The reason why what one of its profiles names gives nothing.
    pub(crate) fn failed(&self, profile: &Profile, failure: Reason) -> Reason {
        Reason::OfProfile {
            file: self.path.clone(),
            profile: profile.name.clone(),
            failure: Box::new(failure),
        }
    }

    /// The reason why one of its profiles gives nothing.
    pub(crate) fn without(&self, profile: &Profile, problem: ProfileProblem) -> Reason {
        Reason::Profile {
            file: self.path.clone(),
            profile: profile.name.clone(),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::credentials::Environment;

    fn parse(name: &str, content: &str) -> Result<ProfileFile, Reason> {
        ProfileFile::parse(name.into(), content.as_bytes())
    }

    fn place(name: Option<&str>) -> ProfilePlace {
        ProfilePlace {
            file: None,
            name: name.map(str::to_owned),
            disabled_by: None,
            first: Arc::default(),
            environment: Environment::of_process(),
        }
    }

    #[test]
    fn the_named_profile_is_found_or_else_the_current_one_or_else_the_default_one() {
        let profiles = r#""profiles": [{"name": "default"}, {"name": "a"}, {"name": "b"}]"#;
        let current = format!(r#"{{"current": "a", {profiles}}}"#);
        let without = format!("{{{profiles}}}");
        for (content, name, expected) in [
            (&current, Some("b"), "b"),
            (&current, None, "a"),
            (&without, None, "default"),
        ] {
            let file = parse("config.json", content).unwrap();
            assert_eq!(file.profile(&place(name)).unwrap().name, expected);
        }
        let file = parse("config.json", &current).unwrap();
        assert_eq!(
            file.profile(&place(Some("c"))).unwrap_err().to_string(),
            "the file config.json has no profile \"c\", only \"default\", \"a\", \"b\""
        );
    }

    #[test]
    fn a_missing_profile_is_told_with_those_there_are() {
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
    fn a_byte_order_mark_is_skipped_and_utf_16_is_an_error() {
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
                let expected = format!("the file {name} is in UTF-16, and has to be in UTF-8");
                assert_eq!(error.to_string(), expected);
            }
        }
    }

    #[test]
    fn a_malformed_file_is_named_and_not_quoted() {
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
                "the file config.json is not as the Alibaba Cloud CLI writes it: it is a list",
            ),
            (
                r#"{"profiles": [{"access_key_secret": ["goldfish"]}]}"#,
                "the file config.json is not as the Alibaba Cloud CLI writes it: \
                 profiles[0].access_key_secret is a list",
            ),
        ] {
            let error = parse("config.json", content).unwrap_err().to_string();
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let content = r#"{"profiles": [{"access_key_secret": "goldfish", "sts_token": "goldfish",
            "process_command": "sso --password goldfish", "access_token": "goldfish",
            "oauth_access_token": "goldfish", "oauth_refresh_token": "goldfish"}]}"#;
        let shown = format!("{:?}", parse("config.json", content).unwrap());
        assert!(!shown.contains("goldfish"), "{shown}");
    }
}
