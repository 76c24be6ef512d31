//! Filtering and selection on another thread.

use crate::terraform::{Diagnostic, ReadError};
use aliyun::http::executor::run_on_thread;

/// Runs work over a response on another thread: a slow regular expression over thousands
/// of names must not keep other reads waiting.
///
/// # Errors
///
/// If the operating system starts no thread.
pub async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ReadError> {
    run_on_thread(work).await.map_err(|error| {
        let detail = format!(
            "The response was received, but {error}. Raise the limit of threads or processes, or \
             run Terraform with a lower -parallelism."
        );
        Diagnostic::error("Cannot process the response", detail).into()
    })
}
