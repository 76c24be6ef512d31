//! Diagnostics for errors of credentials.

use std::fmt::Write;
use std::io;

use super::{ErrorContext, sts};
use crate::terraform::Diagnostic;
use aliyun::credentials::error::{
    CredentialsError, FileFormat, ProfileError, ServiceFailure, ServiceKind, SignInKind, SourceKind,
};
use aliyun::credentials::source::ProfileName;
use aliyun::env::REGION;
use aliyun::rpc::api_error::ErrorKind;
use aliyun::rpc::error::RequestError;
use aliyun::text::shell_quote;

pub(super) fn diagnostic(error: &CredentialsError, context: &ErrorContext) -> Diagnostic {
    match error {
        CredentialsError::NothingFound {
            skipped,
            profile_variable,
        } => nothing_found(skipped, profile_variable.as_deref()),
        CredentialsError::Source { kind, error } => failed(Some(*kind), error, context),
        // The role of the provider block or the environment.
        error => failed(None, error, context),
    }
}

fn nothing_found(skipped: &[CredentialsError], profile_variable: Option<&str>) -> Diagnostic {
    let mut detail = "No credentials were found. Checked:\n- provider block: no credentials are \
                      set\n"
        .to_owned();
    for error in skipped {
        let _ = writeln!(detail, "- {error}");
    }
    if let Some(variable) = profile_variable {
        let _ = writeln!(
            detail,
            "No other source was checked, because {variable} names a profile. Correct or unset it."
        );
    }
    detail.push_str(
        "Set \"access_key\" and \"secret_key\" in the provider block or \
         ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or \
         run \"aliyun configure\".",
    );
    Diagnostic::error("No credentials", detail)
}

/// The error of a data block without a region. `is_explicit` is true if the configuration or
/// the environment names the profile that has none.
pub fn no_region(error: &CredentialsError, is_explicit: bool) -> Diagnostic {
    let has_no_region = matches!(
        error,
        CredentialsError::Profile {
            problem: ProfileError::NoField(_) | ProfileError::Field { .. },
            ..
        }
    );
    if is_explicit && !has_no_region {
        let mut detail = format!("Loading the region from the profile failed: {error}.");
        let advice = advice(Some(SourceKind::Profile), error, None);
        if !advice.is_empty() {
            let _ = write!(detail, "\n\n{advice}");
        }
        return Diagnostic::error("Cannot read the profile", detail);
    }
    let detail = format!(
        "No region is set. Set \"region_id\" here, \"region\" in the provider block, or the \
         environment variable {}. The profile sets no region either: {error}.",
        REGION[0]
    );
    Diagnostic::error("No region", detail)
}

fn failed(
    source: Option<SourceKind>,
    error: &CredentialsError,
    context: &ErrorContext,
) -> Diagnostic {
    let summary = match source {
        Some(SourceKind::Environment) => "Invalid access key in the environment",
        Some(SourceKind::Oidc) => "No credentials for the OIDC token",
        Some(SourceKind::Profile) => "No credentials from the profile",
        Some(SourceKind::IniFile) => "No credentials from the INI file",
        Some(SourceKind::EcsRole) => "No credentials from the ECS metadata service",
        Some(SourceKind::Uri) => "No credentials from the credentials URI",
        None => "Cannot assume the role",
    };
    let (profile, cause) = match error {
        CredentialsError::OfProfile { profile, error } => (Some(profile), &**error),
        error => (None, error),
    };
    let from = match (profile, source) {
        (Some(profile), _) => format!(" from {profile}"),
        // The error names the profile or its file.
        (None, None | Some(SourceKind::Profile)) => String::new(),
        (None, Some(source)) => format!(" from the {source}"),
    };
    let mut detail = match error {
        CredentialsError::Sts { .. } => format!("{error}."),
        _ => format!("Loading credentials{from} failed: {cause}."),
    };
    let mut advice = advice(source, cause, profile);
    if is_denial(cause) && !context.is_new_denial(&advice) {
        advice = format!("Another \"{summary}\" error of this run says what to do.");
    }
    if !advice.is_empty() {
        let _ = write!(detail, "\n\n{advice}");
    }
    Diagnostic::error(summary, detail)
}

/// Returns true if a policy denies the call of STS.
fn is_denial(error: &CredentialsError) -> bool {
    match error {
        CredentialsError::Sts { error, .. } => match &**error {
            RequestError::Api(error) => error.kind() == ErrorKind::PermissionDenied,
            _ => false,
        },
        _ => false,
    }
}

/// Advises on an error of a kind of source, which `profile` names. Empty if there is no advice.
fn advice(
    source: Option<SourceKind>,
    error: &CredentialsError,
    profile: Option<&ProfileName>,
) -> String {
    match error {
        CredentialsError::Sts {
            credentials,
            host,
            error,
            ..
        } => sts::advice(credentials, host, error),
        CredentialsError::OidcToken(_) => "Check \"oidc_token_file\" in the provider block, \
             ALIBABA_CLOUD_OIDC_TOKEN_FILE, or the file that the profile names."
            .to_owned(),
        CredentialsError::NoProfile { .. } if source == Some(SourceKind::IniFile) => {
            "Set ALIBABA_CLOUD_PROFILE to a section of that file, or \"profile\" and \
             \"shared_credentials_file\" in the provider block."
                .to_owned()
        }
        CredentialsError::NoProfile { .. }
        | CredentialsError::File {
            kind: io::ErrorKind::NotFound,
            ..
        } => "Check \"profile\" and \"shared_credentials_file\" in the provider block and \
             ALIBABA_CLOUD_PROFILE, ALIBABA_CLOUD_CREDENTIALS_FILE and ALIBABA_CLOUD_CONFIG_FILE \
             in the environment. \"aliyun configure list\" lists the profiles of the CLI's own \
             file."
            .to_owned(),
        CredentialsError::File {
            kind: io::ErrorKind::InvalidData,
            ..
        } => "Correct the file, or set another one in \
                                                       \"shared_credentials_file\" or \
                                                       ALIBABA_CLOUD_CREDENTIALS_FILE."
            .to_owned(),
        CredentialsError::Profile { profile, problem } => profile_advice(profile, problem),
        CredentialsError::Service {
            service, failure, ..
        } => service_advice(*service, *failure, profile),
        CredentialsError::Command { .. } => {
            "The error output of the command is not shown, because it can contain secrets. Run \
             \"process_command\" of the profile manually to see it."
                .to_owned()
        }
        CredentialsError::Incomplete { .. } if source == Some(SourceKind::Oidc) => {
            "An OIDC token requires ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN, and \
             either ALIBABA_CLOUD_OIDC_TOKEN_FILE or ALIBABA_CLOUD_OIDC_TOKEN. Set these, or \
             ALIBABA_CLOUD_ROLE_ARN alone."
                .to_owned()
        }
        CredentialsError::Incomplete {
            set,
            missing,
            other,
        } => {
            let unset = match other {
                Some(other) if missing.ends_with("SECURITY_TOKEN") => other.clone(),
                Some(other) => format!("{set} and {other}"),
                None => set.clone(),
            };
            format!(
                "Set both ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and \
                 ALIBABA_CLOUD_SECURITY_TOKEN for a temporary key, or unset {unset}."
            )
        }
        CredentialsError::InvalidVariable { variable, .. } => {
            format!("Correct or unset {variable}.")
        }
        CredentialsError::Disabled { by, .. } => format!(
            "Unset {by}, or use another source of credentials: remove \"ecs_role_name\" from the \
             provider block, unset ALIBABA_CLOUD_ECS_METADATA, or select another profile."
        ),
        CredentialsError::MetadataToken { by, .. } => format!(
            "Unset {by} to request credentials without a token (IMDSv1), or check why the metadata \
             service does not issue or accept one. In a container, the hop limit of the instance's \
             metadata options may be too low."
        ),
        _ => String::new(),
    }
}

fn service_advice(
    service: ServiceKind,
    failure: ServiceFailure,
    profile: Option<&ProfileName>,
) -> String {
    match (service, failure) {
        (ServiceKind::Metadata, _) => {
            "Check that this is an ECS instance with this RAM role. \"ecs_role_name\" in the \
             provider block, ALIBABA_CLOUD_ECS_METADATA, and \"ram_role_name\" of a profile name \
             the role."
                .to_owned()
        }
        (ServiceKind::Uri, failure) => {
            let next = match failure {
                ServiceFailure::NoResponse => {
                    "If the address is correct, check that the service is running and that this \
                     machine reaches it."
                }
                ServiceFailure::Status { has_code: true, .. } => {
                    "If the address is correct, check the service, which reports this error."
                }
                ServiceFailure::Status { .. } | ServiceFailure::Invalid => {
                    "The service must respond with Code, AccessKeyId, AccessKeySecret, \
                     SecurityToken, and Expiration as JSON."
                }
            };
            format!(
                "Check \"credentials_uri\" in the provider block or the profile, and \
                 ALIBABA_CLOUD_CREDENTIALS_URI. {next}"
            )
        }
        (
            ServiceKind::SignIn(kind),
            ServiceFailure::Status {
                status: 401 | 403, ..
            },
        ) => format!(
            "The sign-in may have expired or been revoked. {}",
            sign_in_again(kind, profile.map_or("default", |profile| &profile.name))
        ),
        (ServiceKind::SignIn(..), _) => {
            "Try again. If the error persists, check that this machine reaches that address: \
             network, DNS and, if a proxy is required, HTTPS_PROXY and NO_PROXY."
                .to_owned()
        }
    }
}

/// Purpose of the command for a profile without a field.
const COMPLETE: &str = "to complete the profile";

fn profile_advice(profile: &ProfileName, problem: &ProfileError) -> String {
    let name = &profile.name;
    match (problem, profile.format) {
        (ProfileError::Mode(_), FileFormat::Json) => {
            "The modes OAuth, CloudSSO, AK, StsToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, \
             RamRoleArnWithRoleName, OIDC, CredentialsURI and External are supported. Select \
             another profile with \"profile\", or use another source of credentials."
                .to_owned()
        }
        (ProfileError::Mode(_), FileFormat::Ini) => {
            "The types access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn and \
             credentials_uri are supported. Select another profile with \"profile\", or use \
             another source of credentials."
                .to_owned()
        }
        (ProfileError::Forbidden { by, .. }, _) => {
            format!("Unset {by}, or use another source of credentials.")
        }
        (ProfileError::Disabled, _) => {
            "Set \"enable\" to \"true\", or select another profile.".to_owned()
        }
        (ProfileError::SignInExpired(kind), _) => sign_in_again(*kind, name),
        (ProfileError::NoField(_), FileFormat::Ini) => {
            "Complete the section, or set \"enable\" in it to \"false\".".to_owned()
        }
        (ProfileError::NoField(field), FileFormat::Json) if field.starts_with("oauth_") => {
            configure("--mode OAuth ", name, COMPLETE)
        }
        (ProfileError::NoField(field), FileFormat::Json)
            if field.starts_with("cloud_sso_") || *field == "access_token" =>
        {
            configure("--mode CloudSSO ", name, COMPLETE)
        }
        (ProfileError::NoField(_) | ProfileError::Unconfigured, _) => configure("", name, COMPLETE),
        (ProfileError::Field { .. } | ProfileError::Duplicate, _) => {
            "Correct the profile in the file, or select another one.".to_owned()
        }
    }
}

/// Names the CLI command that writes a profile. `purpose` is the end of the sentence.
pub(super) fn configure(mode: &str, profile: &str, purpose: &str) -> String {
    format!(
        "Run \"aliyun configure {mode}--profile {}\" {purpose}.",
        shell_quote(profile)
    )
}

/// Names the CLI command that renews a sign-in.
pub(super) fn sign_in_again(kind: SignInKind, profile: &str) -> String {
    let profile = shell_quote(profile);
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
