//! Variables that complete the provider block, and what is wrong with them.

use super::{AssumeRoleWithOidc, OIDC_BLOCK};
use crate::provider::diagnostics;
use crate::provider::list;
use crate::provider::validators;
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, Parser};
use aliyun::credentials::Environment;
use aliyun::credentials::oidc::{self, OidcToken};
use aliyun::credentials::renamed::instead_of_variables;
use aliyun::http::proxy::is_proxy_var;
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The variable that Terraform has for text at the end of the User-Agent.
pub(super) const APPEND_USER_AGENT: &str = "TF_APPEND_USER_AGENT";

/// Tells which variables cannot be read: they would count as not set.
pub(super) fn check_text(environment: &Environment, errors: &mut Diagnostics) {
    let is_read = |name: &str| {
        name.starts_with("ALIBABA_CLOUD_") || name == APPEND_USER_AGENT || is_proxy_var(name)
    };
    for variable in environment.without_text(is_read) {
        let detail = format!(
            "{variable} is no text in UTF-8, so that it cannot be read. Set it anew, or unset it."
        );
        errors.push(Diagnostic::error("Invalid environment variable", detail));
    }
}

/// Tells which variables turn something neither on nor off.
pub(super) fn check_switches(environment: &Environment, errors: &mut Diagnostics) {
    for (variable, value) in environment.unclear_switches() {
        let detail = format!(
            "{variable} is {}, and must be \"true\" or \"false\". Correct or unset it.",
            debug_quote(&value)
        );
        errors.push(Diagnostic::error("Invalid environment variable", detail));
    }
}

/// The region that the first of the variables that is set names.
pub(super) fn region_in(
    environment: &Environment,
    variables: &[&str],
    errors: &mut Diagnostics,
) -> Option<RegionId> {
    let (name, region) = variables
        .iter()
        .find_map(|name| environment.get(name).map(|region| (name, region)))?;
    match region.parse() {
        Ok(region) => Some(region),
        Err(error) => {
            errors.push(Diagnostic::error(
                "Invalid region in the environment",
                format!("{name} is {}, but {error}.", debug_quote(&region)),
            ));
            None
        }
    }
}

/// The ARN that a variable holds, if it is set.
pub(super) fn arn_in(
    environment: &Environment,
    variable: &str,
    kind: &str,
) -> Result<Option<String>, Diagnostic> {
    checked(environment, variable, |arn, path| {
        validators::arn(arn, path, kind)
    })
}

/// The name of a session that the environment holds, if it does.
pub(super) fn session_name(environment: &Environment) -> Result<Option<String>, Diagnostic> {
    checked(environment, oidc::SESSION_NAME, validators::session_name)
}

fn checked<T>(
    environment: &Environment,
    variable: &str,
    check: impl FnOnce(&str, &AttributePath) -> Result<T, Diagnostic>,
) -> Result<Option<T>, Diagnostic> {
    let text = environment.get(variable);
    let value = text.map(|text| check(&text, &AttributePath::attribute(variable)));
    // No line of the configuration is to blame.
    value
        .transpose()
        .map_err(|mistake| mistake.at(AttributePath::default()))
}

/// Tells what neither the block nor the environment says.
pub(super) fn check_complete(
    block: &AssumeRoleWithOidc,
    environment: &Environment,
    parser: &mut Parser<'_>,
) {
    let is_missing = |is_set: bool, variable| !is_set && environment.get(variable).is_none();
    let has_token = !block.oidc_token.is_null() || !block.oidc_token_file.is_null();
    let missing: Vec<_> = [
        (
            is_missing(!block.oidc_provider_arn.is_null(), oidc::PROVIDER_ARN),
            &[oidc::PROVIDER_ARN][..],
            "\"oidc_provider_arn\" or ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
        ),
        (
            is_missing(!block.role_arn.is_null(), oidc::ROLE_ARN),
            &[oidc::ROLE_ARN],
            "\"role_arn\" or ALIBABA_CLOUD_ROLE_ARN",
        ),
        (
            !has_token && OidcToken::of_environment(environment).is_none(),
            &[oidc::TOKEN, oidc::TOKEN_FILE],
            "\"oidc_token\", \"oidc_token_file\", ALIBABA_CLOUD_OIDC_TOKEN or \
             ALIBABA_CLOUD_OIDC_TOKEN_FILE",
        ),
    ]
    .into_iter()
    .filter(|(is_missing, ..)| *is_missing)
    .collect();
    if !missing.is_empty() {
        let mut detail = format!(
            "\"{OIDC_BLOCK}\" says too little to assume a role. Set, in the block or in the \
             environment:"
        );
        let ways = missing.iter().map(|(.., ways)| (*ways).to_owned());
        list::append(&mut detail, ways, 3);
        for (_, variables, _) in missing {
            diagnostics::append_deprecation_hints(
                &mut detail,
                &instead_of_variables(variables, environment),
            );
        }
        let mistake = Diagnostic::error(format!("Incomplete \"{OIDC_BLOCK}\""), detail);
        parser.reject(mistake.at(AttributePath::attribute(OIDC_BLOCK).at_index(0)));
    }
}
