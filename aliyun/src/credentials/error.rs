//! Errors of credentials providers.

use std::fmt::{self, Write};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::profile::ini;
use super::source::CredentialsSource;
use crate::env::{self, NoHome};
use crate::file;
use crate::http::error::HttpError;
use crate::rpc::error::RequestError;
use crate::text::{debug_quote, sanitize};

/// Error of getting credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// No source of the default chain is configured.
    #[error("no credentials found")]
    NothingFound {
        /// Sources that were skipped, in order, and why.
        skipped: Vec<(ProviderKind, CredentialsErrorKind)>,
        /// The variable that names a profile, so that no source follows the files.
        profile_variable: Option<String>,
    },
    /// A configured source failed.
    #[error("no credentials from {source}: {kind}", source = .provider_source)]
    Failed {
        /// The source that failed.
        provider_source: ProviderKind,
        /// Cause of the failure.
        kind: CredentialsErrorKind,
    },
}

/// A kind of credentials source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Environment variables that hold an access key.
    Environment,
    /// OIDC token that is exchanged for credentials of a role.
    Oidc,
    /// Profile of the Alibaba Cloud CLI.
    Profile,
    /// Section of the SDKs' INI file.
    IniFile,
    /// Metadata service of an ECS instance.
    EcsRole,
    /// Credentials URI, such as that of a sidecar.
    Uri,
    /// Role that is assumed with credentials of another source.
    AssumedRole,
}

impl ProviderKind {
    /// Returns the error of this source.
    pub(crate) fn error(self, kind: impl Into<CredentialsErrorKind>) -> CredentialsError {
        CredentialsError::Failed {
            provider_source: self,
            kind: kind.into(),
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "access key in the environment",
            Self::Oidc => "OIDC token",
            Self::Profile => "profile of the Alibaba Cloud CLI",
            Self::IniFile => "INI file of the Alibaba Cloud SDKs",
            Self::EcsRole => "RAM role of the ECS instance",
            Self::Uri => "credentials URI",
            Self::AssumedRole => "assumed role",
        })
    }
}

/// Cause of a failure. Names files, profiles, variables and addresses, and never quotes
/// their content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsErrorKind {
    /// The variables of the source are not set.
    #[error("{0}")]
    NotSet(&'static str),
    /// Only some of the variables of the source are set.
    #[error("{set} is set, but {missing} is not{}", other_family(.other.as_deref()))]
    Incomplete {
        /// A variable that is set.
        set: String,
        /// A variable that is not set.
        missing: String,
        /// The missing variable under another prefix or a deprecated name, if it is set.
        other: Option<String>,
    },
    /// A variable has an invalid value, which is not quoted.
    #[error("{variable} {problem}")]
    InvalidVariable {
        /// Name of the variable.
        variable: String,
        /// The problem, as the end of a sentence.
        problem: String,
    },
    /// A variable disables the source.
    #[error("{subject} is disabled by {by}")]
    Disabled {
        /// The subject of the sentence.
        subject: &'static str,
        /// The variable that disables it.
        by: String,
    },
    /// The home directory is unknown.
    #[error("the home directory of {} is not known", sanitize(.0))]
    NoHome(String),
    /// The file does not exist.
    #[error("the file {} does not exist", truncated_path(.0))]
    NoFile(PathBuf),
    /// The file cannot be read.
    #[error("the file {} cannot be read: {reason}", truncated_path(.file))]
    File {
        /// Path of the file.
        file: PathBuf,
        /// Message of the operating system.
        reason: String,
    },
    /// The file is malformed.
    #[error("the file {} {problem}", truncated_path(.file))]
    MalformedFile {
        /// Path of the file.
        file: PathBuf,
        /// The problem, as the end of a sentence.
        problem: String,
    },
    /// The file does not have the profile.
    #[error("the file {} has no profile {}{}", truncated_path(.file), debug_quote(.name), profile_list(.others, .name))]
    NoProfile {
        /// Path of the file.
        file: PathBuf,
        /// Name of the missing profile.
        name: String,
        /// Names of the profiles in the file.
        others: Vec<String>,
        /// True if the default chain tries the next source: another file can have the
        /// profile, or no profile of this file is configured.
        is_skipped: bool,
    },
    /// The profile is incomplete or invalid.
    #[error("{}", .problem.sentence(*.format, .profile, .file))]
    Profile {
        /// Path of the file.
        file: PathBuf,
        /// Format of the file.
        format: FileFormat,
        /// Name of the profile.
        profile: String,
        /// Cause within the profile.
        problem: ProfileError,
    },
    /// The profile is complete, and the source that it names failed.
    #[error("{error}")]
    OfProfile {
        /// Path of the file that holds the profile.
        file: PathBuf,
        /// Name of the profile.
        profile: String,
        /// Failure of the source that the profile names.
        error: Box<CredentialsError>,
    },
    /// The file with the OIDC token is unusable.
    #[error("{0}")]
    OidcToken(Box<CredentialsErrorKind>),
    /// The command of a profile failed.
    #[error("the command {} {problem}", debug_quote(.program))]
    Command {
        /// The program, without its arguments.
        program: String,
        /// The problem, as the end of a sentence.
        problem: String,
    },
    /// A service that issues credentials did not respond.
    #[error("the request to {address} failed: {error}")]
    Http {
        /// Address of the service, without secrets.
        address: String,
        /// Failure of the request.
        error: HttpError,
    },
    /// A service that issues credentials responded with an error.
    #[error("{address} responded with HTTP {status}{}", and(.problem.as_deref()))]
    Status {
        /// Address of the service, without secrets.
        address: String,
        /// HTTP status of the response.
        status: u16,
        /// Error in the response, redacted, as the object of the sentence.
        problem: Option<String>,
    },
    /// The response has no usable credentials.
    #[error("{address} responded with {problem}")]
    Response {
        /// Address of the service, without secrets.
        address: String,
        /// The problem, as the object of the sentence.
        problem: String,
    },
    /// The service took too long for all requests together.
    #[error("{address} returned no credentials within {} ms", .limit.as_millis())]
    Timeout {
        /// Scheme, host and port.
        address: String,
        /// Time limit for all requests together.
        limit: Duration,
    },
    /// The metadata service issued no token or rejected it, and requests without one are
    /// disabled.
    #[error("{address} {problem}, and {by} disables requests without a token")]
    MetadataToken {
        /// Address of the service, without secrets.
        address: String,
        /// The problem, as the end of a sentence.
        problem: String,
        /// The variable that disables requests without a token.
        by: String,
    },
    /// The access token of a sign-in could not be exchanged.
    #[error("{error}")]
    SignIn {
        /// Kind of the sign-in.
        kind: SignInKind,
        /// The profile that holds the access token.
        profile: String,
        /// Failure of the exchange.
        error: Box<CredentialsErrorKind>,
    },
    /// A call of STS failed.
    #[error(
        "{action} of {} at {} failed{}: {error}",
        sanitize(.credentials.role().unwrap_or_default()),
        sanitize(.host),
        match .attempts {
            0 | 1 => String::new(),
            attempts => format!(" after {attempts} attempts"),
        }
    )]
    Sts {
        /// STS operation, such as `AssumeRole`.
        action: &'static str,
        /// Source of the credentials of the role.
        credentials: CredentialsSource,
        /// Host of the STS endpoint.
        host: String,
        /// Number of attempts.
        attempts: u32,
        /// Failure of the last attempt.
        error: Box<RequestError>,
    },
}

impl CredentialsErrorKind {
    /// Reads a file.
    pub(crate) async fn read(path: &Path) -> Result<Vec<u8>, Self> {
        file::read(path).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Self::NoFile(path.to_owned()),
            _ => Self::File {
                file: path.to_owned(),
                reason: error.to_string(),
            },
        })
    }

    /// Returns true if the source is not configured, so that the default chain tries the
    /// next one.
    pub(crate) fn is_not_configured(&self) -> bool {
        match self {
            Self::NotSet(_) | Self::Disabled { .. } | Self::NoHome(_) | Self::NoFile(_) => true,
            Self::NoProfile { is_skipped, .. } => *is_skipped,
            Self::Profile { problem, .. } => {
                matches!(problem, ProfileError::Disabled | ProfileError::Unconfigured)
            }
            _ => false,
        }
    }
}

/// Format of a file of profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// JSON, as the Alibaba Cloud CLI writes it.
    Json,
    /// INI, as Alibaba Cloud's SDKs read it.
    Ini,
}

/// Kind of a sign-in, by the mode of its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// OAuth sign-in of the Alibaba Cloud CLI (mode `OAuth`).
    OAuth,
    /// CloudSSO sign-in of the Alibaba Cloud CLI (mode `CloudSSO`).
    CloudSso,
}

/// Problem of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// The mode or, in an INI file, the type is not supported.
    Mode(String),
    /// An environment variable disables the mode.
    Forbidden {
        /// Mode of the profile.
        mode: String,
        /// The variable that disables it.
        by: String,
    },
    /// The profile is disabled by `enable = false`.
    Disabled,
    /// The profile has nothing but preferences, such as the region.
    Unconfigured,
    /// The sign-in has expired.
    SignInExpired(SignInKind),
    /// The mode requires a field that is not set.
    NoField(&'static str),
    /// A field has an invalid value.
    Field {
        /// Name of the field.
        field: &'static str,
        /// The problem, as the end of a sentence.
        problem: String,
    },
    /// The file has several profiles with this name.
    Duplicate,
    /// The profile has itself as a source.
    Cycle,
    /// The chain of source profiles is longer than this limit.
    LongChain(usize),
}

/// Maximum number of profiles that an error lists.
const MAX_LISTED: usize = 10;

fn and(problem: Option<&str>) -> String {
    problem
        .map(|problem| format!(" and {problem}"))
        .unwrap_or_default()
}

fn other_family(other: Option<&str>) -> String {
    let text = other.map(|other| {
        let reason = if other.starts_with(env::PREFIX) {
            "a deprecated name and a new one cannot be combined"
        } else {
            "key ID, secret, and token must come from variables with the same prefix"
        };
        format!(" ({other} is set, but {reason})")
    });
    text.unwrap_or_default()
}

/// Returns the end of a sentence about a file without the profile `name`.
fn profile_list(others: &[String], name: &str) -> String {
    if others.is_empty() {
        return String::new();
    }
    let listed = others.iter().take(MAX_LISTED);
    let listed = listed.map(|other| debug_quote(other)).collect::<Vec<_>>();
    let mut text = format!(", only {}", listed.join(", "));
    if others.len() > MAX_LISTED {
        let _ = write!(text, " and {} more", others.len() - MAX_LISTED);
    }
    let is_similar = |other: &String| other.to_lowercase() == name.to_lowercase();
    if others.iter().any(is_similar) {
        text.push_str(" (names are case-sensitive)");
    }
    text
}

/// Returns a path of limited length.
fn truncated_path(path: &Path) -> String {
    sanitize(&path.display().to_string())
}

impl ProfileError {
    pub(crate) fn field(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Field {
            field,
            problem: problem.into(),
        }
    }

    fn sentence(&self, format: FileFormat, profile: &str, file: &Path) -> String {
        let profile = format!(
            "the profile {} of {}",
            debug_quote(profile),
            truncated_path(file)
        );
        match self {
            Self::Mode(mode) => {
                let word = match format {
                    FileFormat::Json => "mode",
                    FileFormat::Ini => "type",
                };
                let mode = debug_quote(mode);
                format!("{profile} has the {word} {mode}, which is not supported")
            }
            Self::Forbidden { mode, by } => {
                let mode = match format {
                    FileFormat::Json => format!("mode {}", debug_quote(mode)),
                    // The one type that can be forbidden.
                    FileFormat::Ini => "type \"credentials_uri\"".to_owned(),
                };
                format!("{profile} has the {mode}, which {by} forbids")
            }
            Self::Disabled => format!("{profile} is disabled by \"enable\""),
            Self::Unconfigured => format!("{profile} has no credentials"),
            Self::SignInExpired(_) => format!("the sign-in of {profile} has expired"),
            Self::NoField(field) => format!("{profile} has no \"{}\"", format.key(field)),
            Self::Field { field, problem } => {
                format!("\"{}\" of {profile} {problem}", format.key(field))
            }
            Self::Duplicate => format!("{profile} is defined more than once"),
            Self::Cycle => format!("{profile} has itself as a source"),
            Self::LongChain(limit) => {
                format!("{profile} has a chain of more than {limit} sources")
            }
        }
    }
}

impl FileFormat {
    /// Returns the key of a field in this format.
    fn key(self, field: &'static str) -> &'static str {
        let mut keys = ini::KEYS.into_iter().rev();
        let key = keys.find(|(_, name)| self == Self::Ini && *name == field);
        key.map_or(field, |(key, _)| key)
    }
}

impl From<NoHome> for CredentialsErrorKind {
    fn from(NoHome(file): NoHome) -> Self {
        Self::NoHome(file)
    }
}
