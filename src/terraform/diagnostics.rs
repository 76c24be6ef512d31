//! Diagnostics: the errors and warnings that users see.

use std::fmt::Write;

use aliyun::text::{sanitize, sanitize_lines};

use super::path::AttributePath;
use super::proto::tfplugin;
pub use super::proto::tfplugin::diagnostic::Severity;

/// The maximum length of a detail, in characters. Lists of ten long values fit.
const MAX_DETAIL_LENGTH: usize = 20_000;

/// Appends `lines` to `text` as a list of up to `limit` items, and the number of the
/// items beyond that.
pub fn append_list(text: &mut String, mut lines: impl Iterator<Item = String>, limit: usize) {
    for line in lines.by_ref().take(limit) {
        text.push_str("\n- ");
        text.push_str(&line);
    }
    let more = lines.count();
    if more > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- and {more} more");
    }
}

/// An error or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity, which decides whether Terraform stops.
    pub severity: Severity,
    /// One line without a period.
    pub summary: String,
    /// Full sentences: the problem and its solution.
    pub detail: String,
    /// The path of the value at fault. The root stands for the block as a whole.
    pub path: AttributePath,
}

impl Diagnostic {
    /// An error about the block as a whole.
    pub(crate) fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path: AttributePath::default(),
        }
    }

    /// A warning about the block as a whole.
    pub(crate) fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(summary, detail)
        }
    }

    /// An error about an argument with an invalid value.
    pub(crate) fn invalid(path: &AttributePath, detail: impl Into<String>) -> Self {
        Self::error(format!("Invalid value for \"{path}\""), detail).at(path.clone())
    }

    /// An error about an argument with blank text.
    pub(crate) fn blank(path: &AttributePath) -> Self {
        let detail = format!(
            "\"{path}\" is blank. Give it a value, or leave it out: remove it or set it to null."
        );
        Self::invalid(path, detail)
    }

    /// Sets the path.
    #[must_use]
    pub(crate) fn at(mut self, path: AttributePath) -> Self {
        self.path = path;
        self
    }
}

/// Escapes invisible characters, which come from outside, and limits the length.
impl From<Diagnostic> for tfplugin::Diagnostic {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            severity: diagnostic.severity.into(),
            summary: sanitize(&diagnostic.summary),
            detail: sanitize_lines(&diagnostic.detail, MAX_DETAIL_LENGTH),
            attribute: (!diagnostic.path.is_root()).then(|| diagnostic.path.into()),
        }
    }
}

/// The diagnostics of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Moves all diagnostics of `other` here.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Returns `true` if there is an error, and not only warnings.
    #[must_use]
    pub(crate) fn has_error(&self) -> bool {
        self.0.iter().any(|one| one.severity == Severity::Error)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl From<Diagnostics> for Vec<tfplugin::Diagnostic> {
    fn from(diagnostics: Diagnostics) -> Self {
        diagnostics.0.into_iter().map(Into::into).collect()
    }
}
