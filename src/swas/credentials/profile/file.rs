//! The profiles of a file.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Field, Profile, ProfilePlace, ini};
use crate::swas::credentials::{ProfileProblem, Reason};
use crate::swas::json::{self, Unreadable};
use crate::swas::record::Record;

/// The profile that is used if neither the file nor a setting names one.
const USUAL_NAME: &str = "default";

/// Every profile of a file.
#[derive(Debug)]
pub(in crate::swas::credentials) struct ProfileFile {
    pub(super) path: PathBuf,
    pub(super) current: Field<String>,
    pub(in crate::swas::credentials) profiles: Vec<Profile>,
}

impl ProfileFile {
    /// JSON is told from INI by its name or its first character.
    pub(in crate::swas::credentials) fn parse(
        path: PathBuf,
        content: &[u8],
    ) -> Result<Self, Reason> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default)]
            current: Field<String>,
            profiles: Option<Vec<Record<Profile>>>,
        }
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json")
            || content.trim_ascii_start().starts_with(b"{");
        if !is_json {
            return ini::parse(&path, content);
        }
        let document: Document = json::read(content).map_err(|error| {
            let file = path.display();
            Reason::Malformed(match error {
                Unreadable::NotJson { line, column, .. } => {
                    format!("the file {file} is not valid JSON (line {line}, column {column})")
                }
                Unreadable::Unexpected(reason) => {
                    format!("the file {file} is not as the Alibaba Cloud CLI writes it: {reason}")
                }
            })
        })?;
        let profiles = document.profiles.into_iter().flatten();
        Ok(Self {
            current: document.current,
            profiles: profiles.map(|Record(profile)| profile).collect(),
            path,
        })
    }

    /// The profile that is meant, or else the current one.
    pub(in crate::swas::credentials) fn profile(
        &self,
        place: &ProfilePlace,
    ) -> Result<&Profile, Reason> {
        let name = place.name.as_ref().or(self.current.0.as_ref());
        self.named(name.map_or(USUAL_NAME, String::as_str))
    }

    pub(in crate::swas::credentials) fn named(&self, name: &str) -> Result<&Profile, Reason> {
        let found = self.profiles.iter().find(|profile| profile.name == name);
        found.ok_or_else(|| Reason::NoProfile {
            file: self.path.clone(),
            name: name.to_owned(),
        })
    }

    /// The reason why one of its profiles gives nothing.
    pub(in crate::swas::credentials) fn without(
        &self,
        profile: &Profile,
        problem: ProfileProblem,
    ) -> Reason {
        Reason::Profile {
            file: self.path.clone(),
            profile: profile.name.clone(),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swas::credentials::Environment;

    fn parse(name: &str, content: &str) -> Result<ProfileFile, Reason> {
        ProfileFile::parse(name.into(), content.as_bytes())
    }

    fn place(name: Option<&str>) -> ProfilePlace {
        ProfilePlace {
            file: None,
            name: name.map(str::to_owned),
            is_disabled: false,
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
            "the file config.json has no profile \"c\""
        );
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
