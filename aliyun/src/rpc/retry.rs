//! When a call that failed is made again.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use retry_policies::policies::ExponentialBackoff;
use retry_policies::{Jitter, RetryDecision, RetryPolicy};
use tokio::time::{Instant, sleep};

/// What may be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing: the same call would fail again.
    Never,
    /// The same call may succeed, once this time has passed if it is told.
    Transient(Option<Duration>),
    /// The same call may succeed in a moment. If it does not in half a minute, the
    /// address is wrong rather than busy: nobody has been reached.
    Unreachable,
    /// The same call would fail again. Where it asks for what several need, what
    /// each of them needs may not.
    SplitBatch,
    /// The API refuses for now: there were too many calls. All of the operation
    /// wait for as long as is told.
    Throttled(Option<Duration>),
}

/// How often in a row a call is made of which [`Retry::Unreachable`] is said.
const MAX_CONNECT_ATTEMPTS: u32 = 7;

/// How long to wait after a fault that may pass: so long, at most, after the
/// first and after any.
const TRANSIENT_BACKOFF: (Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(10));

/// How long to wait after a refusal that does not tell. The quota is counted by
/// the minute; to ask some ten times meanwhile finds its end soon.
const THROTTLE_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

impl Retry {
    /// How long to wait after the `failures`th failure in a row; none when there is
    /// no further attempt. What is told is obeyed, and not relied on once it has
    /// been told in vain.
    pub fn wait(self, failures: u32) -> Option<Duration> {
        let (bounds, told) = match self {
            Self::Never | Self::SplitBatch => return None,
            Self::Unreachable if failures >= MAX_CONNECT_ATTEMPTS => return None,
            Self::Unreachable => (TRANSIENT_BACKOFF, None),
            Self::Transient(told) => (TRANSIENT_BACKOFF, told),
            Self::Throttled(told) => (THROTTLE_BACKOFF, told),
        };
        Some(match told {
            None => back_off(bounds, failures),
            // What was told has been waited for, and was not enough.
            Some(told) if failures > 1 => told.max(back_off(bounds, failures - 1)),
            Some(told) => told,
        })
    }
}

/// Failures in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures {
    /// Number of failures in a row.
    pub count: u32,
    /// Those of them, since another one, in which nobody was reached.
    unreached: u32,
}

impl Failures {
    /// Counts one more. Returns how long to wait before the next attempt; none
    /// when there is none.
    pub fn record_failure(&mut self, retry: Retry) -> Option<Duration> {
        self.count += 1;
        if retry == Retry::Unreachable {
            self.unreached += 1;
            retry.wait(self.unreached)
        } else {
            self.unreached = 0;
            retry.wait(self.count)
        }
    }
}

/// RetryLoop at a call that nobody else waits for, for as long as there is a limit.
#[derive(Debug)]
pub struct RetryLoop {
    failures: Failures,
    deadline: Instant,
}

impl RetryLoop {
    /// None has been made yet.
    pub fn within(limit: Duration) -> Self {
        Self {
            failures: Failures::default(),
            deadline: Instant::now() + limit,
        }
    }

    /// Which attempt the next one is, from 1.
    pub fn number(&self) -> u32 {
        self.failures.count + 1
    }

    /// Waits after one more failure, which `event` tells the log of. False, at once,
    /// when there is no further attempt.
    pub async fn wait(&mut self, retry: Retry, reason: &impl Display, event: &'static str) -> bool {
        let Some(wait) = self.failures.record_failure(retry) else {
            return false;
        };
        if Instant::now() + wait > self.deadline {
            return false;
        }
        tracing::warn!(
            %reason,
            wait_ms = wait.as_millis(),
            attempt = self.failures.count,
            left_ms = (self.deadline - Instant::now()).as_millis(),
            "{event}"
        );
        sleep(wait).await;
        true
    }
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
            let waits = (0..2000).filter_map(|_| Retry::Throttled(None).wait(failures));
            waits.max().unwrap_or_default().as_secs_f64()
        };
        for (failures, limit) in [(1, 1.0), (2, 2.0), (3, 4.0), (5, 10.0), (1000, 10.0)] {
            let longest = longest(failures);
            assert!(longest <= limit + 0.1 && longest > limit * 0.9, "{longest}");
        }
        assert_ne!(
            Retry::Transient(None).wait(5),
            Retry::Transient(None).wait(5)
        );
    }

    #[test]
    fn what_is_told_is_obeyed_and_what_is_out_of_reach_is_given_up() {
        let told = Some(Duration::from_secs(42));
        for (retry, failures, expected) in [
            (Retry::Never, 1, None),
            (Retry::Transient(told), 9, told),
            (Retry::Throttled(told), 9, told),
            (Retry::Unreachable, 7, None),
            (Retry::SplitBatch, 1, None),
        ] {
            assert_eq!(retry.wait(failures), expected, "{retry:?}");
        }
        assert!(Retry::Unreachable.wait(6).is_some());
    }

    #[test]
    fn other_failures_do_not_count_where_nobody_is_reached() {
        let mut failures = Failures::default();
        for _ in 0..100 {
            assert!(failures.record_failure(Retry::Transient(None)).is_some());
        }
        for number in 1..=MAX_CONNECT_ATTEMPTS {
            let wait = failures.record_failure(Retry::Unreachable);
            assert_eq!(wait.is_some(), number < MAX_CONNECT_ATTEMPTS);
        }
        assert_eq!(failures.count, 100 + MAX_CONNECT_ATTEMPTS);
    }

    #[test]
    fn a_wait_that_is_told_again_and_again_and_does_not_help_grows() {
        let told = Some(Duration::from_millis(1));
        for retry in [Retry::Transient(told), Retry::Throttled(told)] {
            assert_eq!(retry.wait(1), told);
            let waits = (0..1000).map(|_| retry.wait(6).unwrap_or_default());
            let (shortest, longest) = waits.fold((Duration::MAX, Duration::ZERO), |it, wait| {
                (it.0.min(wait), it.1.max(wait))
            });
            assert!(Some(shortest) >= told && longest > Duration::from_secs(5));
        }
    }
}
