//! Descriptions of retries and of waits for the quota.

use std::fmt::Write;
use std::time::Duration;

use crate::provider::list;
use crate::swas::catalog::client::Loaded;
use crate::swas::catalog::error::{FailedCall, RetryHistory};
use crate::terraform::{Diagnostic, Diagnostics};

/// The wait for the quota from which on a read gives a warning.
const QUOTA_WARNING_THRESHOLD: Duration = Duration::from_secs(30);

/// The maximum number of different errors in a diagnostic.
const MAX_LISTED: usize = 5;

/// Summarizes the previous attempts, and the wait for the next one if it exceeds the retry
/// limit. Empty without retries.
pub(super) fn retry_summary(error: &FailedCall) -> String {
    let RetryHistory {
        attempts,
        time,
        previous,
        next_wait,
    } = &error.retries;
    let mut text = String::new();
    if *attempts > 1 {
        let _ = write!(
            text,
            " It was tried {attempts} times in {}",
            format_duration(*time)
        );
        let mut errors: Vec<(String, u32)> = Vec::new();
        for error in previous.iter().map(ToString::to_string) {
            match errors.last_mut() {
                Some((last, times)) if *last == error => *times += 1,
                _ => errors.push((error, 1)),
            }
        }
        text.push_str(if errors.is_empty() {
            "."
        } else {
            "; before that:"
        });
        let lines = errors.into_iter().map(|(error, times)| match times {
            1 => error,
            _ => format!("{times} times: {error}"),
        });
        list::append(&mut text, lines, MAX_LISTED);
    }
    // After a single attempt without Retry-After, retries are disabled: nothing to report.
    if let Some(wait) = next_wait.filter(|_| *attempts != 1 || error.retry_after.is_some()) {
        text.push(if text.contains('\n') { '\n' } else { ' ' });
        let _ = match error.retry_after {
            Some(_) => write!(
                text,
                "It is to be called again in {}, and \"max_retry_timeout\" in the provider block \
                 does not leave as much time for this read.",
                format_duration(wait)
            ),
            None => write!(
                text,
                "\"max_retry_timeout\" in the provider block leaves no time for a further attempt."
            ),
        };
    }
    text
}

/// The warning about a read that waited long for the quota.
pub fn quota_warning<T>(loaded: &Loaded<T>) -> Diagnostics {
    if loaded.throttled <= QUOTA_WARNING_THRESHOLD {
        return Diagnostics::default();
    }
    let detail = format!(
        "This read waited {}, because Alibaba Cloud takes ten calls of an operation a minute from \
         one account, and refused more. In this run, {} calls of the operation were made, and {} of \
         them refused. To need fewer, set \"image_type\" where it is known, and read fewer regions at a time. \
         The quota can be raised in Quota Center.",
        format_duration(loaded.throttled),
        loaded.calls,
        loaded.throttled_calls,
    );
    Diagnostic::warning("Slowed down by the quota of the API", detail).into()
}

/// Formats a duration in whole milliseconds or seconds.
fn format_duration(time: Duration) -> String {
    match time.as_millis() {
        // Rounded up, so that a remaining wait is never zero.
        0..1000 => format!("{} ms", time.as_micros().div_ceil(1000)),
        _ => format!("{} s", time.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swas::catalog::error::CallFailure;
    use aliyun::rpc::error::RequestError;

    fn failed(
        attempts: u32,
        previous: &[u16],
        next_wait: Option<u64>,
        retry_after: Option<u64>,
    ) -> FailedCall {
        FailedCall {
            action: "ListImages",
            region: "cn-hangzhou".parse().unwrap(),
            host: "swas.example".to_owned(),
            failure: CallFailure::Request(RequestError::Empty { status: 503 }),
            retry_after: retry_after.map(Duration::from_secs),
            credentials: None,
            retries: RetryHistory {
                attempts,
                time: Duration::from_millis(12_300),
                previous: previous
                    .iter()
                    .map(|status| CallFailure::Request(RequestError::Empty { status: *status }))
                    .collect(),
                next_wait: next_wait.map(Duration::from_secs),
            },
        }
    }

    #[test]
    fn retry_summary_lists_attempts_and_errors() {
        for (error, expected) in [
            (failed(1, &[], None, None), ""),
            // Retries are disabled: the limit is zero.
            (failed(1, &[], Some(3), None), ""),
            (
                failed(4, &[500, 500, 502], None, None),
                " It was tried 4 times in 12 s; before that:\n\
                 - 2 times: the response is empty (HTTP 500)\n\
                 - the response is empty (HTTP 502)",
            ),
            (
                failed(8, &[500, 501, 502, 503, 504, 505, 506], None, None),
                " It was tried 8 times in 12 s; before that:\n\
                 - the response is empty (HTTP 500)\n\
                 - the response is empty (HTTP 501)\n\
                 - the response is empty (HTTP 502)\n\
                 - the response is empty (HTTP 503)\n\
                 - the response is empty (HTTP 504)\n\
                 - and 2 more",
            ),
            (
                failed(1, &[], Some(400), Some(400)),
                " It is to be called again in 400 s, and \"max_retry_timeout\" in the provider \
                 block does not leave as much time for this read.",
            ),
            (
                failed(2, &[500], Some(3), None),
                " It was tried 2 times in 12 s; before that:\n\
                 - the response is empty (HTTP 500)\n\"max_retry_timeout\" in the provider block \
                 leaves no time for a further attempt.",
            ),
        ] {
            assert_eq!(retry_summary(&error), expected);
        }
    }

    #[test]
    fn quota_warning_is_given_for_throttle_wait_over_threshold() {
        let loaded = |seconds| Loaded {
            value: (),
            throttled: Duration::from_secs(seconds),
            calls: 24,
            throttled_calls: 14,
        };
        assert_eq!(quota_warning(&loaded(30)), Diagnostics::default());
        let expected = Diagnostic::warning(
            "Slowed down by the quota of the API",
            "This read waited 61 s, because Alibaba Cloud takes ten calls of an operation a minute \
             from one account, and refused more. In this run, 24 calls of the operation were \
             made, and 14 of them refused. To need fewer, set \"image_type\" where it is known, and \
             read fewer regions at a time. The quota can be raised in Quota Center.",
        );
        assert_eq!(quota_warning(&loaded(61)), expected.into());
    }
}
