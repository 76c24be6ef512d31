//! Retry policy and backoff.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use retry_policies::policies::ExponentialBackoff;
use retry_policies::{Jitter, RetryDecision, RetryPolicy};
use tokio::time::{Instant, sleep};

/// Retry classification of an error. A duration is the Retry-After of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// A retry would fail again.
    Never,
    /// A retry can succeed.
    Transient(Option<Duration>),
    /// No connection: a retry can succeed, but only a few are made. An address that is
    /// unreachable for half a minute is wrong rather than busy.
    Unreachable,
    /// A retry would fail again. If the call is a batch, calls for its parts can succeed.
    SplitBatch,
    /// The rate limit is exceeded. All calls of the operation have to wait.
    Throttled(Option<Duration>),
}

/// Maximum number of consecutive attempts that fail with [`Retry::Unreachable`].
const MAX_CONNECT_ATTEMPTS: u32 = 7;

/// Backoff after a transient error: maximum delay after the first failure, and after any.
const TRANSIENT_BACKOFF: (Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(10));

/// Backoff after throttling without Retry-After. Quotas are per minute: with some ten
/// attempts in a minute, the end of the throttling is noticed soon.
const THROTTLE_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

impl Retry {
    /// Returns the delay after the given number of consecutive failures, or `None` if there
    /// is no further attempt.
    ///
    /// Honors Retry-After. If the retry fails too, returns the longer of Retry-After and
    /// the backoff.
    pub fn wait(self, failures: u32) -> Option<Duration> {
        let (bounds, retry_after) = match self {
            Self::Never | Self::SplitBatch => return None,
            Self::Unreachable if failures >= MAX_CONNECT_ATTEMPTS => return None,
            Self::Unreachable => (TRANSIENT_BACKOFF, None),
            Self::Transient(retry_after) => (TRANSIENT_BACKOFF, retry_after),
            Self::Throttled(retry_after) => (THROTTLE_BACKOFF, retry_after),
        };
        Some(match retry_after {
            None => backoff(bounds, failures),
            // The first retry after Retry-After failed too.
            Some(retry_after) if failures > 1 => retry_after.max(backoff(bounds, failures - 1)),
            Some(retry_after) => retry_after,
        })
    }
}

/// Retry loop of one call, limited in time.
#[derive(Debug)]
pub struct RetryLoop {
    /// Number of failures.
    failures: u32,
    /// Consecutive failures with [`Retry::Unreachable`].
    connect_failures: u32,
    deadline: Instant,
}

impl RetryLoop {
    /// Starts a loop that ends after `limit`.
    pub fn within(limit: Duration) -> Self {
        Self::until(Instant::now() + limit)
    }

    /// Starts a loop in which no attempt begins after `deadline`, except the first one.
    pub fn until(deadline: Instant) -> Self {
        Self {
            failures: 0,
            connect_failures: 0,
            deadline,
        }
    }

    /// Returns the number of the next attempt, from 1.
    pub fn number(&self) -> u32 {
        self.failures + 1
    }

    /// Counts one more failure. Returns the delay before the next attempt, or `None` if
    /// a retry would fail again.
    pub fn record_failure(&mut self, retry: Retry) -> Option<Duration> {
        self.failures += 1;
        if retry == Retry::Unreachable {
            self.connect_failures += 1;
            retry.wait(self.connect_failures)
        } else {
            self.connect_failures = 0;
            retry.wait(self.failures)
        }
    }

    /// Records a failure, and waits before the next attempt as [`Self::sleep`] does. Returns
    /// false immediately if there is no further attempt.
    pub async fn wait(&mut self, retry: Retry, reason: &impl Display, event: &'static str) -> bool {
        match self.record_failure(retry) {
            Some(wait) => self.sleep(wait, reason, event).await,
            None => false,
        }
    }

    /// Logs `event` and waits before the next attempt. Returns false immediately if the
    /// attempt would begin after the deadline.
    pub async fn sleep(&self, wait: Duration, reason: &impl Display, event: &'static str) -> bool {
        if Instant::now() + wait > self.deadline {
            return false;
        }
        tracing::warn!(
            %reason,
            wait_ms = wait.as_millis(),
            attempt = self.failures,
            left_ms = (self.deadline - Instant::now()).as_millis(),
            "{event}"
        );
        sleep(wait).await;
        true
    }
}

/// Returns an exponential backoff with full jitter, so that clients that were throttled
/// together do not retry together.
fn backoff((first, longest): (Duration, Duration), failures: u32) -> Duration {
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
    fn backoff_grows_to_its_limit_with_jitter() {
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
    fn retry_after_is_honored_and_unreachable_is_limited() {
        let retry_after = Some(Duration::from_secs(42));
        for (retry, failures, expected) in [
            (Retry::Never, 1, None),
            (Retry::Transient(retry_after), 9, retry_after),
            (Retry::Throttled(retry_after), 9, retry_after),
            (Retry::Unreachable, 7, None),
            (Retry::SplitBatch, 1, None),
        ] {
            assert_eq!(retry.wait(failures), expected, "{retry:?}");
        }
        assert!(Retry::Unreachable.wait(6).is_some());
    }

    #[test]
    fn unreachable_limit_ignores_other_failures() {
        let mut failures = RetryLoop::within(Duration::ZERO);
        for _ in 0..100 {
            assert!(failures.record_failure(Retry::Transient(None)).is_some());
        }
        for number in 1..=MAX_CONNECT_ATTEMPTS {
            let wait = failures.record_failure(Retry::Unreachable);
            assert_eq!(wait.is_some(), number < MAX_CONNECT_ATTEMPTS);
        }
        assert_eq!(failures.failures, 100 + MAX_CONNECT_ATTEMPTS);
    }

    #[test]
    fn backoff_grows_beyond_repeated_retry_after() {
        let retry_after = Some(Duration::from_millis(1));
        for retry in [Retry::Transient(retry_after), Retry::Throttled(retry_after)] {
            assert_eq!(retry.wait(1), retry_after);
            let waits = (0..1000).map(|_| retry.wait(6).unwrap_or_default());
            let (shortest, longest) = waits.fold((Duration::MAX, Duration::ZERO), |it, wait| {
                (it.0.min(wait), it.1.max(wait))
            });
            assert!(Some(shortest) >= retry_after && longest > Duration::from_secs(5));
        }
    }
}
