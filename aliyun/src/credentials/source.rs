//! The source of credentials, which an error of the API is about.

use std::fmt;
use std::path::PathBuf;

use super::error::{FileFormat, SignInKind};
use crate::text::{debug_quote, sanitize};

/// The source of credentials. Providers that wrap others wrap their sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialsSource {
    /// Arguments of the configuration.
    Arguments,
    /// Environment variables with the key ID, the secret and the token.
    Variables {
        /// Name of the variable with the access key ID.
        id: String,
        /// Name of the variable with the secret.
        secret: String,
        /// Name of the variable with the token, if there is one.
        token: Option<String>,
    },
    /// Fields of a profile. The profile is that of the [`Self::Profile`] around it.
    Fields,
    /// A command that a profile names.
    Command,
    /// A sign-in of the Alibaba Cloud CLI, which a profile holds.
    SignIn(SignInKind),
    /// RAM role of an ECS instance, by its name.
    EcsRole(String),
    /// Credentials URI, by scheme, host and port.
    Uri(String),
    /// Role that is assumed with an OIDC token.
    OidcRole {
        /// ARN of the role.
        role: String,
        /// File with the token, if it is in one.
        token_file: Option<String>,
    },
    /// Role that is assumed with other credentials.
    AssumedRole {
        /// ARN of the role.
        role: String,
        /// Source of the credentials that assume it.
        with: Box<Self>,
        /// Identity of the credentials that assume it.
        caller: String,
    },
    /// A profile that holds or names a source.
    Profile(ProfileName, Box<Self>),
}

impl CredentialsSource {
    /// Returns the ARN of the role that was assumed last, if any.
    pub fn role(&self) -> Option<&str> {
        match self {
            Self::OidcRole { role, .. } | Self::AssumedRole { role, .. } => Some(role),
            Self::Profile(_, source) => source.role(),
            _ => None,
        }
    }

    /// Returns the role of the credentials, and what assumed it. It is the same in other
    /// processes, unlike a temporary key.
    pub(crate) fn role_identity(&self) -> Option<String> {
        match self {
            Self::EcsRole(name) => Some(format!("{name} of the ECS instance")),
            Self::OidcRole { role, .. } => Some(format!("{role} by OIDC")),
            Self::AssumedRole { role, caller, .. } => Some(format!("{role} by {caller}")),
            Self::Profile(_, source) => source.role_identity(),
            Self::Arguments
            | Self::Variables { .. }
            | Self::Fields
            | Self::Command
            | Self::SignIn(_)
            | Self::Uri(_) => None,
        }
    }

    /// Returns the source of the credentials that assumed the role, if any.
    pub fn caller(&self) -> Option<Self> {
        match self {
            Self::AssumedRole { with, .. } => Some((**with).clone()),
            Self::Profile(profile, source) => {
                let caller = source.caller()?;
                Some(Self::Profile(profile.clone(), Box::new(caller)))
            }
            _ => None,
        }
    }
}

/// Name of a profile, and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName {
    /// Path of the file.
    pub file: PathBuf,
    /// Format of the file.
    pub format: FileFormat,
    /// Name of the profile.
    pub name: String,
}

impl ProfileName {
    /// Returns true if the file is the one that the Alibaba Cloud CLI changes.
    pub fn is_in_cli_file(&self) -> bool {
        self.format == FileFormat::Json && self.file.ends_with(".aliyun/config.json")
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = debug_quote(&self.name);
        let file = sanitize(&self.file.display().to_string());
        write!(f, "the profile {name} of {file}")
    }
}
