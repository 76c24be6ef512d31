//! Diagnostics for errors of credentials.

use std::fmt::Write;

use super::failure::{describe, exceeded_limit};
use super::sts;
use crate::terraform::Diagnostic;
use aliyun::credentials::{
    CredentialsError, NewName, Place, ProfileProblem, Reason, Renamed, SignInKind,
};

pub(super) fn diagnostic(error: &CredentialsError) -> Diagnostic {
    match error {
        CredentialsError::NothingFound {
            looked: skipped,
            renamed: deprecated,
        } => nothing_found(skipped, deprecated),
        CredentialsError::Unusable { place, reason } => unusable(*place, reason),
    }
}

fn nothing_found(skipped: &[(Place, Reason)], deprecated: &[Renamed]) -> Diagnostic {
    let mut detail = "Calls to Alibaba Cloud are signed with an access key, and none was found:\n\
                      - provider block: it names no credentials\n"
        .to_owned();
    for (place, reason) in skipped {
        let _ = writeln!(detail, "- {place}: {reason}");
    }
    if !skipped.iter().any(|(place, _)| *place == Place::Uri) {
        detail.push_str(
            "No other place was looked at, because ALIBABA_CLOUD_PROFILE names a profile.\n",
        );
    }
    detail.push_str(
        "Set \"access_key\" and \"secret_key\" in the provider block or \
         ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or \
         run \"aliyun configure\".",
    );
    append_deprecation_hints(&mut detail, deprecated);
    Diagnostic::error("No credentials", detail)
}

/// Appends a sentence about each deprecated variable that is set, with its replacement.
pub fn append_deprecation_hints(detail: &mut String, deprecated: &[Renamed]) {
    for Renamed { old, new } in deprecated {
        let _ = match new {
            NewName::Variable(name) => write!(
                detail,
                "\n{old} is set, and is not read: its name here is {name}."
            ),
            NewName::Argument(name) => write!(
                detail,
                "\n{old} is set, and is not read: set \"{name}\" in the provider block."
            ),
        };
    }
}

/// The arguments of the provider block whose timeouts ended the call.
pub(super) fn exceeded_limits(error: &CredentialsError) -> Vec<&'static str> {
    let CredentialsError::Unusable { reason, .. } = error else {
        return Vec::new();
    };
    let cause = match reason {
        Reason::OfProfile { failure, .. } => failure,
        reason => reason,
    };
    match cause {
        Reason::Sts { failure, .. } => exceeded_limit(failure).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn unusable(place: Place, reason: &Reason) -> Diagnostic {
    let summary = match place {
        Place::Environment => "Incomplete access key in the environment",
        Place::Oidc => "No credentials for the OIDC token",
        Place::Profile => "No credentials from the profile",
        Place::IniFile => "No credentials from the INI file",
        Place::EcsRole => "No credentials from the ECS metadata service",
        Place::Uri => "No credentials from the credentials URI",
        Place::AssumedRole => "Cannot assume the role",
    };
    let (source, reason) = match reason {
        Reason::OfProfile {
            file,
            profile,
            failure,
        } => (
            Some(format!("profile {profile:?} of {}", file.display())),
            &**failure,
        ),
        reason => (None, reason),
    };
    let cause = match reason {
        Reason::Sts {
            action,
            role,
            host,
            failure,
        } => format!("{action} of {role} at {host} failed: {}", describe(failure)),
        reason => reason.to_string(),
    };
    let mut detail = match (source, reason) {
        (None, Reason::Sts { .. }) => format!("{cause}."),
        (source, _) => {
            let source = source.unwrap_or_else(|| place.to_string());
            format!("Credentials were to come from the {source}, but {cause}.")
        }
    };
    let remedy = advice(place, reason);
    if !remedy.is_empty() {
        let _ = write!(detail, "\n\n{remedy}");
    }
    if let Reason::Incomplete {
        renamed: deprecated,
        ..
    } = reason
    {
        append_deprecation_hints(&mut detail, deprecated);
    }
    Diagnostic::error(summary, detail)
}

fn advice(place: Place, reason: &Reason) -> String {
    match reason {
        Reason::Sts {
            action,
            role,
            host,
            failure,
        } => sts::advice(action, role, host, failure),
        Reason::OidcToken(_) if place == Place::Oidc => {
            "Check \"oidc_token_file\" in the provider block and ALIBABA_CLOUD_OIDC_TOKEN_FILE."
                .to_owned()
        }
        Reason::OidcToken(_) => "Check \"oidc_token_file\" of the profile.".to_owned(),
        Reason::NoProfile { .. } if place == Place::IniFile => {
            "Set ALIBABA_CLOUD_PROFILE to a section of that file, or \"profile\" and \
             \"shared_credentials_file\" in the provider block."
                .to_owned()
        }
        Reason::NoFile(_) | Reason::NoProfile { .. } => {
            "Check \"profile\" and \"shared_credentials_file\" in the provider block and \
             ALIBABA_CLOUD_PROFILE, ALIBABA_CLOUD_CREDENTIALS_FILE and ALIBABA_CLOUD_CONFIG_FILE \
             in the environment. \
             \"aliyun configure list\" shows which profiles there are."
                .to_owned()
        }
        Reason::Profile {
            profile, problem, ..
        } => profile_advice(place, profile, problem),
        Reason::SignIn {
            kind,
            profile,
            failure,
        } => match **failure {
            Reason::Status {
                status: 401 | 403, ..
            } => format!(
                "The sign-in may have been ended. {}",
                sign_in_again(*kind, profile)
            ),
            _ => "Try again. If it happens again, check that this machine reaches that address: \
                  its network, DNS and, if it takes a proxy to get there, HTTPS_PROXY and NO_PROXY."
                .to_owned(),
        },
        Reason::Command { .. } => {
            "Its error output is not shown, because it may hold secrets. Run \"process_command\" \
             of the profile by hand to see what it says."
                .to_owned()
        }
        Reason::Incomplete { .. } if place == Place::Oidc => {
            "An OIDC token takes ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN and one of \
             ALIBABA_CLOUD_OIDC_TOKEN_FILE and ALIBABA_CLOUD_OIDC_TOKEN. Set these, or \
             ALIBABA_CLOUD_ROLE_ARN alone."
                .to_owned()
        }
        Reason::Incomplete { set, .. } => format!(
            "Set both ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or unset \
             {set}."
        ),
        Reason::TurnedOff { by, .. } if place == Place::EcsRole => format!(
            "Unset {by}, or name no role in \"ecs_role_name\" in the provider block and \
             ALIBABA_CLOUD_ECS_METADATA."
        ),
        Reason::TurnedOff { by, .. } => format!("Unset {by}, or name credentials elsewhere."),
        _ => match place {
            Place::EcsRole => {
                "Is this an ECS instance, and is a RAM role attached to it? \"ecs_role_name\" in \
                 the provider block and ALIBABA_CLOUD_ECS_METADATA name the role."
                    .to_owned()
            }
            Place::Uri => "Check \"credentials_uri\" in the provider block and \
                 ALIBABA_CLOUD_CREDENTIALS_URI, and that the service there answers with Code, \
                 AccessKeyId, AccessKeySecret, SecurityToken and Expiration as JSON."
                .to_owned(),
            _ => String::new(),
        },
    }
}

fn profile_advice(place: Place, profile: &str, problem: &ProfileProblem) -> String {
    match problem {
        ProfileProblem::Mode(_) => {
            "The modes OAuth, CloudSSO, AK, StsToken, RamRoleArn, ChainableRamRoleArn, \
             EcsRamRole, RamRoleArnWithRoleName, OIDC, CredentialsURI and External are supported. \
             Name another profile in \"profile\", or set credentials in another way."
                .to_owned()
        }
        ProfileProblem::Forbidden { by, .. } => {
            format!("Unset {by}, or name credentials elsewhere.")
        }
        ProfileProblem::Disabled => {
            "Set \"enable\" to \"true\", or name another profile.".to_owned()
        }
        ProfileProblem::SignedOut(kind) => sign_in_again(*kind, profile),
        ProfileProblem::NoField(_) if place == Place::IniFile => {
            "Complete the section, or set \"enable\" in it to \"false\".".to_owned()
        }
        ProfileProblem::NoField(_) => {
            format!("Run \"aliyun configure --profile {profile}\" to complete the profile.")
        }
        ProfileProblem::Field { .. }
        | ProfileProblem::Duplicate
        | ProfileProblem::Cycle
        | ProfileProblem::LongChain(_) => String::new(),
    }
}

/// The CLI command that renews a sign-in.
fn sign_in_again(kind: SignInKind, profile: &str) -> String {
    match kind {
        SignInKind::OAuth => format!(
            "Run \"aliyun sts GetCallerIdentity --profile {profile}\", which renews it, or \
             \"aliyun configure --mode OAuth --profile {profile}\" to sign in again."
        ),
        SignInKind::CloudSso => format!(
            "Run \"aliyun configure --mode CloudSSO --profile {profile}\" to sign in again."
        ),
    }
}
