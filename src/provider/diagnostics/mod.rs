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
mod sts;
mod tried;

use crate::terraform::Diagnostic;
use aliyun::client::Error;
use aliyun::credentials::{NewName, Renamed};

pub use credentials::tell_renamed;
pub use tried::slow;

/// What errors say of the environment.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The variable that names the endpoint of the API, or would.
    pub endpoint_variable: &'static str,
    /// Variables that are set under old names in place of arguments for limits.
    pub old_limits: Vec<Renamed>,
}

/// What to tell the user about a call that gave no result.
pub fn diagnostic(error: &Error, surroundings: &Surroundings) -> Diagnostic {
    let variable = surroundings.endpoint_variable;
    let (mut diagnostic, limits) = match error {
        Error::Credentials(error) => (credentials::diagnostic(error), credentials::limits(error)),
        Error::Call(error) => (call::diagnostic(error, variable), call::limits(error)),
    };
    let mut old_limits = surroundings.old_limits.clone();
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
    use aliyun::client::{CallError, Tried};
    use aliyun::rpc::error::Failure;

    #[test]
    fn an_old_name_of_the_limit_that_ended_a_call_is_told() {
        let limit = Duration::from_secs(30);
        let old = |old: &str, new| Renamed {
            old: old.to_owned(),
            new: NewName::Argument(new),
        };
        let surroundings = Surroundings {
            endpoint_variable: "SWAS",
            old_limits: vec![
                old("CONNECT", "client_connect_timeout"),
                old("READ", "client_read_timeout"),
                old("RETRY", "max_retry_timeout"),
            ],
        };
        for (failure, too_long, expected) in [
            (Failure::ConnectTimeout { limit }, None, vec!["CONNECT"]),
            (Failure::ReadTimeout { limit }, None, vec!["READ"]),
            (
                Failure::ReadTimeout { limit },
                Some(limit),
                vec!["READ", "RETRY"],
            ),
            (Failure::Empty { status: 503 }, Some(limit), vec!["RETRY"]),
            (Failure::Empty { status: 503 }, None, vec![]),
        ] {
            let error = CallError {
                action: "ListImages",
                region: "cn-hangzhou".parse().unwrap(),
                host: "swas.example".to_owned(),
                failure,
                told_wait: None,
                tried: Tried {
                    attempts: 2,
                    time: limit,
                    earlier: Vec::new(),
                    too_long,
                },
            };
            let detail = diagnostic(&Error::Call(Box::new(error)), &surroundings).detail;
            let lines = detail.lines().filter(|line| line.contains(" is not read"));
            let names: Vec<_> = lines.filter_map(|line| line.split(' ').next()).collect();
            assert_eq!(names, expected, "{detail}");
        }
    }
}
