//! The error of a value that does not match its schema.

use std::fmt;

use super::diagnostics::Diagnostic;
use super::path::AttributePath;

/// Holds the path but not the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value at \"{path}\" does not match the schema")]
pub struct DecodeError {
    /// The path of the value.
    pub path: AttributePath,
}

impl DecodeError {
    /// An error without a known path, or about the block as a whole.
    pub fn at_root() -> Self {
        Self {
            path: AttributePath::default(),
        }
    }

    /// Sets the path of an error that has none.
    pub(super) fn or_at(self, path: AttributePath) -> Self {
        if self.path.is_root() {
            Self { path }
        } else {
            self
        }
    }
}

/// Drops serde's message, which may quote the value.
impl serde::de::Error for DecodeError {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self::at_root()
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(DecodeError { path }: DecodeError) -> Self {
        let subject = if path.is_root() {
            "the block".to_owned()
        } else {
            format!("\"{path}\"")
        };
        Self::error(
            "Malformed value",
            format!(
                "Terraform sent a value for {subject} that does not fit this provider's schema. \
                 Run \"terraform init -upgrade\" so that Terraform and the provider agree on \
                 the schema. If that does not help, please report it with the versions of both."
            ),
        )
        .at(path)
    }
}
