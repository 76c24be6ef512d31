//! When a call that failed is made again.

use std::time::{Duration, SystemTime};

use retry_policies::policies::ExponentialBackoff;
use retry_policies::{Jitter, RetryDecision, RetryPolicy};

/// What may be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing: the same call would fail again.
    Never,
    /// The same call may succeed, once this time has passed if it is told.
    Later(Option<Duration>),
    /// The API refuses for now: there were too many calls. All of the operation
    /// wait for as long as is told.
    Throttled(Option<Duration>),
}

/// How long to wait after a fault that may pass: so long, at most, after the
/// first and after any.
const FAULT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// How long to wait after a refusal that does not tell. The quota is counted by
/// the minute; to ask some ten times meanwhile finds its end soon.
const REFUSAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// How long to wait after the `failures`th fault in a row.
pub(super) fn after_faults(failures: u32) -> Duration {
    back_off(FAULT, failures)
}

/// How long to wait after the `refusals`th refusal in a row.
pub(super) fn after_refusals(refusals: u32) -> Duration {
    back_off(REFUSAL, refusals)
}

/// Exponential, with full jitter: machines that were refused together do not come
/// back together.
fn back_off((first, longest): (Duration, Duration), failures: u32) -> Duration {
    let policy = ExponentialBackoff::builder()
        .retry_bounds(first, longest)
        .jitter(Jitter::Full)
        .build_with_max_retries(u32::MAX);
    let now = SystemTime::now();
    match policy.should_retry(now, failures.saturating_sub(1)) {
        RetryDecision::Retry { execute_after } => {
            execute_after.duration_since(now).unwrap_or_default()
        }
        RetryDecision::DoNotRetry => longest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_their_limit_and_no_two_are_alike() {
        let longest = |failures| {
            let waits = (0..2000).map(|_| after_refusals(failures));
            waits.max().unwrap_or_default().as_secs_f64()
        };
        for (failures, limit) in [(1, 1.0), (2, 2.0), (3, 4.0), (5, 10.0), (1000, 10.0)] {
            let longest = longest(failures);
            assert!(longest <= limit + 0.1 && longest > limit * 0.9, "{longest}");
        }
        assert_ne!(after_faults(5), after_faults(5));
    }
}
