//! A snapshot of the environment, and the names of its variables.
//!
//! Only this file reads the environment of the process. Everything else gets an
//! [`Environment`] as an argument.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Access key ID.
pub const ACCESS_KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
/// Access key secret.
pub const ACCESS_KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
/// Security token of a temporary access key.
pub const SECURITY_TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// Default region, in order of precedence.
pub const REGION: [&str; 2] = ["ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"];

/// Profile of the Alibaba Cloud CLI.
pub const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";
/// File of profiles, JSON or INI.
pub const SHARED_FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";
/// File of profiles of the CLI. [`SHARED_FILE`] takes precedence.
pub const CLI_FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
/// Disables the CLI's profiles unless the configuration names one.
pub const PROFILES_DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";
/// The CLI's name for [`PROFILES_DISABLED`].
pub const PROFILES_IGNORED: &str = "ALIBABA_CLOUD_IGNORE_PROFILE";

/// ARN of the role to assume.
pub const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";
/// Session name of the role.
pub const SESSION_NAME: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";
/// External ID that the role requires.
pub const EXTERNAL_ID: &str = "ALIBABA_CLOUD_EXTERNAL_ID";
/// ARN of the OIDC provider.
pub const OIDC_PROVIDER_ARN: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
/// OIDC token.
pub const OIDC_TOKEN: &str = "ALIBABA_CLOUD_OIDC_TOKEN";
/// File with the OIDC token.
pub const OIDC_TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";

/// RAM role of the ECS instance.
pub const ECS_ROLE: &str = "ALIBABA_CLOUD_ECS_METADATA";
/// Address of the ECS metadata service, in place of the default one.
pub const ECS_ENDPOINT: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";
/// Disables the ECS metadata service.
pub const ECS_DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
/// Disables requests to the ECS metadata service without a token (IMDSv1).
pub const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// Credentials URI, such as that of a sidecar.
pub const CREDENTIALS_URI: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
/// Disables profiles that run a program or request a URL.
pub const EXTERNAL_PROCESS_DISABLED: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";

/// Endpoint of STS.
pub const STS_ENDPOINT: &str = "ALIBABA_CLOUD_STS_ENDPOINT";
/// Region whose STS is called.
pub const STS_REGION: &str = "ALIBABA_CLOUD_STS_REGION";
/// Selects the STS endpoint in virtual private clouds.
pub const VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";

/// Boolean variables.
const BOOLEAN_VARIABLES: [&str; 6] = [
    VPC,
    PROFILES_DISABLED,
    PROFILES_IGNORED,
    EXTERNAL_PROCESS_DISABLED,
    ECS_DISABLED,
    IMDSV1_DISABLED,
];

/// Prefix of the current names.
pub(crate) const PREFIX: &str = "ALIBABA_CLOUD_";

/// Prefixes of deprecated names, in order of precedence.
const DEPRECATED_PREFIXES: [&str; 2] = ["ALICLOUD_", "ALIBABACLOUD_"];

/// Variables with a deprecated name that differs in more than the prefix.
const DEPRECATED: [(&str, &str); 8] = [
    (ACCESS_KEY_ID, "ALIBABA_CLOUD_ACCESS_KEY"),
    (ACCESS_KEY_SECRET, "ALIBABA_CLOUD_SECRET_KEY"),
    (ACCESS_KEY_ID, "ALICLOUD_ACCESS_KEY"),
    (ACCESS_KEY_SECRET, "ALICLOUD_SECRET_KEY"),
    (SHARED_FILE, "ALICLOUD_SHARED_CREDENTIALS_FILE"),
    (ECS_ROLE, "ALICLOUD_ECS_ROLE_NAME"),
    (ROLE_ARN, "ALICLOUD_ASSUME_ROLE_ARN"),
    (SESSION_NAME, "ALICLOUD_ASSUME_ROLE_SESSION_NAME"),
];

/// Prefixes of all names, in order of precedence.
pub(crate) const PREFIXES: [&str; 3] = [PREFIX, DEPRECATED_PREFIXES[0], DEPRECATED_PREFIXES[1]];

/// Returns the names of a variable that have a prefix, in order of precedence.
fn names_with(prefix: &str, name: &'static str) -> Vec<String> {
    let mut names = match name.strip_prefix(PREFIX) {
        Some(rest) => vec![format!("{prefix}{rest}")],
        // A variable of the program, without other names.
        None if prefix == PREFIX => vec![name.to_owned()],
        None => Vec::new(),
    };
    let mut others = Vec::from(DEPRECATED);
    others.retain(|(current, other)| *current == name && other.starts_with(prefix));
    names.extend(others.into_iter().map(|(_, other)| other.to_owned()));
    names
}

/// Returns true if a variable of this name can be read under a current or a deprecated
/// name.
pub fn is_prefixed(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Parses a boolean of an environment variable or an INI file.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The environment variables of the process when [`Environment::of_process`] was called.
///
/// Clones share the snapshot. `Debug` shows no values, which can be secrets.
#[derive(Clone)]
pub struct Environment(Arc<Snapshot>);

struct Snapshot {
    variables: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    /// Deprecated names that supplied a value, and the replacement of each until it has been
    /// reported.
    deprecated: Mutex<BTreeMap<String, Option<String>>>,
}

/// A variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Name under which it was found, which may be deprecated.
    pub name: String,
    /// Its current name.
    pub current: &'static str,
    /// Its value, which is not blank.
    pub value: &'a str,
}

impl Variable<'_> {
    /// Returns true if the name is deprecated.
    pub(crate) fn is_deprecated(&self) -> bool {
        self.name != self.current
    }
}

impl Environment {
    /// Takes a snapshot of the environment of the current process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os(), std::env::home_dir())
    }

    /// Creates an environment with these variables.
    pub fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        home: Option<PathBuf>,
    ) -> Self {
        Self(Arc::new(Snapshot {
            variables: variables.into_iter().collect(),
            home,
            deprecated: Mutex::default(),
        }))
    }

    /// Returns the names of variables that are not valid Unicode, sorted. Such variables
    /// count as unset.
    pub fn without_text(&self, is_included: impl Fn(&str) -> bool) -> Vec<String> {
        let variables = self.0.variables.iter();
        let invalid = variables.filter(|(_, value)| value.to_str().is_none());
        let names = invalid.filter_map(|(name, _)| name.to_str());
        let names = names.filter(|name| is_included(name));
        names.map(str::to_owned).collect()
    }

    /// Returns the value of a variable that has no deprecated names. It may be blank.
    pub fn os_value(&self, name: &str) -> Option<&OsStr> {
        self.0
            .variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// Returns the value under exactly this name. A blank value counts as unset.
    pub fn exact(&self, name: &str) -> Option<&str> {
        let value = self.os_value(name).and_then(OsStr::to_str);
        value.filter(|value| !value.trim().is_empty())
    }

    /// Returns the value of a variable, under its current name or else under a deprecated
    /// one, which [`Self::take_deprecated`] then lists.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        self.find(&[name]).map(|variable| variable.value)
    }

    /// Returns the first of these variables that is set. All current names take precedence
    /// over deprecated ones.
    pub fn find(&self, names: &[&'static str]) -> Option<Variable<'_>> {
        let found = PREFIXES.iter().find_map(|prefix| {
            let mut names = names.iter();
            names.find_map(|name| self.lookup(prefix, name))
        })?;
        self.record_use(&found);
        Some(found)
    }

    /// Returns a variable, as [`Self::find`] does, without using it.
    pub(crate) fn peek(&self, name: &'static str) -> Option<Variable<'_>> {
        let mut prefixes = PREFIXES.iter();
        prefixes.find_map(|prefix| self.lookup(prefix, name))
    }

    /// Returns a variable with this prefix, if it is set. Does not record its use.
    pub(crate) fn lookup(&self, prefix: &str, name: &'static str) -> Option<Variable<'_>> {
        names_with(prefix, name).into_iter().find_map(|found| {
            let value = self.exact(&found)?;
            Some(Variable {
                name: found,
                current: name,
                value,
            })
        })
    }

    /// Records that a variable supplies a value, for [`Self::take_deprecated`].
    pub(crate) fn record_use(&self, variable: &Variable<'_>) {
        if variable.is_deprecated() {
            self.record_deprecated(&variable.name, variable.current.to_owned());
        }
    }

    /// Records that a deprecated name supplies a value.
    pub fn record_deprecated(&self, name: &str, replacement: String) {
        let mut deprecated = self.deprecated();
        deprecated
            .entry(name.to_owned())
            .or_insert(Some(replacement));
    }

    /// Returns the deprecated variables that have supplied a value since the last call, with
    /// the replacement of each, sorted by name. No variable is returned twice.
    pub fn take_deprecated(&self) -> Vec<(String, String)> {
        let mut deprecated = self.deprecated();
        let names = deprecated.iter_mut();
        names
            .filter_map(|(name, replacement)| Some((name.clone(), replacement.take()?)))
            .collect()
    }

    fn deprecated(&self) -> MutexGuard<'_, BTreeMap<String, Option<String>>> {
        let deprecated = self.0.deprecated.lock();
        deprecated.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a boolean variable if it is set to true.
    pub fn switched_on(&self, name: &'static str) -> Option<Variable<'_>> {
        let variable = self.find(&[name])?;
        (boolean(variable.value) == Some(true)).then_some(variable)
    }

    /// Returns the boolean variables with invalid values.
    pub fn invalid_booleans(&self) -> impl Iterator<Item = Variable<'_>> {
        let set = BOOLEAN_VARIABLES.iter().filter_map(|name| self.peek(name));
        set.filter(|variable| boolean(variable.value).is_none())
    }

    /// Replaces `~/` at the beginning of a path by the home directory. Returns `None` if that
    /// is unknown.
    pub fn expand(&self, file: &str) -> Option<PathBuf> {
        match file.strip_prefix("~/").or_else(|| file.strip_prefix("~\\")) {
            None => Some(file.into()),
            Some(rest) => Some(self.0.home.as_ref()?.join(rest)),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables.iter();
        Environment::new(
            variables.map(|(name, value)| (name.into(), value.into())),
            Some("/home/a".into()),
        )
    }

    #[test]
    fn boolean_accepts_words_and_digits_in_any_case() {
        for (texts, expected) in [
            (
                &["true", "1", "yes", "on", "TRUE", "Yes", " oN\n"][..],
                Some(true),
            ),
            (
                &["false", "0", "no", "off", "False", "NO", "\toff "],
                Some(false),
            ),
            (
                &[
                    "", " ", "2", "y", "t", "tru", "true # a", "enabled", "\"true\"",
                ],
                None,
            ),
        ] {
            for text in texts {
                assert_eq!(boolean(text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn precedence_of_current_names_over_deprecated_ones() {
        let old = ("ALICLOUD_REGION_ID", "old");
        let older = ("ALIBABACLOUD_REGION", "older");
        for (variables, expected) in [
            (&[("ALIBABA_CLOUD_REGION_ID", "new"), old][..], "new"),
            (&[("ALIBABA_CLOUD_REGION_ID", " "), old, older], "old"),
            (&[older], "older"),
        ] {
            let environment = environment(variables);
            let found = environment.find(&REGION).map(|variable| variable.value);
            assert_eq!(found, Some(expected));
        }
        assert_eq!(environment(&[]).find(&REGION), None);
    }

    #[test]
    fn deprecated_names_are_listed_once_they_supply_a_value() {
        let environment = environment(&[
            ("ALICLOUD_ACCESS_KEY", "a"),
            ("ALICLOUD_PROFILE", "b"),
            ("ALIBABACLOUD_PROFILE", "c"),
            ("ALIBABACLOUD_OIDC_TOKEN", "d"),
        ]);
        assert_eq!(environment.take_deprecated(), []);
        assert_eq!(environment.get(ACCESS_KEY_ID), Some("a"));
        assert_eq!(environment.get(PROFILE), Some("b"));
        assert_eq!(
            environment.take_deprecated(),
            [
                ("ALICLOUD_ACCESS_KEY".to_owned(), ACCESS_KEY_ID.to_owned()),
                ("ALICLOUD_PROFILE".to_owned(), PROFILE.to_owned())
            ]
        );
        assert_eq!(environment.get(PROFILE), Some("b"));
        assert_eq!(environment.take_deprecated(), []);
    }

    #[test]
    fn home_directory_is_expanded() {
        let environment = environment(&[]);
        assert_eq!(environment.expand("~/a"), Some("/home/a/a".into()));
        assert_eq!(environment.expand("~a"), Some("~a".into()));
        let homeless = Environment::new([], None);
        assert_eq!(homeless.expand("~/a"), None);
    }
}
