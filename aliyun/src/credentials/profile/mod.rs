//! Profiles: named sets of credentials in a file, as the Alibaba Cloud CLI
//! keeps them in JSON and the SDKs in INI.
//!
//! reqsign's own providers know plain keys alone, and give nothing, without a
//! word, where a file, a profile or a field is missing.

mod configured;
mod field;
mod file;
mod ini;

use std::sync::{Arc, OnceLock};

use secrecy::SecretString;
use serde::Deserialize;

use super::{Environment, ProfileProblem, Reason, files};
use crate::env::{PROFILES_DISABLED, PROFILES_IGNORED};
use crate::rpc::region::RegionId;

use field::Field;

pub(crate) use file::ProfileFile;

pub use super::variables::{CLI_FILE, PROFILE, SHARED_FILE};

/// Where the CLI keeps its profiles.
const USUAL_FILE: &str = "~/.aliyun/config.json";

/// Which profile of which file.
#[derive(Clone, Debug)]
pub struct ProfilePlace {
    file: Option<String>,
    name: Option<String>,
    /// The variable that disables the CLI's file.
    disabled_by: Option<&'static str>,
    /// The profile that was used first, if none is named. The CLI may make another one
    /// the current one meanwhile, which may be another identity.
    first: Arc<OnceLock<String>>,
    environment: Environment,
}

impl ProfilePlace {
    /// The profile `name` of `file`. What is not given is taken from the
    /// environment, and else it is the CLI's own file and its current profile.
    pub fn new(file: Option<String>, name: Option<String>, environment: &Environment) -> Self {
        let [shared_file, cli_file] =
            [SHARED_FILE, CLI_FILE].map(|variable| environment.get(variable));
        // The first of them need not be the CLI's.
        let is_named = file.is_some() || name.is_some() || shared_file.is_some();
        let mut switches = [PROFILES_DISABLED, PROFILES_IGNORED].into_iter();
        let disabled_by = switches.find(|switch| !is_named && environment.is_on(switch));
        Self {
            disabled_by,
            file: file.or(shared_file).or(cli_file),
            name: name.or_else(|| environment.get(PROFILE)),
            first: Arc::default(),
            environment: environment.clone(),
        }
    }

    /// The file as it was named.
    pub fn file(&self) -> &str {
        self.file.as_deref().unwrap_or(USUAL_FILE)
    }

    /// The profile, if somebody named it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same profile in a file that is not the CLI's.
    pub(crate) fn in_file(&self, file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            disabled_by: None,
            first: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether somebody named the file, and it is to be used.
    pub fn names_a_file(&self) -> bool {
        self.file.is_some() && !self.is_disabled()
    }

    /// Whether a variable keeps it from being used.
    pub fn is_disabled(&self) -> bool {
        self.disabled_by.is_some()
    }

    /// Whether somebody named the profile.
    pub fn names_a_profile(&self) -> bool {
        self.name.is_some()
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The region that the profile comes with.
    pub(crate) async fn region(&self) -> Result<RegionId, Reason> {
        let file = self.read().await?;
        let profile = file.profile(self)?;
        let region = match &profile.region_id.0 {
            None => Err(ProfileProblem::NoField("region_id")),
            Some(region) => region.parse().map_err(|error| {
                let problem = format!("is {region:?}, but {error}");
                ProfileProblem::field("region_id", problem)
            }),
        };
        region.map_err(|problem| file.without(profile, problem))
    }

    /// What the file holds now: others may change it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not to be.
    pub(crate) async fn read(&self) -> Result<ProfileFile, Reason> {
        if let Some(by) = self.disabled_by {
            return Err(Reason::TurnedOff {
                what: "the CLI's file",
                by,
            });
        }
        let path = self.environment.expand(self.file())?;
        let content = files::read(&path).await?;
        ProfileFile::parse(path, &content)
    }
}

/// A profile, as the CLI writes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) mode: Field<String>,
    region_id: Field<String>,
    pub(crate) access_key_id: Field<String>,
    pub(crate) access_key_secret: Field<SecretString>,
    pub(crate) sts_token: Field<SecretString>,
    /// When the keys of a sign-in end, in seconds since 1970.
    pub(crate) sts_expiration: Option<i64>,
    pub(crate) sts_region: Field<String>,
    pub(crate) sts_endpoint: Field<String>,
    /// Whether the STS for virtual private clouds is asked.
    pub(crate) enable_vpc: Option<bool>,
    pub(crate) ram_role_name: Field<String>,
    pub(crate) ram_role_arn: Field<String>,
    pub(crate) ram_session_name: Field<String>,
    pub(crate) expired_seconds: Option<u32>,
    pub(crate) policy: Field<String>,
    pub(crate) external_id: Field<String>,
    pub(crate) source_profile: Field<String>,
    pub(crate) oidc_provider_arn: Field<String>,
    pub(crate) oidc_token_file: Field<String>,
    pub(crate) credentials_uri: Field<String>,
    pub(crate) process_command: Field<SecretString>,
    pub(crate) oauth_site_type: Field<String>,
    pub(crate) oauth_access_token: Field<SecretString>,
    /// When it ends, in seconds since 1970.
    pub(crate) oauth_access_token_expire: Option<i64>,
    pub(crate) cloud_sso_sign_in_url: Field<String>,
    pub(crate) cloud_sso_account_id: Field<String>,
    pub(crate) cloud_sso_access_config: Field<String>,
    /// That of CloudSSO.
    pub(crate) access_token: Field<SecretString>,
    /// When it ends, in seconds since 1970.
    pub(crate) cloud_sso_access_token_expire: Option<i64>,
    /// Only in what an external command prints.
    pub(crate) expiration: Field<String>,
    /// Only in an INI file.
    #[serde(skip)]
    enable: Field<String>,
    /// Whether every field is empty that is no preference.
    #[serde(skip)]
    is_empty: bool,
}
