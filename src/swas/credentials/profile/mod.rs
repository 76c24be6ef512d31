//! Profiles: named sets of credentials in a file, as the Alibaba Cloud CLI
//! keeps them in JSON and the SDKs in INI.
//!
//! - [`modes`]: what each kind of profile means
//! - [`ini`]: the INI file
//!
//! reqsign's own providers know plain keys alone, and give nothing, without a
//! word, where a file, a profile or a field is missing.

mod ini;
mod modes;

use std::path::PathBuf;

use reqsign_core::{Context, ProvideCredential, Result};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Credentials, Environment, Provider, Reason, files};
use crate::swas::json::{self, Unreadable};
use crate::swas::record::Record;
use crate::swas::region::RegionId;
use crate::swas::sts::Sts;

/// Where the CLI keeps its profiles.
const USUAL_FILE: &str = "~/.aliyun/config.json";

/// The variable that names another file.
pub const FILE_VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";

/// The variable that names a profile.
pub const NAME_VARIABLE: &str = "ALIBABA_CLOUD_PROFILE";

/// The profile that is meant where neither the file nor anybody else names one.
const USUAL_NAME: &str = "default";

/// Which profile of which file.
#[derive(Clone, Debug)]
pub struct ProfilePlace {
    file: Option<String>,
    name: Option<String>,
    environment: Environment,
}

impl ProfilePlace {
    /// The profile `name` of `file`. What is not given is taken from the
    /// environment, and else it is the CLI's own file and its current profile.
    #[must_use]
    pub fn new(file: Option<String>, name: Option<String>, environment: &Environment) -> Self {
        Self {
            file: file.or_else(|| environment.get(FILE_VARIABLE)),
            name: name.or_else(|| environment.get(NAME_VARIABLE)),
            environment: environment.clone(),
        }
    }

    /// The same profile in another file.
    pub(super) fn in_file(&self, file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..self.clone()
        }
    }

    /// Whether somebody named the file.
    pub(super) fn names_a_file(&self) -> bool {
        self.file.is_some()
    }

    /// Whether somebody named the profile.
    pub(super) fn names_a_profile(&self) -> bool {
        self.name.is_some()
    }

    /// The region that the profile comes with.
    pub(super) async fn region(&self) -> std::result::Result<RegionId, Reason> {
        let file = self.read().await?;
        let profile = file.profile(self.name.as_deref())?;
        let region = profile.required("region_id", profile.region_id.as_ref())?;
        region
            .parse()
            .map_err(|error| profile.invalid("region_id", format!("is {region:?}, but {error}")))
    }

    async fn read(&self) -> std::result::Result<ProfileFile, Reason> {
        let file = self.file.as_deref().unwrap_or(USUAL_FILE);
        let path = self.environment.expand(file)?;
        let content = files::read(&path).await?;
        ProfileFile::parse(path, &content)
    }
}

/// Every profile of a file.
#[derive(Debug)]
struct ProfileFile {
    path: PathBuf,
    current: Option<String>,
    profiles: Vec<Profile>,
}

/// A profile, as the CLI writes it. What is empty counts as absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Profile {
    /// Where it is from.
    #[serde(skip)]
    path: PathBuf,
    name: String,
    mode: Option<String>,
    region_id: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<SecretString>,
    sts_token: Option<SecretString>,
    sts_region: Option<String>,
    ram_role_name: Option<String>,
    ram_role_arn: Option<String>,
    ram_session_name: Option<String>,
    expired_seconds: Option<u32>,
    policy: Option<String>,
    external_id: Option<String>,
    #[serde(rename = "source_profile")]
    source: Option<String>,
    oidc_provider_arn: Option<String>,
    oidc_token_file: Option<String>,
    credentials_uri: Option<String>,
    process_command: Option<SecretString>,
    /// Only in what an external command prints.
    expiration: Option<String>,
}

impl ProfileFile {
    /// JSON is told from INI by its name or its first character.
    fn parse(path: PathBuf, content: &[u8]) -> std::result::Result<Self, Reason> {
        #[derive(Deserialize)]
        struct Document {
            current: Option<String>,
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
                Unreadable::NotJson { line, column } => {
                    format!("the file {file} is not valid JSON (line {line}, column {column})")
                }
                Unreadable::Unexpected(reason) => {
                    format!("the file {file} is not as the Alibaba Cloud CLI writes it: {reason}")
                }
            })
        })?;
        let profiles = document.profiles.into_iter().flatten();
        Ok(Self {
            current: document.current.filter(|name| !name.is_empty()),
            profiles: profiles
                .map(|Record(profile)| Profile {
                    path: path.clone(),
                    ..profile
                })
                .collect(),
            path,
        })
    }

    fn profile(&self, name: Option<&str>) -> std::result::Result<&Profile, Reason> {
        let name = name.or(self.current.as_deref()).unwrap_or(USUAL_NAME);
        let found = self.profiles.iter().find(|profile| profile.name == name);
        found.ok_or_else(|| Reason::NoProfile {
            file: self.path.clone(),
            name: name.to_owned(),
        })
    }
}

/// What a profile may need to give credentials.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub(super) environment: Environment,
    pub(super) sts: Sts,
}

/// The credentials of a profile. The file is read at each fetch: others may
/// have changed it.
#[derive(Debug)]
pub(super) struct ProfileCredentials {
    pub(super) place: ProfilePlace,
    pub(super) tools: Tools,
}

impl ProfileCredentials {
    async fn provider(&self) -> std::result::Result<Provider, Reason> {
        let file = self.place.read().await?;
        let profile = file.profile(self.place.name.as_deref())?;
        profile.provider(&file, &self.tools)
    }
}

impl ProvideCredential for ProfileCredentials {
    type Credential = Credentials;

    async fn provide_credential(&self, context: &Context) -> Result<Option<Credentials>> {
        let provider = self.provider().await?;
        provider.provide_credential_dyn(context).await
    }
}

/// What gives the credentials that an external command printed as a profile.
///
/// # Errors
///
/// What is wrong with the output, as the end of a sentence.
pub(super) fn provider_of_output(
    output: &[u8],
    tools: &Tools,
) -> std::result::Result<Provider, String> {
    let profile: Profile = json::read(output).map_err(|error| match error {
        Unreadable::NotJson { .. } => "printed something that is not JSON".to_owned(),
        Unreadable::Unexpected(reason) => {
            format!("printed something that is no profile: {reason}")
        }
    })?;
    profile
        .provider_of_command(tools)
        .map_err(|reason| match reason {
            Reason::NoField { field, .. } => format!("printed no {field:?}"),
            Reason::Mode { mode, .. } => {
                format!("printed a profile of the mode {mode:?}, which is not supported")
            }
            Reason::Field { field, problem, .. } => format!("printed {field:?}, which {problem}"),
            reason => format!("printed a profile that cannot be used: {reason}"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, content: &str) -> std::result::Result<ProfileFile, Reason> {
        ProfileFile::parse(name.into(), content.as_bytes())
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
            assert_eq!(file.profile(name).unwrap().name, expected);
        }
        let error = parse("config.json", &current).unwrap();
        assert_eq!(
            error.profile(Some("c")).unwrap_err().to_string(),
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
            "process_command": "sso --password goldfish"}]}"#;
        let shown = format!("{:?}", parse("config.json", content).unwrap());
        assert!(!shown.contains("goldfish"), "{shown}");
    }
}
