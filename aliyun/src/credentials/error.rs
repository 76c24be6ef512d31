//! Errors of credentials providers.

use std::fmt::{self, Write};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::profile::ini;
use super::source::{CredentialsSource, ProfileName};
use crate::env::{Environment, Variable};
use crate::file;
use crate::rpc::error::RequestError;
use crate::text::{debug_quote, sanitize};

/// Error of getting credentials. `Display` is a clause, which names files, profiles, variables
/// and addresses, and never quotes their content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// No source of the default chain is configured.
    #[error("no credentials found")]
    NothingFound {
        /// Errors of the sources that were skipped, in order.
        skipped: Vec<Self>,
        /// The variable that names a profile, so that no source follows the files.
        profile_variable: Option<String>,
    },
    /// A source that the configuration or the default chain names failed.
    #[error("{kind}: {error}")]
    Source {
        /// Kind of the source.
        kind: SourceKind,
        /// Cause of the failure.
        error: Box<Self>,
    },
    /// The profile is complete, and the source that it names failed.
    #[error("{error}")]
    OfProfile {
        /// The profile.
        profile: ProfileName,
        /// Failure of the source that the profile names.
        error: Box<Self>,
    },
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
    #[error("{what} is disabled by {by}")]
    Disabled {
        /// The source, with its article.
        what: &'static str,
        /// The variable.
        by: String,
    },
    /// A file is missing, unreadable or malformed.
    #[error("the file {} {problem}", sanitize_path(.file))]
    File {
        /// Path of the file.
        file: PathBuf,
        /// The problem, as the end of a sentence.
        problem: String,
        /// [`ErrorKind::NotFound`] if there is no such file, and [`ErrorKind::InvalidData`]
        /// if it is malformed.
        kind: ErrorKind,
    },
    /// The file does not have the profile.
    #[error(
        "the file {} has no profile {}{}", sanitize_path(.file), debug_quote(.name),
        profile_list(.others, .name)
    )]
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
    #[error("{}", .problem.clause(.profile.format, &.profile.to_string()))]
    Profile {
        /// The profile.
        profile: ProfileName,
        /// Cause within the profile.
        problem: ProfileError,
    },
    /// The file with the OIDC token is unusable.
    #[error("{0}")]
    OidcToken(Box<Self>),
    /// The command of a profile failed.
    #[error("the command {} {problem}", debug_quote(.program))]
    Command {
        /// The program, without its arguments.
        program: String,
        /// The problem, as the end of a sentence.
        problem: String,
    },
    /// A service issued no credentials.
    #[error("{problem}")]
    Service {
        /// The service.
        service: ServiceKind,
        /// The problem, as a clause with the address of the service, without secrets.
        problem: String,
        /// HTTP status of a response with an error.
        status: Option<u16>,
    },
    /// The metadata service issued no token or rejected it, and a variable disables requests
    /// without one.
    #[error("{problem}, and {by} disables requests without a token")]
    MetadataToken {
        /// The problem, as a clause with the address of the service.
        problem: String,
        /// The variable that disables requests without a token.
        by: String,
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

impl CredentialsError {
    /// Reads a file. `~/` at its beginning is the home directory.
    pub(crate) async fn read(
        file: &str,
        environment: &Environment,
    ) -> Result<(PathBuf, Vec<u8>), Self> {
        let Some(path) = environment.expand(file) else {
            return Err(Self::File {
                file: file.into(),
                problem: "is in a home directory that is not known".to_owned(),
                kind: ErrorKind::NotFound,
            });
        };
        match file::read(&path).await {
            Ok(content) => Ok((path, content)),
            Err(error) => Err(Self::File {
                problem: match error.kind() {
                    ErrorKind::NotFound => "does not exist".to_owned(),
                    _ => format!("cannot be read: {error}"),
                },
                kind: error.kind(),
                file: path,
            }),
        }
    }

    /// Returns the error of an invalid variable. `problem` is the end of a sentence.
    pub(crate) fn variable(variable: &Variable<'_>, problem: impl Into<String>) -> Self {
        Self::InvalidVariable {
            variable: variable.name.clone(),
            problem: problem.into(),
        }
    }

    /// Returns the error of a malformed file. `problem` is the end of a sentence.
    pub(crate) fn malformed(file: PathBuf, problem: impl Into<String>) -> Self {
        Self::File {
            file,
            problem: problem.into(),
            kind: ErrorKind::InvalidData,
        }
    }

    /// Returns true if the source is not configured, so that the default chain tries the
    /// next one.
    pub(crate) fn is_not_configured(&self) -> bool {
        match self {
            Self::Source { error, .. } => error.is_not_configured(),
            Self::NotSet(_) | Self::Disabled { .. } => true,
            Self::File { kind, .. } => *kind == ErrorKind::NotFound,
            Self::NoProfile { is_skipped, .. } => *is_skipped,
            Self::Profile { problem, .. } => {
                matches!(problem, ProfileError::Disabled | ProfileError::Unconfigured)
            }
            _ => false,
        }
    }
}

/// A kind of credentials source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
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
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "access key in the environment",
            Self::Oidc => "OIDC token",
            Self::Profile => "profile of the Alibaba Cloud CLI",
            Self::IniFile => "INI file of the Alibaba Cloud SDKs",
            Self::EcsRole => "RAM role of the ECS instance",
            Self::Uri => "credentials URI",
        })
    }
}

/// A service that issues credentials over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// Metadata service of an ECS instance.
    Metadata,
    /// Credentials URI.
    Uri,
    /// Exchange of the access token of a sign-in, with the name of its profile.
    SignIn(SignInKind, String),
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
        /// Mode or, in an INI file, type of the profile.
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
}

/// Maximum number of profiles that an error lists.
const MAX_LISTED: usize = 10;

fn other_family(other: Option<&str>) -> String {
    let text = other.map(|other| {
        format!(
            " ({other} is set, but key ID, secret, and token must come from variables with the \
             same prefix, all current or all deprecated)"
        )
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

/// Returns a path for a sentence.
fn sanitize_path(path: &Path) -> String {
    sanitize(&path.display().to_string())
}

impl ProfileError {
    /// Returns a clause about the profile that `subject` names.
    pub(crate) fn clause(&self, format: FileFormat, subject: &str) -> String {
        let word = format.key("mode");
        match self {
            Self::Mode(mode) => {
                let mode = debug_quote(mode);
                format!("{subject} has the {word} {mode}, which is not supported")
            }
            Self::Forbidden { mode, by } => {
                let mode = debug_quote(mode);
                format!("{subject} has the {word} {mode}, which {by} forbids")
            }
            Self::Disabled => format!("{subject} is disabled by \"enable\""),
            Self::Unconfigured => format!("{subject} has no credentials"),
            Self::SignInExpired(_) => format!("the sign-in of {subject} has expired"),
            Self::NoField(field) => format!("{subject} has no \"{}\"", format.key(field)),
            Self::Field { field, problem } => {
                format!("\"{}\" of {subject} {problem}", format.key(field))
            }
            Self::Duplicate => format!("{subject} is defined more than once"),
        }
    }
}

impl FileFormat {
    /// Returns the key of a field in this format.
    fn key(self, field: &'static str) -> &'static str {
        match self {
            Self::Json => field,
            Self::Ini => ini::keys(field).next().unwrap_or(field),
        }
    }
}
