//! Diagnostics for errors of API calls and credentials: the failed operation, the cause,
//! and the remedy.
//!
//! - [`request`], [`access_denied`], [`tls`]: errors of calls of any API
//! - [`call`], [`sts`]: errors of calls of the SWAS API and of STS
//! - [`credentials`]: errors of credentials
//! - [`source`]: the source of credentials, and advice on rejected ones
//! - [`retry_history`]: number, duration, and causes of retries
//! - [`throttling`]: the rate limit of the API

mod access_denied;
mod call;
mod credentials;
mod request;
mod retry_history;
mod source;
mod sts;
mod throttling;
mod tls;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::swas::catalog::error::{Cause, LoadError};
use crate::terraform::Diagnostic;

pub use credentials::no_region;
pub use throttling::quota_warning;

/// Facts about the configuration for diagnostics.
#[derive(Debug, Default)]
pub struct ErrorContext {
    /// The variable that sets the endpoint of the API.
    pub endpoint_variable: String,
    /// `max_retry_timeout`.
    pub retry_limit: Duration,
    /// True if the provider block or the environment sets `cache_dir`.
    pub has_cache: bool,
    /// Remedies for denials that were shown.
    pub denials: Mutex<HashSet<String>>,
}

impl ErrorContext {
    /// Returns true if the run shows a remedy for a denial for the first time.
    fn is_new_denial(&self, remedy: &str) -> bool {
        let mut shown = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(remedy.to_owned())
    }
}

/// Converts an error to a diagnostic.
pub fn diagnostic(error: &LoadError, context: &ErrorContext) -> Diagnostic {
    let mut diagnostic = match &error.cause {
        Cause::Credentials(error) => return credentials::diagnostic(error, context),
        Cause::Request(attempt) => call::advice(error, &attempt.failure, context),
        Cause::Changed(_) => call::list_changed(error, context),
    };
    let problem = format!("{error}.{}", retry_history::retry_summary(error));
    diagnostic.detail = with_remedy(problem, &diagnostic.detail);
    diagnostic
}

/// Appends a paragraph with the remedy, if there is one.
fn with_remedy(problem: String, remedy: &str) -> String {
    match remedy {
        "" => problem,
        _ => format!("{problem}\n\n{remedy}"),
    }
}

/// Compares diagnostics with a golden file in `tests/snapshots`.
#[cfg(test)]
fn assert_golden(name: &str, cases: impl IntoIterator<Item = (&'static str, Diagnostic)>) {
    use std::fmt::Write;

    let mut text = String::new();
    for (case, diagnostic) in cases {
        let severity = format!("{:?}", diagnostic.severity).to_lowercase();
        let _ = writeln!(text, "# {case}\n{severity}: {}", diagnostic.summary);
        for line in diagnostic.detail.lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
