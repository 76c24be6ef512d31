//! The source of credentials in words, and advice on credentials that an API rejects.

use super::credentials::{configure, sign_in_again};
use super::request::Advice;
use aliyun::credentials::source::{CredentialsSource, ProfileName};
use aliyun::env::SECURITY_TOKEN;
use aliyun::rpc::api_error::ErrorKind;
use aliyun::text::sanitize;

/// Describes a source, as the end of "credentials of".
pub(super) fn describe(source: &CredentialsSource) -> String {
    describe_in(source, None)
}

/// A sentence about the credentials of a call.
pub(super) fn signed_with(source: &CredentialsSource) -> String {
    format!(
        "The call was signed with the credentials of {}.",
        describe(source)
    )
}

fn describe_in(source: &CredentialsSource, profile: Option<&ProfileName>) -> String {
    let of_profile = || profile.map_or_else(|| "the profile".to_owned(), ToString::to_string);
    let named = match source {
        CredentialsSource::Arguments => {
            return "\"access_key\" and \"secret_key\" in the provider block".to_owned();
        }
        CredentialsSource::Variables { id, secret, .. } => return format!("{id} and {secret}"),
        CredentialsSource::Fields => return of_profile(),
        CredentialsSource::Command => return format!("the command of {}", of_profile()),
        CredentialsSource::SignIn(_) => return format!("the sign-in of {}", of_profile()),
        CredentialsSource::Profile(profile, source) => return describe_in(source, Some(profile)),
        CredentialsSource::AssumedRole { role, with, .. } => {
            return format!(
                "the role {}, assumed with {}",
                sanitize(role),
                describe_in(with, profile)
            );
        }
        CredentialsSource::EcsRole(name) => format!("the RAM role {name} of the ECS instance"),
        CredentialsSource::Uri(address) => format!("the credentials URI at {address}"),
        CredentialsSource::OidcRole { role, token_file } => {
            let token = match token_file {
                Some(file) => format!("the OIDC token in {}", sanitize(file)),
                None => "an OIDC token".to_owned(),
            };
            format!("the role {}, assumed with {token}", sanitize(role))
        }
    };
    match profile {
        Some(profile) => format!("{named} (named by {profile})"),
        None => named,
    }
}

/// Advises on credentials of `source` that an API rejects. Returns `None` for an error that
/// is not about them.
pub(super) fn advice(kind: ErrorKind, source: &CredentialsSource) -> Option<Advice> {
    let (summary, [argument, part]) = match kind {
        ErrorKind::NoSuchKey => ("No such access key", ["access_key", "access key ID"]),
        ErrorKind::DisabledKey => ("The access key is disabled", ["access_key", "access key"]),
        ErrorKind::WrongSecret => (
            "The secret does not match the access key",
            ["secret_key", "secret"],
        ),
        ErrorKind::InvalidSecurityToken => (
            "The security token is not valid",
            ["security_token", "security token"],
        ),
        _ => return None,
    };
    let advice = Advice::new(summary, remedy(kind, source, argument, part));
    Some(match source {
        CredentialsSource::Arguments => advice.at(argument),
        _ => advice,
    })
}

fn remedy(kind: ErrorKind, source: &CredentialsSource, argument: &str, part: &str) -> String {
    let place = match source {
        CredentialsSource::Arguments => format!("\"{argument}\" in the provider block"),
        CredentialsSource::Variables { id, secret, token } => match kind {
            ErrorKind::WrongSecret => secret.clone(),
            ErrorKind::InvalidSecurityToken => token.clone().unwrap_or(SECURITY_TOKEN.to_owned()),
            _ => id.clone(),
        },
        CredentialsSource::Profile(profile, inner) => match **inner {
            CredentialsSource::Fields => format!("the {part} of {profile}"),
            CredentialsSource::SignIn(kind) => {
                return format!(
                    "The credentials are those of the sign-in of {profile}. {}",
                    sign_in_again(kind, &profile.name)
                );
            }
            CredentialsSource::Command => {
                return format!(
                    "The credentials were printed by the command of {profile}. Run \
                     \"process_command\" manually to check its output."
                );
            }
            _ => return issued(source),
        },
        _ => return issued(source),
    };
    let advice = match kind {
        ErrorKind::NoSuchKey => format!(
            "Check {place}. The key may have been deleted, or belong to the other site of Alibaba \
             Cloud (aliyun.com or alibabacloud.com)."
        ),
        ErrorKind::DisabledKey => {
            format!("Enable the key in the RAM console, or use another one: change {place}.")
        }
        ErrorKind::WrongSecret => format!("Check {place}. It must belong to the access key ID."),
        _ => format!(
            "Check {place}. Temporary credentials expire. Fetch a new access key ID, secret, and \
             token, and set all three."
        ),
    };
    match source {
        CredentialsSource::Profile(profile, _) if profile.is_in_cli_file() => {
            format!("{advice} {}", configure("", &profile.name, "to change it"))
        }
        _ => advice,
    }
}

/// Advice on credentials that a service has issued for this run.
fn issued(source: &CredentialsSource) -> String {
    format!(
        "The credentials are those of {}. Run Terraform again to fetch new ones. If the error \
         persists, check that source.",
        describe(source)
    )
}
