//! The environment.

use std::path::PathBuf;

/// Selects the STS for virtual private clouds.
pub const VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";

/// Keeps the CLI's profiles from being used where the configuration names none.
pub const PROFILES_DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";

/// Forbids what runs a program or asks an address because a profile says so.
pub const NOTHING_EXTERNAL: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";

/// Turns off the metadata service of ECS.
pub const METADATA_DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";

/// Forbids requests to the metadata service of ECS without its token.
pub const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// Variables that turn something on.
const SWITCHES: [&str; 5] = [
    VPC,
    PROFILES_DISABLED,
    NOTHING_EXTERNAL,
    METADATA_DISABLED,
    IMDSV1_DISABLED,
];

/// Parses a boolean as variables and INI files have it.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// There is no home directory for this path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoHome(pub String);

/// The environment variables of this process, as they are when they are asked
/// for. Whoever depends on them is given one.
#[derive(Clone, Debug)]
pub struct Environment(());

// What it reads belongs to the process, so that `self` has nothing to say.
#[allow(clippy::unused_self)]
impl Environment {
    /// The environment of the current process.
    pub fn of_process() -> Self {
        Self(())
    }

    /// The names of those variables that are set to what is no text, so that they
    /// would count as not set.
    pub fn without_text(&self, is_asked_for: impl Fn(&str) -> bool) -> Vec<String> {
        let no_text = std::env::vars_os().filter(|(_, value)| value.to_str().is_none());
        let names = no_text.filter_map(|(name, _)| name.into_string().ok());
        let mut names: Vec<_> = names.filter(|name| is_asked_for(name)).collect();
        names.sort();
        names
    }

    /// What the variable is set to. One that is set to nothing counts as not
    /// set.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = std::env::var(name).ok();
        value.filter(|value| !value.trim().is_empty())
    }

    /// Whether the variable is set to a word that turns something on.
    pub fn is_on(&self, name: &str) -> bool {
        self.switch(name) == Some(Ok(true))
    }

    /// Those switches that are set to a word for neither on nor off, with it.
    pub fn unclear_switches(&self) -> impl Iterator<Item = (&'static str, String)> {
        let switches = SWITCHES.iter();
        switches.filter_map(|name| Some((*name, self.switch(name)?.err()?)))
    }

    /// The value of a boolean variable, if it is set. The error is a value that is no
    /// boolean.
    fn switch(&self, name: &str) -> Option<Result<bool, String>> {
        let value = self.get(name)?;
        Some(boolean(&value).ok_or(value))
    }

    /// The file, with `~/` at its beginning replaced by the home directory.
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
