//! Where a value is not what it should be.

use std::fmt;

use super::diagnostics::Diagnostic;
use super::path::AttributePath;

/// A value that does not have the form that the schema promises.
///
/// It tells where and never what: the value may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value at \"{path}\" does not have the form that the schema promises")]
pub struct DecodeError {
    /// Where in the block.
    pub path: AttributePath,
}

impl DecodeError {
    /// It is the value itself.
    pub fn at_root() -> Self {
        Self {
            path: AttributePath::default(),
        }
    }
}

/// What serde says is not kept: it may quote the value.
impl serde::de::Error for DecodeError {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self::at_root()
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(DecodeError { path }: DecodeError) -> Self {
        let place = if path.is_root() {
            "the block".to_owned()
        } else {
            format!("\"{path}\"")
        };
        Self::error(
            "Malformed value",
            format!(
                "Terraform sent a value for {place} that does not fit this provider's schema. \
                 Run \"terraform init -upgrade\" so that Terraform and the provider agree on \
                 the schema. If that does not help, please report it with the versions of both."
            ),
        )
        .at(path)
    }
}
