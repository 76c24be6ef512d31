//! Why there are no credentials.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::renamed::Renamed;
use super::sign_in::SignInKind;
use crate::env::NoHome;
use crate::rpc::error::RequestError;
use crate::text::{debug_quote, sanitize};

/// Credentials that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Every place was looked at, and none holds any.
    #[error("no credentials found")]
    NothingFound {
        /// Sources that were tried, in order, and why each gave no credentials.
        looked: Vec<(Place, Reason)>,
        /// Variables that are set under names which nobody reads.
        renamed: Vec<Renamed>,
    },
    /// The place that was asked for, or the first that holds something, gives
    /// none.
    #[error("no credentials from {place}: {reason}")]
    Unusable {
        /// The source that failed.
        place: Place,
        /// Cause of the failure.
        reason: Reason,
    },
}

/// Where credentials may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Variables of the environment that hold a key.
    Environment,
    /// An OIDC token and a role to exchange it for.
    Oidc,
    /// A profile of the Alibaba Cloud CLI.
    Profile,
    /// A section of the SDKs' INI file.
    IniFile,
    /// The metadata service of an ECS instance.
    EcsRole,
    /// A sidecar.
    Uri,
    /// A role that is assumed with other credentials.
    AssumedRole,
}

impl fmt::Display for Place {
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

/// Why a place gives no credentials. Files, profiles, variables and addresses
/// are named; none of their content is quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No variable that would name it is set.
    #[error("{0}")]
    NotSet(&'static str),
    /// Some variables are set, and others that belong to them are not.
    #[error("{set} is set, and {missing} is not")]
    Incomplete {
        /// One that is.
        set: &'static str,
        /// One that is not.
        missing: &'static str,
        /// What is set in its place, under names which nobody reads.
        renamed: Vec<Renamed>,
    },
    /// A variable turns it off.
    #[error("{what} is disabled: {by} turns it off")]
    TurnedOff {
        /// The subject of the sentence.
        what: &'static str,
        /// The variable that disables it.
        by: &'static str,
    },
    /// Nobody knows where the home directory is.
    #[error("the home directory of {} is not known", sanitize(.0))]
    NoHome(String),
    /// The file is not there.
    #[error("the file {} does not exist", shown(.0))]
    NoFile(PathBuf),
    /// The file cannot be read.
    #[error("the file {} cannot be read: {reason}", shown(.file))]
    File {
        /// Path of the file.
        file: PathBuf,
        /// As the operating system says it.
        reason: String,
    },
    /// What the file holds is not of its format.
    #[error("{0}")]
    Malformed(String),
    /// The file has no such profile.
    #[error("the file {} has no profile {}{}", shown(.file), debug_quote(.name), only(.others, .name))]
    NoProfile {
        /// Path of the file.
        file: PathBuf,
        /// Name of the missing profile.
        name: String,
        /// The names of those that it has.
        others: Vec<String>,
    },
    /// The profile gives nothing.
    #[error("{}", .problem.sentence(.profile, .file))]
    Profile {
        /// Path of the file.
        file: PathBuf,
        /// Name of the profile.
        profile: String,
        /// Cause within the profile.
        problem: ProfileProblem,
    },
    /// The file with the OIDC token cannot be read.
    #[error("{0}")]
    OidcToken(Box<Reason>),
    /// A profile is complete, and what it names gave no credentials.
    #[error("{failure}")]
    OfProfile {
        /// Path of the file that holds the profile.
        file: PathBuf,
        /// Name of the profile.
        profile: String,
        /// Failure of the source that the profile refers to.
        failure: Box<Reason>,
    },
    /// The command of a profile gave nothing.
    #[error("the command {program:?} {problem}")]
    Command {
        /// The program, without its arguments.
        program: String,
        /// What is wrong, as the end of a sentence.
        problem: String,
    },
    /// What was asked over HTTP gave no usable answer.
    #[error("{address} {problem}")]
    Http {
        /// Scheme, host, port and path.
        address: String,
        /// What is wrong, as the end of a sentence.
        problem: String,
    },
    /// What was asked over HTTP did not answer with success.
    #[error("{address} answered with HTTP {status}")]
    Status {
        /// Scheme, host, port and path.
        address: String,
        /// HTTP status of the response.
        status: u16,
    },
    /// It took too long in all.
    #[error("{address} gave no credentials within {} ms", .limit.as_millis())]
    Slow {
        /// Scheme, host and port.
        address: String,
        /// Time limit for all attempts together.
        limit: Duration,
    },
    /// The access token of a sign-in could not be exchanged.
    #[error("{failure}")]
    SignIn {
        /// Kind of the sign-in.
        kind: SignInKind,
        /// The profile that keeps it.
        profile: String,
        /// Failure of the token exchange.
        failure: Box<Reason>,
    },
    /// STS did not hand out credentials.
    #[error("{action} of {role} at {host}: {failure}")]
    Sts {
        /// STS operation, such as `AssumeRole`.
        action: &'static str,
        /// The ARN of the role.
        role: String,
        /// Host of the STS endpoint.
        host: String,
        /// Failure of the last attempt.
        failure: Box<RequestError>,
    },
}

/// What is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileProblem {
    /// Its mode, which is not supported.
    Mode(String),
    /// A variable of the environment forbids its mode.
    Forbidden {
        /// Mode of the profile, as the file spells it.
        mode: String,
        /// The variable that forbids it.
        by: &'static str,
    },
    /// It is disabled by `enable = false`.
    Disabled,
    /// The sign-in that it keeps has ended.
    SignedOut(SignInKind),
    /// Its mode needs a field that it has not.
    NoField(&'static str),
    /// A field has a value that makes no sense.
    Field {
        /// Name of the field.
        field: &'static str,
        /// What is wrong, as the end of a sentence.
        problem: String,
    },
    /// Its file has several profiles of its name.
    Duplicate,
    /// It is assumed from itself.
    Cycle,
    /// More than so many profiles are assumed from one another.
    LongChain(usize),
}

/// The most profiles of a file that an error lists.
const MOST_PROFILES: usize = 10;

/// The end of a sentence on a file that has no profile of this name, and these.
fn only(others: &[String], name: &str) -> String {
    if others.is_empty() {
        return String::new();
    }
    let shown = others
        .iter()
        .take(MOST_PROFILES)
        .map(|other| debug_quote(other));
    let mut text = format!(", only {}", shown.collect::<Vec<_>>().join(", "));
    if others.len() > MOST_PROFILES {
        let _ = write!(text, " and {} more", others.len() - MOST_PROFILES);
    }
    let is_similar = |other: &String| other.to_lowercase() == name.to_lowercase();
    if others.iter().any(is_similar) {
        text.push_str(" (names are case-sensitive)");
    }
    text
}

/// A path of bounded length: nothing is known of it yet.
fn shown(path: &Path) -> String {
    sanitize(&path.display().to_string())
}

impl ProfileProblem {
    pub(crate) fn field(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Field {
            field,
            problem: problem.into(),
        }
    }

    fn sentence(&self, profile: &str, file: &Path) -> String {
        let profile = format!("the profile {profile:?} of {}", file.display());
        match self {
            Self::Mode(mode) => format!("{profile} has the mode {mode:?}, which is not supported"),
            Self::Forbidden { mode, by } => {
                format!("{profile} has the mode {mode:?}, which {by} forbids")
            }
            Self::Disabled => format!("{profile} is disabled by \"enable\""),
            Self::SignedOut(_) => format!("the sign-in that {profile} keeps has expired"),
            Self::NoField(field) => format!("{profile} has no {field:?}"),
            Self::Field { field, problem } => format!("{field:?} of {profile} {problem}"),
            Self::Duplicate => format!("{profile} is defined more than once"),
            Self::Cycle => format!("{profile} has itself as a source"),
            Self::LongChain(limit) => {
                format!("{profile} has a chain of more than {limit} sources")
            }
        }
    }
}

impl From<NoHome> for Reason {
    fn from(NoHome(file): NoHome) -> Self {
        Self::NoHome(file)
    }
}
