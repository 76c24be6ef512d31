//! The name of a profile and its file.

use std::sync::{Arc, OnceLock};

use super::fields::Profile;
use super::file::{DEFAULT_NAME, ProfileFile};
use crate::credentials::error::{CredentialsError, ProfileError, SourceKind};
use crate::env::{
    CLI_FILE, Environment, PROFILE, PROFILES_DISABLED, PROFILES_IGNORED, SHARED_FILE,
};
use crate::rpc::region::RegionId;
use crate::text::debug_quote;

/// Default file of the CLI.
const DEFAULT_FILE: &str = "~/.aliyun/config.json";

/// The SDKs' INI files: that of Java and Python, and that of Go.
const INI_FILES: [&str; 2] = [
    "~/.alibabacloud/credentials.ini",
    "~/.alibabacloud/credentials",
];

/// Name and file of the profile that is used.
#[derive(Clone, Debug)]
pub struct ProfileRef {
    file: Option<String>,
    name: Option<String>,
    /// The variable that names the profile.
    name_variable: Option<String>,
    /// The variable that disables the CLI's file.
    disabled_by: Option<String>,
    /// True if neither the configuration nor the environment names the profile or its file.
    pub(crate) is_default: bool,
    /// The profile that was used first, if none is named. The CLI can select another
    /// current profile meanwhile, which could be another identity.
    first: Arc<OnceLock<String>>,
    environment: Environment,
}

impl ProfileRef {
    /// Refers to the profile `name` of `file`. Defaults to the environment, then to the CLI's
    /// file and the current profile in it.
    pub fn new(file: Option<String>, name: Option<String>, environment: &Environment) -> Self {
        let variable = match file {
            Some(_) => None,
            None => environment.find(&[SHARED_FILE, CLI_FILE]),
        };
        let name_variable = match name {
            Some(_) => None,
            None => environment.find(&[PROFILE]),
        };
        // A file of the SDKs is not the CLI's.
        let is_shared = variable
            .as_ref()
            .is_some_and(|file| file.current == SHARED_FILE);
        let is_explicit = file.is_some() || name.is_some() || is_shared;
        let mut switches = [PROFILES_DISABLED, PROFILES_IGNORED].into_iter();
        let mut profile = Self {
            disabled_by: if is_explicit {
                None
            } else {
                let variable = switches.find_map(|switch| environment.switched_on(switch));
                variable.map(|variable| variable.name)
            },
            file: file.or_else(|| variable.map(|file| file.value.to_owned())),
            name_variable: name_variable.as_ref().map(|variable| variable.name.clone()),
            name: name.or_else(|| name_variable.map(|variable| variable.value.to_owned())),
            is_default: false,
            first: Arc::default(),
            environment: environment.clone(),
        };
        profile.is_default = profile.name.is_none() && !profile.has_explicit_file();
        profile
    }

    /// Returns the same profile in the file that is configured or, if none is, in the CLI's and
    /// in the SDKs' INI files.
    pub(crate) fn in_files(&self) -> Vec<(SourceKind, Self)> {
        let mut files = vec![(SourceKind::Profile, self.clone())];
        if !self.has_explicit_file() {
            let in_file = |file: &str| Self {
                file: Some(file.to_owned()),
                disabled_by: None,
                first: Arc::default(),
                ..self.clone()
            };
            files.extend(INI_FILES.map(|file| (SourceKind::IniFile, in_file(file))));
        }
        files
    }

    /// Returns true if the configuration or the environment names the file, and it is not
    /// disabled.
    pub(crate) fn has_explicit_file(&self) -> bool {
        self.file.is_some() && self.disabled_by.is_none()
    }

    /// Returns the variable that names the profile, if the configuration does not.
    pub(crate) fn name_variable(&self) -> Option<&str> {
        self.name_variable.as_deref()
    }

    /// Returns the named profile of a file, or else its current one.
    pub(crate) fn select<'a>(
        &self,
        file: &'a ProfileFile,
    ) -> Result<&'a Profile, CredentialsError> {
        let named = self.name.as_ref().or(self.first.get());
        let name = named.or(file.current.as_ref());
        let mut found = file.named(name.map_or(DEFAULT_NAME, String::as_str));
        if let Err(CredentialsError::NoProfile { is_skipped, .. }) = &mut found {
            *is_skipped = self.name.is_some() || !file.is_configured();
        }
        let profile = found?;
        self.first.get_or_init(|| profile.name.name.clone());
        Ok(profile)
    }

    /// Returns the region of the profile in the first file that is configured, as the default
    /// chain does.
    pub(crate) async fn region(&self) -> Result<RegionId, CredentialsError> {
        let mut first = None;
        for (_, profile) in self.in_files() {
            match profile.region_in_file().await {
                Err(error) if error.is_not_configured() => first = first.or(Some(error)),
                found => return found,
            }
        }
        // There is at least one file.
        Err(first.unwrap_or(CredentialsError::NotSet("no file is configured")))
    }

    async fn region_in_file(&self) -> Result<RegionId, CredentialsError> {
        let file = self.read().await?;
        let profile = self.select(&file)?;
        match profile.text("region_id")? {
            Some(region) => region.parse().map_err(|error| {
                let problem = format!("is {}, but {error}", debug_quote(region));
                profile.invalid("region_id", problem)
            }),
            None if profile.is_configured() => {
                Err(profile.error(ProfileError::NoField("region_id")))
            }
            None => Err(profile.error(ProfileError::Unconfigured)),
        }
    }

    /// Reads the file. Other programs can change it, so that each fetch reads it.
    pub(crate) async fn read(&self) -> Result<ProfileFile, CredentialsError> {
        if let Some(by) = &self.disabled_by {
            return Err(CredentialsError::Disabled {
                what: "the CLI's file",
                by: by.clone(),
            });
        }
        let file = self.file.as_deref().unwrap_or(DEFAULT_FILE);
        let (path, content) = CredentialsError::read(file, &self.environment).await?;
        ProfileFile::parse(path, &content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_precedence_named_then_current_then_default() {
        let profiles = r#""profiles": [{"name": "default"}, {"name": "a"}, {"name": "b"}]"#;
        let current = format!(r#"{{"current": "a", {profiles}}}"#);
        let without = format!("{{{profiles}}}");
        let parse = |content: &String| {
            ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap()
        };
        let profile = |name: Option<&str>| {
            let environment = Environment::new([], None);
            ProfileRef::new(None, name.map(str::to_owned), &environment)
        };
        for (content, name, expected) in [
            (&current, Some("b"), "b"),
            (&current, None, "a"),
            (&without, None, "default"),
        ] {
            let file = parse(content);
            assert_eq!(profile(name).select(&file).unwrap().name.name, expected);
        }
        let file = parse(&current);
        assert_eq!(
            profile(Some("c")).select(&file).unwrap_err().to_string(),
            "the file config.json has no profile \"c\", only \"default\", \"a\", \"b\""
        );
    }
}
