//! The source of credentials in words, and advice on credentials that an API rejects.

use super::credentials::{configure, sign_in_again};
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::credentials::source::CredentialsSource;
use aliyun::env::SECURITY_TOKEN;
use aliyun::rpc::api_error::ErrorKind;
use aliyun::text::sanitize;

/// Describes a source, as the end of "credentials of".
pub(super) fn describe(source: &CredentialsSource) -> String {
    if let (Some(role), Some(caller)) = (source.role(), source.caller()) {
        let caller = describe(&caller);
        return format!("the role {}, assumed with {caller}", sanitize(role));
    }
    match source {
        CredentialsSource::Arguments => {
            "\"access_key\" and \"secret_key\" in the provider block".to_owned()
        }
        CredentialsSource::Variables { id, secret, token } => match token {
            Some(token) => format!("{id}, {secret} and {token}"),
            None => format!("{id} and {secret}"),
        },
        CredentialsSource::Profile(profile, source) => match &**source {
            CredentialsSource::Fields => profile.to_string(),
            CredentialsSource::Command => format!("the command of {profile}"),
            CredentialsSource::SignIn(_) => format!("the sign-in of {profile}"),
            source => format!("{} (named by {profile})", describe(source)),
        },
        CredentialsSource::EcsRole(name) => format!("the RAM role {name} of the ECS instance"),
        CredentialsSource::Uri(address) => format!("the credentials URI at {address}"),
        CredentialsSource::OidcRole { role, token_file } => {
            let token = match token_file {
                Some(file) => format!("the OIDC token in {}", sanitize(file)),
                None => "an OIDC token".to_owned(),
            };
            format!("the role {}, assumed with {token}", sanitize(role))
        }
        // Described above, with their profile or caller.
        CredentialsSource::Fields
        | CredentialsSource::Command
        | CredentialsSource::SignIn(_)
        | CredentialsSource::AssumedRole { .. } => "a profile".to_owned(),
    }
}

/// Advises on credentials of `source` that an API rejects. Returns `None` for an error that
/// is not about them.
pub(super) fn advice(kind: ErrorKind, source: &CredentialsSource) -> Option<Diagnostic> {
    let (summary, argument, hint) = match kind {
        ErrorKind::NoSuchKey => (
            "No such access key",
            "access_key",
            "The key may have been deleted, or belong to the other site of Alibaba Cloud \
             (aliyun.com or alibabacloud.com). Correct its ID.",
        ),
        ErrorKind::DisabledKey => (
            "The access key is disabled",
            "access_key",
            "Enable the key in the RAM console, or use another one.",
        ),
        ErrorKind::WrongSecret => (
            "The secret does not match the access key",
            "secret_key",
            "Correct the secret. It must belong to the access key ID.",
        ),
        ErrorKind::InvalidSecurityToken => (
            "The security token is not valid",
            "security_token",
            "Temporary credentials expire. Fetch a new access key ID, secret, and token, and set \
             all three.",
        ),
        _ => return None,
    };
    let of_service = "Run Terraform again to fetch new ones. If the error persists, check that \
                      source.";
    let next = match source {
        CredentialsSource::Variables { token: None, .. } if argument == "security_token" => {
            format!("{hint} The variable of the token is {SECURITY_TOKEN}.")
        }
        CredentialsSource::Arguments | CredentialsSource::Variables { .. } => hint.to_owned(),
        CredentialsSource::Profile(profile, inner) => match &**inner {
            CredentialsSource::Fields if profile.is_in_cli_file() => {
                format!("{hint} {}", configure("", &profile.name, "to change it"))
            }
            CredentialsSource::Fields => hint.to_owned(),
            CredentialsSource::SignIn(kind) => sign_in_again(*kind, &profile.name),
            CredentialsSource::Command => {
                "Run \"process_command\" manually to check its output.".to_owned()
            }
            _ => of_service.to_owned(),
        },
        _ => of_service.to_owned(),
    };
    let remedy = format!("The credentials are those of {}. {next}", describe(source));
    let advice = Diagnostic::error(summary, remedy);
    Some(match source {
        CredentialsSource::Arguments => advice.at(AttributePath::attribute(argument)),
        _ => advice,
    })
}
