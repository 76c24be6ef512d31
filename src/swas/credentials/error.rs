//! Why there are no credentials.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::swas::error::ErrorKind;

/// Credentials that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Every place was looked at, and none holds any.
    #[error("no credentials found")]
    NothingFound(Vec<(Place, Reason)>),
    /// The place that was asked for, or the first that holds something, gives
    /// none.
    #[error("no credentials from {place}: {reason}")]
    Unusable {
        /// The place.
        place: Place,
        /// Why it gives none.
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
/// are named; nothing that they hold is quoted.
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
    },
    /// A variable turns it off.
    #[error("{0} turns it off")]
    TurnedOff(&'static str),
    /// Nobody knows where the home directory is.
    #[error("the home directory of {} is not known", .0)]
    NoHome(String),
    /// The file is not there.
    #[error("the file {} does not exist", .0.display())]
    NoFile(PathBuf),
    /// The file cannot be read.
    #[error("the file {} cannot be read: {reason}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// As the operating system says it.
        reason: String,
    },
    /// What the file holds is not of its format.
    #[error("{0}")]
    Malformed(String),
    /// The file has no such profile.
    #[error("the file {} has no profile {name:?}", .file.display())]
    NoProfile {
        /// The file.
        file: PathBuf,
        /// The name looked for.
        name: String,
    },
    /// The profile is made for something else than what is here.
    #[error("the profile {profile:?} of {} has the mode {mode:?}, which is not supported", .file.display())]
    Mode {
        /// The file.
        file: PathBuf,
        /// The profile.
        profile: String,
        /// Its mode.
        mode: String,
    },
    /// The profile lacks something that its mode needs.
    #[error("the profile {profile:?} of {} has no {field:?}", .file.display())]
    NoField {
        /// The file.
        file: PathBuf,
        /// The profile.
        profile: String,
        /// What it lacks.
        field: &'static str,
    },
    /// A field of the profile has a value that makes no sense.
    #[error("{field:?} of the profile {profile:?} of {} {problem}", .file.display())]
    Field {
        /// The file.
        file: PathBuf,
        /// The profile.
        profile: String,
        /// The field.
        field: &'static str,
        /// What is wrong, as the end of a sentence.
        problem: String,
    },
    /// The profile is assumed from itself.
    #[error("the profile {profile:?} of {} has itself as a source", .file.display())]
    Cycle {
        /// The file.
        file: PathBuf,
        /// The profile.
        profile: String,
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
    /// It took too long in all.
    #[error("{address} gave no credentials within {} ms", .limit.as_millis())]
    Slow {
        /// Scheme, host and port.
        address: String,
        /// The time allowed.
        limit: Duration,
    },
    /// STS did not hand out credentials.
    #[error("{action} of {role} at {host}: {kind}")]
    Sts {
        /// The action that was called.
        action: &'static str,
        /// The ARN of the role.
        role: String,
        /// The host that was called.
        host: String,
        /// What happened.
        kind: Box<ErrorKind>,
    },
    /// Credentials came with an end that is no time.
    #[error("the credentials end at a time that cannot be read")]
    Expiration,
    /// reqsign says so.
    #[error("{0}")]
    Other(String),
}

impl Reason {
    /// Whether there is merely nothing, so that another place may be looked at.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::NotSet(_) | Self::TurnedOff(_) | Self::NoHome(_) | Self::NoFile(_)
        )
    }

    /// The reason that a provider gave, through reqsign's own type of errors.
    ///
    /// Of an error that reqsign itself made only the message is taken: it is
    /// one of a few fixed sentences. What caused it may quote an answer.
    pub(super) fn of(error: &reqsign_core::Error) -> Self {
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            if let Some(reason) = inner.downcast_ref::<Self>() {
                return reason.clone();
            }
            source = inner.source();
        }
        Self::Other(error.to_string())
    }
}

impl From<Reason> for reqsign_core::Error {
    fn from(reason: Reason) -> Self {
        Self::config_invalid(reason.to_string()).with_source(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_survives_reqsigns_errors() {
        let reason = Reason::Expiration;
        let inner = reqsign_core::Error::from(reason.clone());
        assert_eq!(Reason::of(&inner), reason);
        let outer = reqsign_core::Error::unexpected("failed to fetch").with_source(inner);
        assert_eq!(Reason::of(&outer), reason);
        let other = reqsign_core::Error::unexpected("failed to parse");
        assert_eq!(
            Reason::of(&other),
            Reason::Other("failed to parse".to_owned())
        );
    }
}
