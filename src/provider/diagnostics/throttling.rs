//! Texts about the rate limit of the API.

use std::fmt::Write;
use std::time::Duration;

use super::ErrorContext;
use super::retry_history::format_duration;
use crate::swas::catalog::client::Loaded;
use crate::swas::catalog::error::LoadError;
use crate::swas::operations::custom_images::ListCustomImages;
use crate::terraform::Diagnostic;
use aliyun::client::Operation;

/// The wait for the quota from which on a read gives a warning.
const WARNING_THRESHOLD: Duration = Duration::from_secs(30);

/// A minute, in seconds.
const MINUTE: u64 = 60;

/// The longest `max_retry_timeout`, in seconds.
const DAY: u64 = 24 * 60 * MINUTE;

/// Advises on a call that was throttled until the time limit of the read.
pub(super) fn advice(error: &LoadError, context: &ErrorContext) -> Diagnostic {
    let wait = error.history.time + error.history.next_wait.unwrap_or_default();
    let remedy = remedy(error.action, wait, "To wait longer", context);
    Diagnostic::error("Too many requests", remedy)
}

/// The warning about a read that waited long for the quota.
pub fn quota_warning<T>(loaded: &Loaded<T>, context: &ErrorContext) -> Option<Diagnostic> {
    if loaded.throttled <= WARNING_THRESHOLD {
        return None;
    }
    let detail = format!(
        "This read waited {}: the API throttled {} of {} {} requests of this run. {}",
        format_duration(loaded.throttled),
        loaded.usage.throttled_calls,
        loaded.usage.calls,
        loaded.action,
        remedy(loaded.action, loaded.throttled, "If reads fail", context),
    );
    let summary = "Slowed down by the quota of the API";
    Some(Diagnostic::warning(summary, detail))
}

/// Advises on reads of which one had to wait for `wait`. `condition` is the clause before the
/// advice to increase the time limit.
fn remedy(action: &str, wait: Duration, condition: &str, context: &ErrorContext) -> String {
    let mut text = "An account can make about ten requests of an operation per minute. Other \
                    runs, machines, and provider blocks of the account count too."
        .to_owned();
    // Custom images are not shared between processes.
    if !context.has_cache && action != ListCustomImages::ACTION {
        text.push_str(
            " Set \"cache_dir\" to share public images, plans and regions between runs on this \
             machine.",
        );
    }
    let limit = context.retry_limit.as_secs();
    let enough = (limit * 2).max(wait.as_secs() + MINUTE).max(2 * MINUTE);
    let enough = enough.next_multiple_of(MINUTE).min(DAY);
    if enough > limit {
        let _ = write!(
            text,
            " {condition}, increase \"max_retry_timeout\" in the provider block to {enough}."
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{assert_golden, diagnostic};
    use super::*;
    use crate::swas::catalog::error::RetryHistory;
    use crate::swas::catalog::gate::Usage;
    use aliyun::rpc::api_error::ApiError;
    use aliyun::rpc::error::{AttemptError, RequestError};

    fn context(retry_limit: u64) -> ErrorContext {
        ErrorContext {
            retry_limit: Duration::from_secs(retry_limit),
            ..ErrorContext::default()
        }
    }

    /// The result of a read that waited for the quota.
    fn loaded(action: &'static str, seconds: u64) -> Loaded<()> {
        Loaded {
            value: (),
            action,
            throttled: Duration::from_secs(seconds),
            usage: Usage {
                calls: 24,
                throttled_calls: 14,
                ..Usage::default()
            },
        }
    }

    /// An error after throttled attempts within 12 s, and the wait before the next attempt.
    fn throttled(action: &'static str, attempts: u32, seconds: u64) -> LoadError {
        let failure = RequestError::Api(ApiError {
            status: 400,
            code: "Throttling.User".to_owned(),
            message: "Request was denied due to user flow control.".to_owned(),
            request_id: "REQUEST-ID".to_owned(),
            recommend: String::new(),
            access_denied: None,
        });
        let next_wait = Some(Duration::from_secs(seconds));
        let mut history = RetryHistory::default();
        for _ in 0..attempts {
            history.add(&failure, Duration::from_secs(12));
        }
        history.next_wait = next_wait;
        let cause = AttemptError {
            failure,
            // Without it, several attempts are made.
            retry_after: next_wait.filter(|_| attempts < 2),
        };
        LoadError {
            action,
            region: "cn-hangzhou".parse().unwrap(),
            host: "swas.cn-hangzhou.aliyuncs.com".to_owned(),
            credentials: None,
            cause: cause.into(),
            history,
        }
    }

    #[test]
    fn quota_warning_is_given_for_throttle_wait_over_threshold() {
        for (seconds, is_given) in [(30, false), (31, true)] {
            let warning = quota_warning(&loaded("ListImages", seconds), &context(300));
            assert_eq!(warning.is_some(), is_given, "{seconds}");
        }
    }

    #[test]
    fn throttle_warning_and_error_say_what_to_do() {
        const LIST: &str = "ListImages";
        let with_cache = || ErrorContext {
            has_cache: true,
            ..context(300)
        };
        let warning = |action, context| quota_warning(&loaded(action, 61), &context).unwrap();
        let error = |error, context| diagnostic(&error, &context);
        let cases = [
            ("warning", warning(LIST, context(300))),
            ("warning with cache_dir", warning(LIST, with_cache())),
            (
                "warning about custom images",
                warning(ListCustomImages::ACTION, context(300)),
            ),
            (
                "warning at the longest time limit",
                warning(LIST, context(DAY)),
            ),
            ("error", error(throttled(LIST, 1, 400), context(300))),
            (
                "error with cache_dir",
                error(throttled(LIST, 1, 400), with_cache()),
            ),
            (
                "error about custom images",
                error(throttled(ListCustomImages::ACTION, 1, 400), context(300)),
            ),
            (
                "error after several attempts",
                error(throttled(LIST, 4, 27), context(30)),
            ),
            (
                "error without retries",
                error(throttled(LIST, 1, 59), context(0)),
            ),
        ];
        assert_golden("throttled_reads", cases);
    }

    #[test]
    fn throttle_advice_names_cache_dir_unless_it_is_set() {
        for has_cache in [false, true] {
            let context = ErrorContext {
                has_cache,
                ..context(300)
            };
            let text = remedy("ListImages", Duration::ZERO, "If", &context);
            assert_eq!(text.contains("cache_dir"), !has_cache, "{text}");
        }
    }

    #[test]
    fn throttle_advice_has_a_max_retry_timeout_that_is_long_enough() {
        for (limit, wait, expected) in [
            (0, 0, Some(120)),
            (5, 3, Some(120)),
            (300, 3, Some(600)),
            (300, 900, Some(960)),
            (50_000, 3, Some(86_400)),
            (86_400, u64::from(u32::MAX), None),
        ] {
            let text = remedy(
                "ListImages",
                Duration::from_secs(wait),
                "If",
                &context(limit),
            );
            let value = text.split_once("provider block to ");
            let value = value.and_then(|(_, rest)| rest.split_once('.')?.0.parse().ok());
            assert_eq!(value, expected, "{text}");
        }
    }
}
