//! Diagnostics for errors of API calls and credentials: the failed operation, the cause,
//! and the remedy.
//!
//! - [`call`]: errors of calls of the SWAS API
//! - [`credentials`]: errors of credentials
//! - [`failure`]: descriptions of request errors of all APIs
//! - [`sts`]: remedies for errors of calls of STS
//! - [`retry_history`]: number, duration, and causes of retries

mod call;
mod credentials;
mod failure;
mod retry_history;
mod sts;

use crate::swas::catalog::error::CatalogError;
use crate::terraform::Diagnostic;
use aliyun::credentials::{NewName, Renamed};

pub use credentials::append_deprecation_hints;
pub use retry_history::quota_warning;

/// Facts about the environment for diagnostics.
#[derive(Clone, Debug)]
pub struct ErrorContext {
    /// The variable that sets the endpoint of the API.
    pub endpoint_variable: &'static str,
    /// Deprecated variables for timeouts that are set, with the arguments that replace them.
    pub deprecated_limits: Vec<Renamed>,
}

/// Converts an error to a diagnostic.
pub fn diagnostic(error: &CatalogError, context: &ErrorContext) -> Diagnostic {
    let variable = context.endpoint_variable;
    let (mut diagnostic, limits) = match error {
        CatalogError::Credentials(error) => (
            credentials::diagnostic(error),
            credentials::exceeded_limits(error),
        ),
        CatalogError::Call(error) => (
            call::diagnostic(error, variable),
            call::exceeded_limits(error),
        ),
    };
    let mut deprecated = context.deprecated_limits.clone();
    deprecated.retain(|limit| {
        limits
            .iter()
            .any(|name| limit.new == NewName::Argument(name))
    });
    append_deprecation_hints(&mut diagnostic.detail, &deprecated);
    diagnostic
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::swas::catalog::error::{CallFailure, FailedCall, RetryHistory};
    use aliyun::rpc::error::RequestError;

    #[test]
    fn diagnostic_of_timeout_names_deprecated_variable() {
        let limit = Duration::from_secs(30);
        let deprecated = |old: &str, new| Renamed {
            old: old.to_owned(),
            new: NewName::Argument(new),
        };
        let context = ErrorContext {
            endpoint_variable: "SWAS",
            deprecated_limits: vec![
                deprecated("CONNECT", "client_connect_timeout"),
                deprecated("READ", "client_read_timeout"),
                deprecated("RETRY", "max_retry_timeout"),
            ],
        };
        for (failure, next_wait, expected) in [
            (
                RequestError::ConnectTimeout { limit },
                None,
                vec!["CONNECT"],
            ),
            (RequestError::ReadTimeout { limit }, None, vec!["READ"]),
            (
                RequestError::ReadTimeout { limit },
                Some(limit),
                vec!["READ", "RETRY"],
            ),
            (
                RequestError::Empty { status: 503 },
                Some(limit),
                vec!["RETRY"],
            ),
            (RequestError::Empty { status: 503 }, None, vec![]),
        ] {
            let error = FailedCall {
                action: "ListImages",
                region: "cn-hangzhou".parse().unwrap(),
                host: "swas.example".to_owned(),
                failure: CallFailure::Request(failure),
                retry_after: None,
                retries: RetryHistory {
                    attempts: 2,
                    time: limit,
                    previous: Vec::new(),
                    next_wait,
                },
            };
            let detail = diagnostic(&CatalogError::Call(Box::new(error)), &context).detail;
            let lines = detail.lines().filter(|line| line.contains(" is not read"));
            let names: Vec<_> = lines.filter_map(|line| line.split(' ').next()).collect();
            assert_eq!(names, expected, "{detail}");
        }
    }
}
