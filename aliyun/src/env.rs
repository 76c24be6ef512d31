//! Environment variables.

use std::path::PathBuf;

/// Selects the STS endpoint in virtual private clouds.
pub const VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";

/// Disables the CLI's profiles unless the configuration names one.
pub const PROFILES_DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";

/// The CLI's name for [`PROFILES_DISABLED`].
pub const PROFILES_IGNORED: &str = "ALIBABA_CLOUD_IGNORE_PROFILE";

/// Disables profiles that run a program or request a URL.
pub const EXTERNAL_PROCESS_DISABLED: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";

/// Disables the metadata service of ECS.
pub const METADATA_DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";

/// Disables requests to the metadata service of ECS without a token (IMDSv1).
pub const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// Boolean variables.
const BOOLEAN_VARIABLES: [&str; 6] = [
    VPC,
    PROFILES_DISABLED,
    PROFILES_IGNORED,
    EXTERNAL_PROCESS_DISABLED,
    METADATA_DISABLED,
    IMDSV1_DISABLED,
];

/// Parses a boolean of an environment variable or an INI file.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Error for a path with `~/` if there is no home directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoHome(pub String);

/// Environment variables of the current process. They are read on each access.
///
/// Components that depend on the environment take this type as an argument.
#[derive(Clone, Debug)]
pub struct Environment(());

// The variables belong to the process, so that `self` is not used.
#[allow(clippy::unused_self)]
impl Environment {
    /// Returns the environment of the current process.
    pub fn of_process() -> Self {
        Self(())
    }

    /// Returns the names of variables that are not valid Unicode, sorted. Such variables
    /// count as unset.
    pub fn without_text(&self, is_included: impl Fn(&str) -> bool) -> Vec<String> {
        let invalid = std::env::vars_os().filter(|(_, value)| value.to_str().is_none());
        let names = invalid.filter_map(|(name, _)| name.into_string().ok());
        let mut names: Vec<_> = names.filter(|name| is_included(name)).collect();
        names.sort();
        names
    }

    /// Returns the value of a variable. A blank value counts as unset.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = std::env::var(name).ok();
        value.filter(|value| !value.trim().is_empty())
    }

    /// Returns true if a boolean variable is set to true.
    pub fn is_on(&self, name: &str) -> bool {
        self.boolean(name) == Some(Ok(true))
    }

    /// Returns the boolean variables with invalid values, and these values.
    pub fn unclear_switches(&self) -> impl Iterator<Item = (&'static str, String)> {
        let variables = BOOLEAN_VARIABLES.iter();
        variables.filter_map(|name| Some((*name, self.boolean(name)?.err()?)))
    }

    /// Returns the value of a boolean variable, if it is set. The error is an invalid value.
    fn boolean(&self, name: &str) -> Option<Result<bool, String>> {
        let value = self.get(name)?;
        Some(boolean(&value).ok_or(value))
    }

    /// Replaces `~/` at the beginning of a path by the home directory.
    ///
    /// # Errors
    ///
    /// Returns [`NoHome`] if the path begins with `~/` and there is no home directory.
    pub fn expand(&self, file: &str) -> Result<PathBuf, NoHome> {
        match file.strip_prefix("~/").or_else(|| file.strip_prefix("~\\")) {
            None => Ok(file.into()),
            Some(rest) => match std::env::home_dir() {
                Some(home) => Ok(home.join(rest)),
                None => Err(NoHome(file.to_owned())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
