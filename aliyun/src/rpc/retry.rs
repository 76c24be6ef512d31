//! Retry policy and backoff.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Retry classification of an error. A duration is the Retry-After of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// A retry would fail again.
    Never,
    /// A retry can succeed.
    Transient(Option<Duration>),
    /// No connection: a retry can succeed, within half a minute. An address that is
    /// unreachable for longer is wrong rather than busy.
    Unreachable,
    /// A retry would fail again. If the call is a batch, calls for its parts can succeed.
    SplitBatch,
    /// The rate limit is exceeded. All calls of the operation have to wait.
    Throttled(Option<Duration>),
}

/// Time limit for consecutive attempts that fail with [`Retry::Unreachable`].
const UNREACHABLE_LIMIT: Duration = Duration::from_secs(30);

/// Backoff after a transient error: maximum delay after the first failure, and after any.
const TRANSIENT_BACKOFF: (Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(10));

/// Backoff after throttling without Retry-After: minimum delay after the first throttle, and
/// after any. Quotas are per minute. Five delays in a row are longer than that, so that a
/// minute costs at most five throttled calls.
const THROTTLE_BACKOFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(32));

impl Retry {
    /// Returns the delay after the given number of consecutive failures, or `None` if there
    /// is no further attempt.
    ///
    /// Honors Retry-After. If the retry fails too, returns the longer of Retry-After and
    /// the backoff.
    pub fn wait(self, failures: u32) -> Option<Duration> {
        let retry_after = match self {
            Self::Never | Self::SplitBatch => return None,
            Self::Unreachable => None,
            Self::Transient(retry_after) | Self::Throttled(retry_after) => retry_after,
        };
        Some(match retry_after {
            None => self.backoff(failures),
            // The first retry after Retry-After failed too.
            Some(retry_after) if failures > 1 => retry_after.max(self.backoff(failures - 1)),
            Some(retry_after) => retry_after,
        })
    }

    /// Returns an exponential backoff with jitter, so that clients that failed together do
    /// not retry together.
    fn backoff(self, failures: u32) -> Duration {
        let grown = |(first, longest): (Duration, Duration)| {
            let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
            first.saturating_mul(factor).min(longest)
        };
        if let Self::Throttled(_) = self {
            let shortest = grown(THROTTLE_BACKOFF);
            shortest + shortest.mul_f64(random() / 4.0)
        } else {
            grown(TRANSIENT_BACKOFF).mul_f64(random())
        }
    }
}

/// Retry loop of one call, limited in time.
#[derive(Debug)]
pub struct RetryLoop {
    /// Number of failures.
    failures: u32,
    start: Instant,
    /// When the first of consecutive failures with [`Retry::Unreachable`] was recorded.
    unreachable_since: Option<Instant>,
    deadline: Instant,
}

impl RetryLoop {
    /// Starts a loop in which no attempt begins after `deadline`, except the first one.
    pub fn until(deadline: Instant) -> Self {
        Self {
            failures: 0,
            start: Instant::now(),
            unreachable_since: None,
            deadline,
        }
    }

    /// Returns the number of the next attempt, from 1.
    pub fn number(&self) -> u32 {
        self.failures + 1
    }

    /// Returns the time since the start of the loop.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Counts one more failure. Returns the delay before the next attempt, or `None` if
    /// a retry would fail again.
    pub fn record_failure(&mut self, retry: Retry) -> Option<Duration> {
        self.failures += 1;
        let wait = retry.wait(self.failures)?;
        if retry != Retry::Unreachable {
            self.unreachable_since = None;
            return Some(wait);
        }
        let since = *self.unreachable_since.get_or_insert_with(Instant::now);
        (since.elapsed() + wait <= UNREACHABLE_LIMIT).then_some(wait)
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

/// Calls `attempt` with its number, from 1, until it succeeds, `classify` says that a retry
/// would fail again, or the next attempt would begin after `limit`. Logs `event` before each
/// retry.
///
/// # Errors
///
/// Returns the last error, and the number of attempts.
pub async fn retry<T, E: Display, F: Future<Output = Result<T, E>>>(
    limit: Duration,
    event: &'static str,
    classify: impl Fn(&E) -> Retry,
    attempt: impl Fn(u32) -> F,
) -> Result<T, (E, u32)> {
    let mut attempts = RetryLoop::until(Instant::now() + limit);
    loop {
        let number = attempts.number();
        let error = match attempt(number).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !attempts.wait(classify(&error), &error, event).await {
            return Err((error, number));
        }
    }
}

/// Returns a random number from 0 to 1. Returns 1, the longest delay, if the system has no
/// random numbers.
fn random() -> f64 {
    let mut bytes = [0xff; 4];
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[test]
    fn backoff_grows_to_its_limit_with_jitter() {
        let throttled = Retry::Throttled(None);
        for (retry, failures, shortest, longest) in [
            (Retry::Transient(None), 1, 0.0, 0.5),
            (Retry::Transient(None), 3, 0.0, 2.0),
            (Retry::Unreachable, 6, 0.0, 10.0),
            (Retry::Transient(None), u32::MAX, 0.0, 10.0),
            (throttled, 1, 2.0, 2.5),
            (throttled, 3, 8.0, 10.0),
            (throttled, 6, 32.0, 40.0),
            (throttled, u32::MAX, 32.0, 40.0),
        ] {
            let waits = (0..2000).filter_map(|_| retry.wait(failures));
            let (least, most) = waits.fold((Duration::MAX, Duration::ZERO), |it, wait| {
                (it.0.min(wait), it.1.max(wait))
            });
            let (least, most) = (least.as_secs_f64(), most.as_secs_f64());
            let margin = (longest - shortest) / 10.0;
            assert!((shortest..shortest + margin).contains(&least), "{least}");
            assert!((longest - margin..=longest).contains(&most), "{most}");
        }
    }

    #[test]
    fn minute_costs_at_most_five_throttled_calls() {
        let delays = (1..50).filter_map(|failures| Retry::Throttled(None).wait(failures));
        let delays: Vec<_> = delays.collect();
        for five in delays.windows(5) {
            assert!(five.iter().sum::<Duration>() > Duration::from_mins(1));
        }
    }

    #[test]
    fn retry_after_is_honored() {
        let retry_after = Some(Duration::from_secs(42));
        for (retry, failures, expected) in [
            (Retry::Never, 1, None),
            (Retry::Transient(retry_after), 9, retry_after),
            (Retry::Throttled(retry_after), 9, retry_after),
            (Retry::SplitBatch, 1, None),
        ] {
            assert_eq!(retry.wait(failures), expected, "{retry:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn unreachable_is_retried_for_half_a_minute_after_the_first_such_failure() {
        let hour = Duration::from_hours(1);
        let mut attempts = RetryLoop::until(Instant::now() + hour);
        for throttled in [None, Some(Duration::from_mins(1))] {
            // The wait before an attempt does not count.
            advance(Duration::from_mins(1)).await;
            if throttled.is_some() {
                let retry = Retry::Throttled(throttled);
                advance(attempts.record_failure(retry).unwrap()).await;
            }
            let begin = Instant::now();
            while let Some(wait) = attempts.record_failure(Retry::Unreachable) {
                advance(wait + Duration::from_secs(1)).await;
            }
            let seconds = begin.elapsed().as_secs_f64();
            assert!((18.0..=31.0).contains(&seconds), "{seconds}");
        }
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
