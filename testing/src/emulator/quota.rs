//! The API's quota per account and action.

use std::collections::{BTreeMap, VecDeque};
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::actions::Action;

/// The quota of each action of SWAS-OPEN. All keys of an account share it, including
/// those of its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The number of calls within `window`. Further calls are throttled with
    /// `Throttling.User` and do not count.
    pub calls: usize,
    /// The length of the sliding window.
    pub window: Duration,
    /// Adds `x-acs-retry-after`, in milliseconds, to throttled responses.
    pub sends_retry_after: bool,
}

/// An invalid text of a [`Quota`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// The text is not two parts separated by a slash.
    #[error("no CALLS/SECONDS such as 10/60")]
    Shape,
    /// A part is not a whole number.
    #[error("no CALLS/SECONDS such as 10/60: {0}")]
    Number(#[from] ParseIntError),
    /// A part is 0: the quota would throttle every call or none.
    #[error("neither CALLS nor SECONDS can be 0")]
    Zero,
}

impl Default for Quota {
    /// The real API's quota: 10 calls per minute, with `x-acs-retry-after`.
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

    /// Parses `CALLS/SECONDS`.
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

/// A sliding-window counter per account and action.
#[derive(Default)]
pub(super) struct SlidingWindow {
    accepted: BTreeMap<(String, Action), VecDeque<Instant>>,
}

impl SlidingWindow {
    /// Counts a call.
    ///
    /// # Errors
    ///
    /// Returns the time until the next call is accepted if the quota is exceeded.
    pub(super) fn admit(
        &mut self,
        quota: Quota,
        account: &str,
        action: Action,
        now: Instant,
    ) -> Result<(), Duration> {
        let key = (account.to_owned(), action);
        let accepted = self.accepted.entry(key).or_default();
        let counts = |at: &Instant| now.duration_since(*at) < quota.window;
        while accepted.front().is_some_and(|at| !counts(at)) {
            accepted.pop_front();
        }
        if accepted.len() < quota.calls {
            accepted.push_back(now);
            return Ok(());
        }
        let oldest = accepted.front().copied().unwrap_or(now);
        Err((oldest + quota.window).duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn quota_window_slides_and_throttled_calls_do_not_count() {
        let quota = Quota {
            calls: 2,
            window: 10 * SECOND,
            sends_retry_after: true,
        };
        let start = Instant::now();
        let mut window = SlidingWindow::default();
        for (at, expected) in [
            (0, Ok(())),
            (4, Ok(())),
            (5, Err(5 * SECOND)),
            (9, Err(SECOND)),
            (10, Ok(())),
            (11, Err(3 * SECOND)),
            (14, Ok(())),
        ] {
            let admitted = window.admit(quota, "a", Action::ListImages, start + at * SECOND);
            assert_eq!(admitted, expected, "second {at}");
        }
        let now = start + 14 * SECOND;
        assert_eq!(window.admit(quota, "a", Action::ListRegions, now), Ok(()));
        assert_eq!(window.admit(quota, "b", Action::ListImages, now), Ok(()));
    }

    #[test]
    fn quota_is_parsed_from_calls_and_seconds() {
        let parse = str::parse::<Quota>;
        assert_eq!(parse("10/60"), Ok(Quota::default()));
        assert_eq!(parse("10"), Err(QuotaError::Shape));
        assert_eq!(parse("0/60"), Err(QuotaError::Zero));
        assert_eq!(parse("1/0"), Err(QuotaError::Zero));
        assert!(matches!(parse("ten/60"), Err(QuotaError::Number(_))));
    }
}
