//! Diagnostics for errors of credentials.

use std::fmt::Write;

use super::{ErrorContext, sts};
use crate::terraform::Diagnostic;
use aliyun::credentials::error::{
    CredentialsError, CredentialsErrorKind, FileFormat, ProfileError, ProviderKind, SignInKind,
};
use aliyun::env::REGION;
use aliyun::http::error::HttpError;
use aliyun::rpc::api_error::ErrorKind;
use aliyun::rpc::error::RequestError;
use aliyun::text::{debug_quote, sanitize, shell_quote};

pub(super) fn diagnostic(error: &CredentialsError, context: &ErrorContext) -> Diagnostic {
    match error {
        CredentialsError::NothingFound {
            skipped,
            profile_variable,
        } => nothing_found(skipped, profile_variable.as_deref()),
        CredentialsError::Failed {
            provider_source,
            kind,
        } => failed(*provider_source, kind, context),
    }
}

fn nothing_found(
    skipped: &[(ProviderKind, CredentialsErrorKind)],
    profile_variable: Option<&str>,
) -> Diagnostic {
    let mut detail = "No credentials were found. Checked:\n- provider block: no credentials are \
                      set\n"
        .to_owned();
    for (source, kind) in skipped {
        let _ = writeln!(detail, "- {source}: {kind}");
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
pub fn no_region(kind: &CredentialsErrorKind, is_explicit: bool) -> Diagnostic {
    let has_no_region = matches!(
        kind,
        CredentialsErrorKind::Profile {
            problem: ProfileError::NoField(_) | ProfileError::Field { .. },
            ..
        }
    );
    if is_explicit && !has_no_region {
        let mut detail = format!("Loading the region from the profile failed: {kind}.");
        let advice = advice(ProviderKind::Profile, kind);
        if !advice.is_empty() {
            let _ = write!(detail, "\n\n{advice}");
        }
        return Diagnostic::error("Cannot read the profile", detail);
    }
    let detail = format!(
        "No region is set. Set \"region_id\" here, \"region\" in the provider block, or the \
         environment variable {}. The profile sets no region either: {kind}.",
        REGION[0]
    );
    Diagnostic::error("No region", detail)
}

fn failed(source: ProviderKind, kind: &CredentialsErrorKind, context: &ErrorContext) -> Diagnostic {
    let summary = match source {
        ProviderKind::Environment => "Invalid access key in the environment",
        ProviderKind::Oidc => "No credentials for the OIDC token",
        ProviderKind::Profile => "No credentials from the profile",
        ProviderKind::IniFile => "No credentials from the INI file",
        ProviderKind::EcsRole => "No credentials from the ECS metadata service",
        ProviderKind::Uri => "No credentials from the credentials URI",
        ProviderKind::AssumedRole => "Cannot assume the role",
    };
    let (origin, source, kind) = innermost(source, kind);
    let is_sts = matches!(kind, CredentialsErrorKind::Sts { .. });
    let mut detail = if is_sts && origin.is_none() {
        format!("{kind}.")
    } else {
        let from = match (origin, source) {
            (Some(profile), _) => format!(" from the {profile}"),
            // The error names the profile or its file.
            (None, ProviderKind::Profile) => String::new(),
            (None, source) => format!(" from the {source}"),
        };
        format!("Loading credentials{from} failed: {kind}.")
    };
    let mut advice = advice(source, kind);
    if is_denial(kind) && !context.is_new_denial(&advice) {
        advice = format!("Another \"{summary}\" error of this run says what to do.");
    }
    if !advice.is_empty() {
        let _ = write!(detail, "\n\n{advice}");
    }
    Diagnostic::error(summary, detail)
}

/// Returns true if a policy denies the call of STS.
fn is_denial(kind: &CredentialsErrorKind) -> bool {
    match kind {
        CredentialsErrorKind::Sts { error, .. } => match &**error {
            RequestError::Api(error) => error.kind() == ErrorKind::PermissionDenied,
            _ => false,
        },
        _ => false,
    }
}

/// Returns the source that failed and its error, and the profile that names the source.
fn innermost(
    source: ProviderKind,
    kind: &CredentialsErrorKind,
) -> (Option<String>, ProviderKind, &CredentialsErrorKind) {
    match kind {
        CredentialsErrorKind::OfProfile {
            file,
            profile,
            error,
        } => {
            let (source, kind) = match &**error {
                CredentialsError::Failed {
                    provider_source,
                    kind,
                } => (*provider_source, kind),
                CredentialsError::NothingFound { .. } => (source, kind),
            };
            let profile = format!(
                "profile {} of {}",
                debug_quote(profile),
                sanitize(&file.display().to_string())
            );
            (Some(profile), source, kind)
        }
        kind => (None, source, kind),
    }
}

fn advice(source: ProviderKind, kind: &CredentialsErrorKind) -> String {
    match kind {
        CredentialsErrorKind::Sts {
            credentials,
            host,
            error,
            ..
        } => sts::advice(credentials, host, error),
        CredentialsErrorKind::OidcToken(_) => "Check \"oidc_token_file\" in the provider block, \
             ALIBABA_CLOUD_OIDC_TOKEN_FILE, or the file that the profile names."
            .to_owned(),
        CredentialsErrorKind::NoProfile { .. } if source == ProviderKind::IniFile => {
            "Set ALIBABA_CLOUD_PROFILE to a section of that file, or \"profile\" and \
             \"shared_credentials_file\" in the provider block."
                .to_owned()
        }
        CredentialsErrorKind::NoFile(_) | CredentialsErrorKind::NoProfile { .. } => {
            "Check \"profile\" and \"shared_credentials_file\" in the provider block and \
             ALIBABA_CLOUD_PROFILE, ALIBABA_CLOUD_CREDENTIALS_FILE and ALIBABA_CLOUD_CONFIG_FILE \
             in the environment. To list the profiles, run \"aliyun configure list\"."
                .to_owned()
        }
        CredentialsErrorKind::MalformedFile { .. } => "Correct the file, or set another one in \
                                                       \"shared_credentials_file\" or \
                                                       ALIBABA_CLOUD_CREDENTIALS_FILE."
            .to_owned(),
        CredentialsErrorKind::Profile {
            format,
            profile,
            problem,
            ..
        } => profile_advice(*format, profile, problem),
        CredentialsErrorKind::SignIn {
            kind,
            profile,
            error,
        } => match **error {
            CredentialsErrorKind::Status {
                status: 401 | 403, ..
            } => format!(
                "The sign-in may have expired or been revoked. {}",
                sign_in_again(*kind, profile)
            ),
            _ => "Try again. If the error persists, check that this machine reaches that address: \
                  network, DNS and, if a proxy is required, HTTPS_PROXY and NO_PROXY."
                .to_owned(),
        },
        CredentialsErrorKind::Command { .. } => {
            "The error output of the command is not shown, because it can contain secrets. Run \
             \"process_command\" of the profile manually to see it."
                .to_owned()
        }
        CredentialsErrorKind::Incomplete { .. } if source == ProviderKind::Oidc => {
            "An OIDC token requires ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_ROLE_ARN, and \
             either ALIBABA_CLOUD_OIDC_TOKEN_FILE or ALIBABA_CLOUD_OIDC_TOKEN. Set these, or \
             ALIBABA_CLOUD_ROLE_ARN alone."
                .to_owned()
        }
        CredentialsErrorKind::Incomplete { set, .. } => format!(
            "Set both ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and \
             ALIBABA_CLOUD_SECURITY_TOKEN for a temporary key, or unset {set}."
        ),
        CredentialsErrorKind::InvalidVariable { variable, .. } => {
            format!("Correct or unset {variable}.")
        }
        CredentialsErrorKind::Disabled { by, .. } if source == ProviderKind::EcsRole => {
            format!(
                "Unset {by}, or use another source of credentials: remove \"ecs_role_name\" from \
                 the provider block, unset ALIBABA_CLOUD_ECS_METADATA, or select another profile."
            )
        }
        CredentialsErrorKind::Disabled { by, .. } => {
            format!("Unset {by}, or use another source of credentials.")
        }
        CredentialsErrorKind::MetadataToken { by, .. } => format!(
            "Unset {by} to request credentials without a token (IMDSv1), or check why the metadata \
             service does not issue or accept one. In a container, the hop limit of the instance's \
             metadata options may be too low."
        ),
        _ => match source {
            ProviderKind::EcsRole => {
                "Check that this is an ECS instance with this RAM role. \"ecs_role_name\" in the \
                 provider block, ALIBABA_CLOUD_ECS_METADATA, and \"ram_role_name\" of a profile \
                 name the role."
                    .to_owned()
            }
            ProviderKind::Uri => uri_advice(kind),
            _ => String::new(),
        },
    }
}

/// Advises on a service that issues credentials.
fn uri_advice(kind: &CredentialsErrorKind) -> String {
    const IS_RUNNING: &str = "If the address is correct, check that the service is running and \
                              that this machine reaches it.";
    let next = match kind {
        CredentialsErrorKind::Status {
            problem: Some(_), ..
        } => "If the address is correct, check the service, which reports this error.",
        CredentialsErrorKind::Http { error, .. }
            if !matches!(
                error,
                HttpError::Redirect { .. } | HttpError::TooLarge { .. }
            ) =>
        {
            IS_RUNNING
        }
        CredentialsErrorKind::Timeout { .. } => IS_RUNNING,
        _ => {
            "The service must respond with Code, AccessKeyId, AccessKeySecret, SecurityToken, and \
             Expiration as JSON."
        }
    };
    format!(
        "Check \"credentials_uri\" in the provider block or the profile, and \
         ALIBABA_CLOUD_CREDENTIALS_URI. {next}"
    )
}

/// Purpose of the command for a profile without a field.
const COMPLETE: &str = "to complete the profile";

fn profile_advice(format: FileFormat, profile: &str, problem: &ProfileError) -> String {
    match (problem, format) {
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
        (ProfileError::SignInExpired(kind), _) => sign_in_again(*kind, profile),
        (ProfileError::NoField(_), FileFormat::Ini) => {
            "Complete the section, or set \"enable\" in it to \"false\".".to_owned()
        }
        (ProfileError::NoField(field), FileFormat::Json) if field.starts_with("oauth_") => {
            configure("--mode OAuth ", profile, COMPLETE)
        }
        (ProfileError::NoField(field), FileFormat::Json)
            if field.starts_with("cloud_sso_") || *field == "access_token" =>
        {
            configure("--mode CloudSSO ", profile, COMPLETE)
        }
        (ProfileError::NoField(_) | ProfileError::Unconfigured, _) => {
            configure("", profile, COMPLETE)
        }
        (ProfileError::Field { .. } | ProfileError::Duplicate, _) => {
            "Correct the profile in the file, or select another one.".to_owned()
        }
        (ProfileError::Cycle | ProfileError::LongChain(_), _) => {
            "Correct \"source_profile\" of the profiles.".to_owned()
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
