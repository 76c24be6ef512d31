//! Diagnostics for errors of credentials.

use std::fmt::Write;
use std::io;

use super::{ErrorContext, sts, with_remedy};
use crate::terraform::Diagnostic;
use aliyun::credentials::error::{
    CredentialsError, FileFormat, ProfileError, ServiceKind, SignInKind, SourceKind,
};
use aliyun::credentials::source::ProfileName;
use aliyun::env::REGION;
use aliyun::text::shell_quote;

pub(super) fn diagnostic(error: &CredentialsError, context: &ErrorContext) -> Diagnostic {
    let (source, error) = match error {
        CredentialsError::NothingFound {
            skipped,
            profile_variable,
        } => return nothing_found(skipped, profile_variable.as_deref()),
        CredentialsError::Source { kind, error } => (Some(*kind), &**error),
        // The role of the provider block or the environment.
        error => (None, error),
    };
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
    let problem = match error {
        CredentialsError::Sts { .. } => format!("{error}."),
        _ => format!("Loading credentials{from} failed: {cause}."),
    };
    let remedy = remedy(source, cause, context);
    Diagnostic::error(summary, with_remedy(problem, &remedy))
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
pub fn no_region(
    error: &CredentialsError,
    is_explicit: bool,
    context: &ErrorContext,
) -> Diagnostic {
    let has_no_region = matches!(
        error,
        CredentialsError::Profile {
            problem: ProfileError::NoField(_) | ProfileError::Field { .. },
            ..
        }
    );
    if is_explicit && !has_no_region {
        let problem = format!("Loading the region from the profile failed: {error}.");
        let remedy = remedy(Some(SourceKind::Profile), error, context);
        return Diagnostic::error("Cannot read the profile", with_remedy(problem, &remedy));
    }
    let detail = format!(
        "No region is set. Set \"region_id\" here, \"region\" in the provider block, or the \
         environment variable {}. The profile sets no region either: {error}.",
        REGION[0]
    );
    Diagnostic::error("No region", detail)
}

/// Returns the remedy for an error of a kind of source, which may be empty.
fn remedy(source: Option<SourceKind>, error: &CredentialsError, context: &ErrorContext) -> String {
    match error {
        CredentialsError::Sts {
            credentials,
            host,
            error,
            ..
        } => sts::remedy(credentials, host, error, context),
        CredentialsError::OidcToken(_) => "Check \"oidc_token_file\" in the provider block, \
             ALIBABA_CLOUD_OIDC_TOKEN_FILE, or the file that the profile names."
            .to_owned(),
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
        CredentialsError::Profile { profile, problem } => profile_remedy(profile, problem),
        CredentialsError::Service {
            service, status, ..
        } => service_remedy(service, *status),
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

/// Returns the remedy for a service that issued no credentials. `status` is that of a response
/// with an error.
fn service_remedy(service: &ServiceKind, status: Option<u16>) -> String {
    match (service, status) {
        (ServiceKind::Metadata, _) => {
            "Check that this is an ECS instance with this RAM role. \"ecs_role_name\" in the \
             provider block, ALIBABA_CLOUD_ECS_METADATA, and \"ram_role_name\" of a profile name \
             the role."
                .to_owned()
        }
        (ServiceKind::Uri, _) => {
            "Check \"credentials_uri\" in the provider block or the profile, and \
             ALIBABA_CLOUD_CREDENTIALS_URI. If the address is correct, check that this machine \
             reaches the service, and that it responds with Code, AccessKeyId, AccessKeySecret, \
             SecurityToken, and Expiration as JSON."
                .to_owned()
        }
        (ServiceKind::SignIn(kind, profile), Some(401 | 403)) => format!(
            "The sign-in may have expired or been revoked. {}",
            sign_in_again(*kind, profile)
        ),
        (ServiceKind::SignIn(..), _) => {
            "Try again. If the error persists, check that this machine reaches that address: \
             network, DNS and, if a proxy is required, HTTPS_PROXY and NO_PROXY."
                .to_owned()
        }
    }
}

fn profile_remedy(profile: &ProfileName, problem: &ProfileError) -> String {
    let name = &profile.name;
    match (problem, profile.format) {
        (ProfileError::Mode(_), format) => {
            let supported = match format {
                FileFormat::Json => {
                    "modes OAuth, CloudSSO, AK, StsToken, RamRoleArn, ChainableRamRoleArn, \
                     EcsRamRole, RamRoleArnWithRoleName, OIDC, CredentialsURI and External"
                }
                FileFormat::Ini => {
                    "types access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn and \
                     credentials_uri"
                }
            };
            format!(
                "The {supported} are supported. Select another profile with \"profile\", or use \
                 another source of credentials."
            )
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
        (ProfileError::NoField(field), FileFormat::Json) => {
            let mode = match *field {
                field if field == "access_token" || field.starts_with("cloud_sso_") => {
                    "--mode CloudSSO "
                }
                field if field.starts_with("oauth_") => "--mode OAuth ",
                _ => "",
            };
            configure(mode, name, "to complete the profile")
        }
        (ProfileError::Unconfigured, _) => configure("", name, "to complete the profile"),
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
