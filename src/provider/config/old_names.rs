//! Warnings of variables that are set under names which nobody reads, where their
//! new names would change what is done: whoever comes from another tool would get
//! somebody else's credentials without a word.

use crate::provider::diagnostics::append_deprecation_hints;
use crate::terraform::{Diagnostic, Diagnostics};
use aliyun::credentials::profile::{CLI_FILE, ProfilePlace, SHARED_FILE};
use aliyun::credentials::renamed::{instead_of_arguments, instead_of_variables};
use aliyun::credentials::{Environment, Renamed, oidc, set_under_old_names};
use aliyun::rpc::region::REGION_VARIABLES;
use aliyun::text::{debug_quote, sanitize};

const CREDENTIALS: &str = "Credentials under old names are not used";

/// A warning where the default region is not that of such a variable.
pub(super) fn of_region(profile: &ProfilePlace, environment: &Environment) -> Diagnostics {
    let mut variables = REGION_VARIABLES.into_iter();
    // Without a profile there is no region at all, and the read says so.
    if profile.is_disabled() || variables.any(|name| environment.get(name).is_some()) {
        return Diagnostics::default();
    }
    let renamed = instead_of_variables(&REGION_VARIABLES, environment);
    let instead = format!(
        "Where a data block names no region, it is the one of {}, if that has any",
        shown(profile)
    );
    warning(
        "A region under an old name is not used",
        &renamed,
        &instead,
        "set \"region\" in the provider block",
    )
}

/// A warning where nobody names a source of credentials, and they do not come from
/// such a variable.
pub(super) fn of_credentials(profile: &ProfilePlace, environment: &Environment) -> Diagnostics {
    let from = if environment.has_keys() {
        "the access key in the environment".to_owned()
    } else if oidc::is_in(environment) {
        "the OIDC token in the environment".to_owned()
    } else if profile.names_a_profile() || profile.names_a_file() {
        shown(profile)
    } else if profile.is_disabled() {
        "the first other place that holds any".to_owned()
    } else {
        format!(
            "the first other place that holds any, beginning with {}",
            shown(profile)
        )
    };
    let renamed = set_under_old_names(profile, environment);
    let instead = format!("Credentials come from {from}");
    warning(
        CREDENTIALS,
        &renamed,
        &instead,
        "name credentials in the provider block",
    )
}

/// A warning where a profile is named without the file that such a variable names.
pub(super) fn of_file(profile: &ProfilePlace, environment: &Environment) -> Diagnostics {
    let renamed = instead_of_variables(&[SHARED_FILE, CLI_FILE], environment);
    let renamed = if profile.names_a_file() {
        Vec::new()
    } else {
        renamed
    };
    let instead = format!("Credentials come from {}", shown(profile));
    let otherwise = "set \"shared_credentials_file\" in the provider block";
    warning(CREDENTIALS, &renamed, &instead, otherwise)
}

/// A warning where the block asks for a role and not for its session, and such
/// variables do.
pub(super) fn of_session(
    is_named: bool,
    has_duration: bool,
    environment: &Environment,
) -> Diagnostics {
    let mut renamed = Vec::new();
    if !is_named {
        renamed.extend(instead_of_variables(&[oidc::SESSION_NAME], environment));
    }
    if !has_duration {
        renamed.extend(instead_of_arguments(&["session_expiration"], environment));
    }
    let instead = "What is not set of the role's session is as by default";
    warning(
        "Settings of a session under old names are not used",
        &renamed,
        instead,
        "set it in the provider block",
    )
}

/// Terraform shows the first warning of a summary alone, so that each kind has one of
/// its own.
fn warning(summary: &str, renamed: &[Renamed], instead: &str, otherwise: &str) -> Diagnostics {
    if renamed.is_empty() {
        return Diagnostics::default();
    }
    let mut detail = String::new();
    append_deprecation_hints(&mut detail, renamed);
    let detail = format!(
        "{}\n{instead}. Set the new names. If you mean it as it is, {otherwise} or unset the old \
         names.",
        detail.trim_start(),
    );
    Diagnostic::warning(summary, detail).into()
}

/// A profile as users name it.
fn shown(profile: &ProfilePlace) -> String {
    let file = sanitize(profile.file());
    match profile.name() {
        Some(name) => format!("the profile {} of {file}", debug_quote(name)),
        None => format!("the current profile of {file}"),
    }
}
