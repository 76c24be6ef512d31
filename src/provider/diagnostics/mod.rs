//! Diagnostics for errors of API calls and credentials: the failed operation, the cause,
//! and the remedy.
//!
//! - [`call`], [`access_denied`]: errors of calls of the SWAS API
//! - [`credentials`]: errors of credentials
//! - [`request`]: advice on requests without a usable response
//! - [`source`]: the source of credentials, and advice on rejected ones
//! - [`sts`]: remedies for errors of calls of STS
//! - [`retry_history`]: number, duration, and causes of retries

mod access_denied;
mod call;
mod credentials;
mod request;
mod retry_history;
mod source;
mod sts;

use crate::swas::catalog::error::CatalogError;
use crate::terraform::Diagnostic;

pub use credentials::no_region;
pub use retry_history::quota_warning;

/// Facts about the configuration for diagnostics.
#[derive(Clone, Debug)]
pub struct ErrorContext {
    /// The variable that sets the endpoint of the API.
    pub endpoint_variable: String,
}

/// Converts an error to a diagnostic.
pub fn diagnostic(error: &CatalogError, context: &ErrorContext) -> Diagnostic {
    match error {
        CatalogError::Credentials(error) => credentials::diagnostic(error),
        CatalogError::Call(error) => call::diagnostic(error, &context.endpoint_variable),
    }
}
