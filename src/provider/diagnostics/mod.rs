//! Errors of the API as users read them: what was tried, where, what came back,
//! and what to do.
//!
//! - [`call`]: a call that failed
//! - [`credentials`]: credentials that cannot be had
//! - [`failure`]: what came back, of whichever API
//! - [`sts`]: what to do when STS gives no credentials
//! - [`tried`]: how often and how long it was tried

mod call;
mod credentials;
mod failure;
mod retry_history;
mod sts;

use crate::terraform::Diagnostic;
use aliyun::client::Error;
use aliyun::credentials::{NewName, Renamed};

pub use credentials::tell_renamed;
pub use retry_history::slow;

/// What errors say of the environment.
#[derive(Clone, Debug)]
pub struct ErrorContext {
    /// The variable that names the endpoint of the API, or would.
    pub endpoint_variable: &'static str,
    /// Variables that are set under old names in place of arguments for limits.
    pub old_limits: Vec<Renamed>,
}

/// What to tell the user about a call that gave no result.
pub fn diagnostic(error: &Error, context: &ErrorContext) -> Diagnostic {
    let variable = context.endpoint_variable;
    let (mut diagnostic, limits) = match error {
        Error::Credentials(error) => (credentials::diagnostic(error), credentials::limits(error)),
        Error::Call(error) => (call::diagnostic(error, variable), call::limits(error)),
    };
    let mut old_limits = context.old_limits.clone();
    old_limits.retain(|limit| {
        limits
            .iter()
            .any(|name| limit.new == NewName::Argument(name))
    });
    tell_renamed(&mut diagnostic.detail, &old_limits);
    diagnostic
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use aliyun::client::{CallError, RetryHistory};
    use aliyun::rpc::error::RequestError;

    #[test]
    fn an_old_name_of_the_limit_that_ended_a_call_is_told() {
        let limit = Duration::from_secs(30);
        let old = |old: &str, new| Renamed {
            old: old.to_owned(),
            new: NewName::Argument(new),
        };
        let context = ErrorContext {
            endpoint_variable: "SWAS",
            old_limits: vec![
                old("CONNECT", "client_connect_timeout"),
                old("READ", "client_read_timeout"),
                old("RETRY", "max_retry_timeout"),
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
            let error = CallError {
                action: "ListImages",
                region: "cn-hangzhou".parse().unwrap(),
                host: "swas.example".to_owned(),
                failure,
                retry_after: None,
                retries: RetryHistory {
                    attempts: 2,
                    time: limit,
                    previous: Vec::new(),
                    next_wait,
                },
            };
            let detail = diagnostic(&Error::Call(Box::new(error)), &context).detail;
            let lines = detail.lines().filter(|line| line.contains(" is not read"));
            let names: Vec<_> = lines.filter_map(|line| line.split(' ').next()).collect();
            assert_eq!(names, expected, "{detail}");
        }
    }
}
