//! Rules on the arguments of the provider block. Each looks at known values
//! only.

use std::ops::RangeInclusive;

use secrecy::{ExposeSecret, SecretString};

use super::inside;
use super::network::invalid_endpoint;
use crate::provider::checks::{self, invalid};
use crate::swas::credentials::sts;
use crate::swas::credentials::uri::CredentialsUri;
use crate::swas::{Endpoint, Protocol};
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, Number, Value};

/// How long the name of a session may be, in characters.
const SESSION_NAMES: RangeInclusive<usize> = 2..=64;

/// The longest name of a role, in characters.
const LONGEST_ROLE_NAME: usize = 64;

/// The longest session policy, in characters.
const LONGEST_POLICY: usize = 2048;

/// Tells that both are set.
pub(super) fn conflict(one: &str, other: &str, path: AttributePath, diagnostics: &mut Diagnostics) {
    diagnostics.push(
        Diagnostic::error(
            "Conflicting credentials",
            format!(
                "\"{one}\" and \"{other}\" are both set, and only one can be used. Remove one."
            ),
        )
        .at(path),
    );
}

/// The argument, if set, has something in it, and nothing invisible. Returns
/// whether that is so.
pub(super) fn visible(
    value: &Value<String>,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) -> bool {
    let before = diagnostics.iter().len();
    checks::visible(value.as_ref().map(String::as_str), path, diagnostics);
    diagnostics.iter().len() == before
}

/// The argument, if set, has something in it, and nothing invisible.
pub(super) fn secret(
    value: &Value<SecretString>,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let value = value.as_ref().map(ExposeSecret::expose_secret);
    checks::visible(value, path, diagnostics);
}

/// The argument, if set, follows the rule. `problem` is said of one that does
/// not.
pub(super) fn rule(
    value: &Value<String>,
    is_followed: impl Fn(&str) -> bool,
    problem: &str,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    if let Some(value) = value.known().filter(|value| !is_followed(value)) {
        let detail = format!("\"{path}\" is {value:?}, and it {problem}.");
        diagnostics.push(invalid(path, detail));
    }
}

/// The argument, if set, has no more characters than this.
pub(super) fn at_most(
    value: &Value<String>,
    most: usize,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let length = value.known().map_or(0, |value| value.chars().count());
    if length > most {
        let detail = format!("\"{path}\" has {length} characters, and may have {most} at most.");
        diagnostics.push(invalid(path, detail));
    }
}

/// The argument, if set, is a whole number of the range.
pub(super) fn whole(
    value: &Value<Number>,
    range: &RangeInclusive<u64>,
    unit: &str,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let Some(number) = value.known() else { return };
    if number
        .as_whole()
        .is_none_or(|whole| !range.contains(&whole))
    {
        let detail = format!(
            "\"{path}\" is {number}, and must be a whole number of {unit} from {} to {}.",
            range.start(),
            range.end()
        );
        diagnostics.push(invalid(path, detail));
    }
}

/// The argument, if set, is a time for which a role can be assumed.
pub(super) fn duration(value: &Value<Number>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let range = u64::from(*sts::DURATIONS.start())..=u64::from(*sts::DURATIONS.end());
    whole(value, &range, "seconds", path, diagnostics);
}

/// The argument of the block `endpoints`, if set, is an endpoint.
pub(super) fn endpoint(value: &Value<String>, name: &str, diagnostics: &mut Diagnostics) {
    let Some(value) = value.known() else { return };
    // What the protocol is does not matter for what is an endpoint.
    if let Err(error) = Endpoint::parse(value, Protocol::Https) {
        let name_in_block = format!("endpoints.{name}");
        let error = invalid_endpoint(&name_in_block, value, error);
        diagnostics.push(error.at(inside("endpoints", name)));
    }
}

/// The argument, if set, is the address of a sidecar.
pub(super) fn credentials_uri(
    value: &Value<String>,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    if !visible(value, path.clone(), diagnostics) {
        return;
    }
    let Some(value) = value.known() else { return };
    if let Err(error) = value.parse::<CredentialsUri>() {
        // It may have a password in it.
        let detail = format!("\"{path}\" is not valid: {error}.");
        diagnostics.push(invalid(path, detail));
    }
}

/// The argument, if set, is the ARN of a `kind`, such as `role`.
pub(super) fn arn(
    value: &Value<String>,
    kind: &str,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let problem = format!("must be an ARN such as \"acs:ram::1234567890123456:{kind}/NAME\"");
    let is_arn = |text: &str| sts::is_arn(text, kind);
    rule(value, is_arn, &problem, path, diagnostics);
}

/// The argument, if set, can name a session. The rule is that of the API's page
/// "AssumeRole".
pub(super) fn session_name(
    value: &Value<String>,
    path: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let is_name = |text: &str| {
        SESSION_NAMES.contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte))
    };
    let problem = "must have 2 to 64 letters, digits and \".\", \"@\", \"-\" or \"_\"";
    rule(value, is_name, problem, path, diagnostics);
}

/// The argument, if set, can be the name of a role. The rule is that of the API's
/// page "CreateRole".
pub(super) fn role_name(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let is_name = |text: &str| {
        (1..=LONGEST_ROLE_NAME).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    let problem =
        "must be the name of a RAM role: up to 64 letters, digits and \".\", \"-\" or \"_\"";
    rule(value, is_name, problem, path, diagnostics);
}

/// The argument, if set, can be a session policy.
pub(super) fn policy(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let Some(text) = value.known() else { return };
    at_most(value, LONGEST_POLICY, path.clone(), diagnostics);
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err() {
        let detail = format!(
            "\"{path}\" is no policy: it must be a JSON object, for example made by jsonencode()."
        );
        diagnostics.push(invalid(path, detail));
    }
}
