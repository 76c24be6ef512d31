//! Texts about the rate limit of the API.

use std::fmt::Write;
use std::time::Duration;

use super::ErrorContext;
use super::request::Advice;
use super::retry_history::format_duration;
use crate::swas::catalog::client::Loaded;
use crate::swas::catalog::error::LoadError;
use crate::swas::operations::custom_images::ListCustomImages;
use crate::terraform::{Diagnostic, Diagnostics};
use aliyun::client::Operation;

/// The wait for the quota from which on a read gives a warning.
const WARNING_THRESHOLD: Duration = Duration::from_secs(30);

/// A minute, in seconds.
const MINUTE: u64 = 60;

/// The longest `max_retry_timeout`, in seconds.
const DAY: u64 = 24 * 60 * MINUTE;

/// Advises on a call that was throttled until the time limit of the read.
pub(super) fn advice(error: &LoadError, context: &ErrorContext) -> Advice {
    let wait = error.history.time + error.history.next_wait.unwrap_or_default();
    let remedy = remedy(error.action, wait, "To wait longer", context);
    Advice::new("Too many requests", remedy)
}

/// The warning about a read that waited long for the quota.
pub fn quota_warning<T>(loaded: &Loaded<T>, context: &ErrorContext) -> Diagnostics {
    if loaded.throttled <= WARNING_THRESHOLD {
        return Diagnostics::default();
    }
    let detail = format!(
        "This read waited {}: the API throttled {} of {} {} requests of this run. {}",
        format_duration(loaded.throttled),
        loaded.usage.throttled_calls,
        loaded.usage.calls,
        loaded.action,
        remedy(loaded.action, loaded.throttled, "If reads fail", context),
    );
    Diagnostic::warning("Slowed down by the quota of the API", detail).into()
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
    use super::*;
    use crate::swas::catalog::gate::Usage;

    fn context(retry_limit: u64) -> ErrorContext {
        ErrorContext {
            retry_limit: Duration::from_secs(retry_limit),
            ..ErrorContext::default()
        }
    }

    #[test]
    fn quota_warning_is_given_for_throttle_wait_over_threshold() {
        let loaded = |action, seconds| Loaded {
            value: (),
            action,
            throttled: Duration::from_secs(seconds),
            usage: Usage {
                calls: 24,
                throttled_calls: 14,
                ..Usage::default()
            },
        };
        let warning = |loaded| quota_warning(&loaded, &context(300));
        assert_eq!(warning(loaded("ListImages", 30)), Diagnostics::default());
        for (action, cache) in [
            (
                "ListPlans",
                " Set \"cache_dir\" to share public images, plans and regions between runs on this \
                 machine.",
            ),
            ("ListCustomImages", ""),
        ] {
            let detail = format!(
                "This read waited 61 s: the API throttled 14 of 24 {action} requests of this run. \
                 An account can make about ten requests of an operation per minute. Other runs, \
                 machines, and provider blocks of the account count too.{cache} If reads fail, \
                 increase \"max_retry_timeout\" in the provider block to 600."
            );
            let expected = Diagnostic::warning("Slowed down by the quota of the API", detail);
            assert_eq!(warning(loaded(action, 61)), expected.into());
        }
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
