//! Names of variables that Alibaba Cloud's tools once had or still take. They are
//! not read here. Whatever they would have been read for tells their new names
//! where it is missing, and a warning does where something else is used instead.

use super::Environment;
use super::variables::{
    ACCESS_KEY_ID, ACCESS_KEY_SECRET, CLI_FILE, PROFILE, PROVIDER_ARN, ROLE_ARN, ROLE_NAME,
    SECURITY_TOKEN, SESSION_NAME, SHARED_FILE, TOKEN, TOKEN_FILE, URI,
};
use crate::rpc::region::REGION_VARIABLES;

/// A variable that is set and not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// Name of the deprecated variable.
    pub old: String,
    /// Its replacement.
    pub new: NewName,
}

/// What takes the place of a variable that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewName {
    /// An environment variable of this name.
    Variable(&'static str),
    /// An argument of the provider block: no variable does.
    Argument(&'static str),
}

/// What had other names than its own after an old prefix.
struct Entry {
    new: NewName,
    old: &'static [&'static str],
}

const fn variable(new: &'static str, old: &'static [&'static str]) -> Entry {
    let new = NewName::Variable(new);
    Entry { new, old }
}

const fn argument(new: &'static str, old: &'static [&'static str]) -> Entry {
    let new = NewName::Argument(new);
    Entry { new, old }
}

/// The prefix of variables that are read.
const PREFIX: &str = "ALIBABA_CLOUD_";

/// Those that it had, and that some tools still know.
const OLD_PREFIXES: [&str; 2] = ["ALICLOUD_", "ALIBABACLOUD_"];

/// The variables for credentials, place by place, in the order in which they win.
pub(crate) const PLACES: [&[&str]; 4] = [
    &[ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN],
    &[PROVIDER_ARN, TOKEN_FILE, TOKEN],
    &[PROFILE, SHARED_FILE, CLI_FILE],
    &[ROLE_NAME, URI],
];

/// Everything that had another name. The guide for those who come from the official
/// provider has the same table.
const TABLE: [Entry; 19] = [
    variable(ACCESS_KEY_ID, &["ALICLOUD_ACCESS_KEY"]),
    variable(ACCESS_KEY_SECRET, &["ALICLOUD_SECRET_KEY"]),
    variable(SECURITY_TOKEN, &[]),
    variable(PROFILE, &[]),
    variable(SHARED_FILE, &["ALICLOUD_SHARED_CREDENTIALS_FILE"]),
    variable(CLI_FILE, &[]),
    variable(ROLE_NAME, &["ALICLOUD_ECS_ROLE_NAME"]),
    variable(URI, &[]),
    variable(ROLE_ARN, &["ALICLOUD_ASSUME_ROLE_ARN"]),
    variable(SESSION_NAME, &["ALICLOUD_ASSUME_ROLE_SESSION_NAME"]),
    variable(PROVIDER_ARN, &[]),
    variable(TOKEN_FILE, &[]),
    variable(TOKEN, &[]),
    variable(REGION_VARIABLES[0], &[]),
    variable(REGION_VARIABLES[1], &[]),
    argument(
        "session_expiration",
        &["ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"],
    ),
    argument("client_connect_timeout", &["CLIENT_CONNECT_TIMEOUT"]),
    argument("client_read_timeout", &["CLIENT_READ_TIMEOUT"]),
    argument("max_retry_timeout", &["MAX_RETRY_TIMEOUT"]),
];

impl Entry {
    /// All its old names: its own after each old prefix, and others.
    fn old_names(&self) -> impl Iterator<Item = String> {
        let rest = match self.new {
            NewName::Variable(name) => name.strip_prefix(PREFIX),
            NewName::Argument(_) => None,
        };
        let prefixed = rest.into_iter().flat_map(|rest| {
            let prefixes = OLD_PREFIXES.iter();
            prefixes.map(move |prefix| format!("{prefix}{rest}"))
        });
        let others = self.old.iter().map(|name| (*name).to_owned());
        others.chain(prefixed)
    }
}

/// What is set under old names in place of these variables, as far as these are
/// not set.
pub fn instead_of_variables(names: &[&str], environment: &Environment) -> Vec<Renamed> {
    let is_meant = |new: NewName| match new {
        NewName::Variable(name) => names.contains(&name) && environment.get(name).is_none(),
        NewName::Argument(_) => false,
    };
    set(is_meant, environment)
}

/// What is set under old names in place of these arguments of the provider block.
pub fn instead_of_arguments(names: &[&str], environment: &Environment) -> Vec<Renamed> {
    let is_meant = |new: NewName| matches!(new, NewName::Argument(name) if names.contains(&name));
    set(is_meant, environment)
}

/// What is set under old names in place of any variable for credentials, or for a
/// role to assume with them.
pub(crate) fn of_credentials(environment: &Environment) -> Vec<Renamed> {
    let roles: &[&str] = &[ROLE_ARN, SESSION_NAME];
    instead_of_variables(&[&PLACES.concat(), roles].concat(), environment)
}

/// Whether a variable is set under an old name.
pub(crate) fn is_set(name: &str, environment: &Environment) -> bool {
    let is_meant = |new: NewName| matches!(new, NewName::Variable(new) if new == name);
    !set(is_meant, environment).is_empty()
}

fn set(is_meant: impl Fn(NewName) -> bool, environment: &Environment) -> Vec<Renamed> {
    let meant = TABLE.iter().filter(|entry| is_meant(entry.new));
    let names = meant.flat_map(|entry| {
        let new = entry.new;
        entry.old_names().map(move |old| Renamed { old, new })
    });
    names
        .filter(|name| environment.get(&name.old).is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const GUIDE: &str = include_str!("../../../docs/guides/migrating-from-alicloud.md");

    /// The rows of the guide's table of old names, as they are in [`TABLE`].
    fn rows() -> BTreeSet<(String, String)> {
        let (_, table) = GUIDE.split_once("| old name | name here |\n").unwrap();
        let rows = table.lines().take_while(|line| line.starts_with('|'));
        let code = |cell: &str| {
            let code = cell.split('`').skip(1).step_by(2);
            code.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut pairs = BTreeSet::new();
        for row in rows.skip(1) {
            let cells: Vec<_> = row.split('|').collect();
            let new = code(cells[2]);
            for old in code(cells[1]) {
                pairs.insert((old, new.concat()));
            }
        }
        pairs
    }

    #[test]
    fn the_guide_has_the_same_old_names() {
        let mut names: BTreeSet<_> = TABLE
            .iter()
            .flat_map(|Entry { new, old }| {
                let (NewName::Variable(new) | NewName::Argument(new)) = new;
                old.iter().map(|old| ((*old).to_owned(), (*new).to_owned()))
            })
            .collect();
        // And all others at once.
        let others = OLD_PREFIXES.map(|prefix| (format!("{prefix}*"), format!("{PREFIX}*")));
        names.extend(others);
        assert_eq!(rows(), names);
    }

    #[test]
    fn every_variable_has_its_old_names_by_prefix() {
        let token = TABLE
            .iter()
            .find(|entry| entry.new == NewName::Variable(TOKEN));
        let names: Vec<_> = token.unwrap().old_names().collect();
        assert_eq!(names, ["ALICLOUD_OIDC_TOKEN", "ALIBABACLOUD_OIDC_TOKEN"]);
    }
}
