//! How many calls of an operation an account may make in some time.

use std::collections::{BTreeMap, VecDeque};
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::actions::Action;

/// The quota of each operation of SWAS-OPEN. It is an account's: that of all its
/// keys, those of its roles included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many calls are answered within `window`; further ones are refused
    /// with `Throttling.User` and do not count.
    pub calls: usize,
    /// How long an answered call counts.
    pub window: Duration,
    /// Whether a refusal tells in `x-acs-retry-after`, in milliseconds, when the
    /// next call will be answered.
    pub sends_retry_after: bool,
}

/// What is wrong with the text of a [`Quota`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// It is not two parts with a slash between.
    #[error("no CALLS/SECONDS such as 10/60")]
    Shape,
    /// One of the parts is no whole number.
    #[error("no CALLS/SECONDS such as 10/60: {0}")]
    Number(#[from] ParseIntError),
    /// Nothing would ever be answered, or nothing refused.
    #[error("neither CALLS nor SECONDS can be 0")]
    Zero,
}

impl Default for Quota {
    /// The API's own, 10 calls in a minute, and with the wait told.
    fn default() -> Self {
        Self {
            calls: 10,
            window: Duration::from_mins(1),
            sends_retry_after: true,
        }
    }
}

impl FromStr for Quota {
    type Err = QuotaError;

    /// Reads `CALLS/SECONDS`.
    fn from_str(text: &str) -> Result<Self, QuotaError> {
        let (calls, seconds) = text.split_once('/').ok_or(QuotaError::Shape)?;
        let quota = Self {
            calls: calls.parse()?,
            window: Duration::from_secs(seconds.parse()?),
            ..Self::default()
        };
        if quota.calls == 0 || quota.window.is_zero() {
            return Err(QuotaError::Zero);
        }
        Ok(quota)
    }
}

/// The calls that count at present, by account and action.
#[derive(Default)]
pub(super) struct Meter {
    answered: BTreeMap<(String, Action), VecDeque<Instant>>,
}

impl Meter {
    /// Counts a call, or says how long it is until one will be answered.
    pub(super) fn admit(
        &mut self,
        quota: Quota,
        account: &str,
        action: Action,
        now: Instant,
    ) -> Result<(), Duration> {
        let key = (account.to_owned(), action);
        let answered = self.answered.entry(key).or_default();
        let counts = |at: &Instant| now.duration_since(*at) < quota.window;
        while answered.front().is_some_and(|at| !counts(at)) {
            answered.pop_front();
        }
        if answered.len() < quota.calls {
            answered.push_back(now);
            return Ok(());
        }
        let oldest = answered.front().copied().unwrap_or(now);
        Err((oldest + quota.window).duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_window_slides_and_a_refused_call_does_not_count() {
        let quota = Quota {
            calls: 2,
            window: 10 * SECOND,
            sends_retry_after: true,
        };
        let start = Instant::now();
        let mut meter = Meter::default();
        for (at, expected) in [
            (0, Ok(())),
            (4, Ok(())),
            (5, Err(5 * SECOND)),
            (9, Err(SECOND)),
            (10, Ok(())),
            (11, Err(3 * SECOND)),
            (14, Ok(())),
        ] {
            let admitted = meter.admit(quota, "a", Action::ListImages, start + at * SECOND);
            assert_eq!(admitted, expected, "second {at}");
        }
        let now = start + 14 * SECOND;
        assert_eq!(meter.admit(quota, "a", Action::ListRegions, now), Ok(()));
        assert_eq!(meter.admit(quota, "b", Action::ListImages, now), Ok(()));
    }

    #[test]
    fn a_quota_is_written_as_calls_and_seconds() {
        let read = str::parse::<Quota>;
        assert_eq!(read("10/60"), Ok(Quota::default()));
        assert_eq!(read("10"), Err(QuotaError::Shape));
        assert_eq!(read("0/60"), Err(QuotaError::Zero));
        assert_eq!(read("1/0"), Err(QuotaError::Zero));
        assert!(matches!(read("ten/60"), Err(QuotaError::Number(_))));
    }
}
