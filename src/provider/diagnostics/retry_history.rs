//! Descriptions of retries.

use std::fmt::Write;
use std::time::Duration;

use crate::swas::catalog::error::{LoadError, RetryHistory};
use aliyun::text::sanitize;

/// Summarizes the attempts, and the next one if it exceeds the retry limit. Empty without
/// retries.
pub(super) fn retry_summary(error: &LoadError) -> String {
    let RetryHistory {
        attempts,
        time,
        failures,
        next_wait,
    } = &error.history;
    let mut text = String::new();
    let is_only_cause = error.is_only_cause();
    if *attempts > 1 || !is_only_cause {
        let counted = match attempts {
            1 => "1 attempt".to_owned(),
            _ => format!("{attempts} attempts"),
        };
        let _ = write!(text, " {counted} in {} failed", format_duration(*time));
        if is_only_cause {
            text.push_str(" with this error.");
        } else {
            text.push(':');
            for (failure, number) in failures {
                let _ = write!(text, "\n- {}: {}", times(*number), sanitize(failure));
            }
            let others = attempts - failures.iter().map(|(_, number)| number).sum::<u32>();
            if others > 0 {
                let _ = write!(text, "\n- {}: other failures", times(others));
            }
        }
    }
    // After one attempt without Retry-After, retries are disabled.
    if let Some(wait) = next_wait.filter(|_| *attempts != 1 || error.retry_after().is_some()) {
        let _ = write!(
            text,
            "{}The next attempt is due in {}, after the end of \"max_retry_timeout\" in the \
             provider block.",
            if is_only_cause { ' ' } else { '\n' },
            format_duration(wait)
        );
    }
    text
}

fn times(number: u32) -> String {
    match number {
        1 => "once".to_owned(),
        _ => format!("{number} times"),
    }
}

/// Formats a duration in whole milliseconds or seconds.
pub(super) fn format_duration(time: Duration) -> String {
    match time.as_millis() {
        // Rounded up, so that a remaining wait is never zero.
        0..1000 => format!("{} ms", time.as_micros().div_ceil(1000)),
        _ => format!("{} s", time.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ErrorContext, assert_golden, diagnostic};
    use super::*;
    use aliyun::rpc::api_error::ApiError;
    use aliyun::rpc::error::{AttemptError, RequestError};

    fn empty(status: u16) -> RequestError {
        RequestError::Empty { status }
    }

    fn throttled(request_id: &str) -> RequestError {
        RequestError::Api(ApiError {
            status: 400,
            code: "Throttling.User".to_owned(),
            message: "Denied.".to_owned(),
            request_id: request_id.to_owned(),
            recommend: format!("https://api.example/{request_id}"),
            access_denied: None,
        })
    }

    /// An error after these attempts, the last of which is the cause.
    fn failed(
        attempts: &[RequestError],
        next_wait: Option<u64>,
        retry_after: Option<u64>,
    ) -> LoadError {
        let mut history = RetryHistory::default();
        for failure in attempts {
            history.add(failure, Duration::from_millis(12_300));
        }
        history.next_wait = next_wait.map(Duration::from_secs);
        let cause = AttemptError {
            failure: attempts.last().cloned().unwrap_or_else(|| throttled("R-0")),
            retry_after: retry_after.map(Duration::from_secs),
        };
        LoadError {
            action: "ListImages",
            region: "cn-hangzhou".parse().unwrap(),
            host: "swas.example".to_owned(),
            credentials: None,
            cause: cause.into(),
            history,
        }
    }

    #[test]
    fn retry_summary_counts_attempts_and_failures() {
        let unlike = [500, 501, 502, 503, 504, 505, 506, 503].map(empty);
        for (error, expected) in [
            (failed(&[empty(500)], None, None), ""),
            // Retries are disabled: the limit is zero.
            (failed(&[empty(500)], Some(3), None), ""),
            (
                failed(&["R-1", "R-2", "R-3"].map(throttled), Some(3), None),
                " 3 attempts in 12 s failed with this error. The next attempt is due \
                 in 3 s, after the end of \"max_retry_timeout\" in the provider block.",
            ),
            (
                failed(
                    &[empty(500), throttled("R-1"), empty(500), throttled("R-2")],
                    Some(3),
                    None,
                ),
                " 4 attempts in 12 s failed:\n- 2 times: the response is empty (HTTP 500)\n- 2 \
                 times: the API returned Throttling.User (HTTP 400): Denied\nThe next attempt is \
                 due in 3 s, after the end of \"max_retry_timeout\" in the provider block.",
            ),
            (
                failed(&unlike, None, None),
                " 8 attempts in 12 s failed:\n\
                 - once: the response is empty (HTTP 500)\n\
                 - once: the response is empty (HTTP 501)\n\
                 - once: the response is empty (HTTP 502)\n\
                 - 2 times: the response is empty (HTTP 503)\n\
                 - once: the response is empty (HTTP 504)\n\
                 - 2 times: other failures",
            ),
            // The call of another read was throttled.
            (
                failed(&[], Some(400), Some(400)),
                " The next attempt is due in 400 s, after the end of \"max_retry_timeout\" in the \
                 provider block.",
            ),
        ] {
            assert_eq!(retry_summary(&error), expected);
        }
    }

    #[test]
    fn retried_read_error_lists_attempts_and_failures() {
        let down = |request_id: &str| {
            RequestError::Api(ApiError {
                status: 503,
                code: "ServiceUnavailable".to_owned(),
                message: "The request has failed due to a temporary failure.".to_owned(),
                request_id: request_id.to_owned(),
                recommend: String::new(),
                access_denied: None,
            })
        };
        let context = ErrorContext {
            endpoint_variable: "ALIBABA_CLOUD_SWAS_ENDPOINT".to_owned(),
            ..ErrorContext::default()
        };
        let cases = [
            (
                "one cause",
                failed(&["R-1", "R-2", "R-3"].map(down), Some(5), None),
            ),
            (
                "several causes",
                failed(
                    &[down("R-1"), empty(502), empty(502), down("R-2")],
                    Some(5),
                    None,
                ),
            ),
            (
                "many causes",
                failed(&[500, 501, 502, 503, 504, 505, 506].map(empty), None, None),
            ),
        ];
        let cases = cases.map(|(case, error)| (case, diagnostic(&error, &context)));
        assert_golden("retried_reads", cases);
    }
}
