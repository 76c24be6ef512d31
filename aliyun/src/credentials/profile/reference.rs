//! The profile that is used.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::{Profile, ProfileFile};
use crate::credentials::error::{CredentialsErrorKind, ProfileError};
use crate::credentials::read_limited;
use crate::env::{
    CLI_FILE, Environment, PROFILE, PROFILES_DISABLED, PROFILES_IGNORED, SHARED_FILE,
};
use crate::rpc::region::RegionId;
use crate::text::debug_quote;

/// Default file of the CLI.
const DEFAULT_FILE: &str = "~/.aliyun/config.json";

/// The SDKs' INI files: that of Java and Python, and that of Go.
pub(crate) const INI_FILES: [&str; 2] = [
    "~/.alibabacloud/credentials.ini",
    "~/.alibabacloud/credentials",
];

/// Name and file of the profile that is used.
#[derive(Clone, Debug)]
pub struct ProfileRef {
    file: Option<String>,
    name: Option<String>,
    /// The variable that disables the CLI's file.
    disabled_by: Option<&'static str>,
    /// The profile that was used first, if none is named. The CLI can select another
    /// current profile meanwhile, which could be another identity.
    pub(super) first: Arc<OnceLock<String>>,
    environment: Environment,
}

impl ProfileRef {
    /// The profile `name` of `file`. Defaults to the environment, then to the CLI's file and
    /// the current profile in it.
    pub fn new(file: Option<String>, name: Option<String>, environment: &Environment) -> Self {
        let variable = match file {
            Some(_) => None,
            None => environment.find(&[SHARED_FILE, CLI_FILE]),
        };
        // A file of the SDKs is not the CLI's.
        let is_shared = variable
            .as_ref()
            .is_some_and(|file| file.current == SHARED_FILE);
        let is_explicit = file.is_some() || name.is_some() || is_shared;
        let mut switches = [PROFILES_DISABLED, PROFILES_IGNORED].into_iter();
        Self {
            disabled_by: switches.find(|switch| !is_explicit && environment.is_on(switch)),
            file: file.or_else(|| variable.map(|file| file.value.to_owned())),
            name: name.or_else(|| environment.get(PROFILE).map(str::to_owned)),
            first: Arc::default(),
            environment: environment.clone(),
        }
    }

    /// The same profile in another file, which is not the CLI's.
    pub(crate) fn in_file(&self, file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            disabled_by: None,
            first: Arc::default(),
            ..self.clone()
        }
    }

    /// Returns the name of the profile, if it is explicit.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns true if the configuration or the environment names the file, and it is not
    /// disabled.
    pub fn has_explicit_file(&self) -> bool {
        self.file.is_some() && self.disabled_by.is_none()
    }

    /// Returns true if the configuration or the environment names the profile.
    pub fn has_explicit_name(&self) -> bool {
        self.name.is_some()
    }

    /// Returns the region of the profile. If no file is named and the CLI's is not configured,
    /// the SDKs' INI files follow, as in the default chain.
    pub(crate) async fn region(&self) -> Result<RegionId, CredentialsErrorKind> {
        let region = self.own_region().await;
        match &region {
            Err(kind) if !self.has_explicit_file() && kind.is_not_configured() => {}
            _ => return region,
        }
        for file in INI_FILES {
            match self.in_file(file).own_region().await {
                Err(kind) if kind.is_not_configured() => {}
                found => return found,
            }
        }
        region
    }

    async fn own_region(&self) -> Result<RegionId, CredentialsErrorKind> {
        let file = self.read().await?;
        let profile = file.profile(self)?;
        region(profile).map_err(|problem| {
            let is_unset = matches!(problem, ProfileError::NoField(_));
            let problem = match problem {
                _ if is_unset && !profile.is_configured() => ProfileError::Unconfigured,
                problem => problem,
            };
            file.profile_error(profile, problem)
        })
    }

    /// Reads the file. Other programs can change it, so that each fetch reads it.
    pub(crate) async fn read(&self) -> Result<ProfileFile, CredentialsErrorKind> {
        if let Some(by) = self.disabled_by {
            return Err(CredentialsErrorKind::Disabled {
                what: "the CLI's file",
                by,
            });
        }
        let path: PathBuf = self
            .environment
            .expand(self.file.as_deref().unwrap_or(DEFAULT_FILE))?;
        let content = read_limited::read(&path).await?;
        ProfileFile::parse(path, &content)
    }
}

fn region(profile: &Profile) -> Result<RegionId, ProfileError> {
    let region = profile.region_id.required("region_id")?;
    region.parse().map_err(|error| {
        let problem = format!("is {}, but {error}", debug_quote(region));
        ProfileError::field("region_id", problem)
    })
}
