//! Which reads belong together.

use std::time::Duration;

use tokio::time::Instant;

use super::FRESH;

/// A client with many blocks to read begins the next ones within milliseconds.
/// When nothing has been read for longer than this, it did something else, and
/// that may be to make an image.
const PAUSE: Duration = Duration::from_millis(20);

/// A pause counts as long as no more calls than these have been made. A client on a
/// busy machine pauses in the midst of reading as well, which must not cost the
/// quota.
const MOST_CALLS: u64 = 3;

/// The reads of one operation, from pause to pause.
#[derive(Default)]
pub(super) struct Bursts {
    /// How many reads go on.
    reading: usize,
    /// Since when none does.
    quiet_since: Option<Instant>,
    /// Since when there has been no pause that counts.
    began: Option<Instant>,
}

impl Bursts {
    /// A read begins, after so many calls. What was asked for before the returned
    /// moment does not count for it where it may have changed: [`FRESH`] ago, or the
    /// end of the last pause.
    pub(super) fn begin(&mut self, now: Instant, calls: u64) -> Instant {
        self.reading += 1;
        let oldest = now.checked_sub(FRESH).unwrap_or(now);
        let quiet = self.quiet_since.take().map(|since| now - since);
        // What is older than a pause as long as FRESH does not count anyway.
        if quiet.is_some_and(|quiet| (PAUSE..FRESH).contains(&quiet)) && calls <= MOST_CALLS {
            self.began = Some(now);
        }
        self.began.map_or(oldest, |began| oldest.max(began))
    }

    /// A read has ended.
    pub(super) fn end(&mut self, now: Instant) {
        self.reading -= 1;
        if self.reading == 0 {
            self.quiet_since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_a_burst_while_there_are_few_calls() {
        let mut bursts = Bursts::default();
        let mut now = Instant::now() + FRESH * 2;
        // Milliseconds since the last read ended, calls, and what counts for the next.
        let table = [
            (0, 0, FRESH),
            (19, 1, FRESH),
            (20, 1, Duration::ZERO),
            (10, 2, Duration::from_millis(10)),
            (999, 2, Duration::ZERO),
            (1000, 2, FRESH),
            (300, 3, Duration::ZERO),
            (300, 4, Duration::from_millis(300)),
            (300, 4, Duration::from_millis(600)),
            (600, 4, FRESH),
        ];
        for (row, (pause, calls, counts)) in table.into_iter().enumerate() {
            now += Duration::from_millis(pause);
            assert_eq!(now - bursts.begin(now, calls), counts, "row {row}");
            bursts.end(now);
        }
    }

    #[test]
    fn there_is_no_pause_while_a_read_goes_on() {
        let mut bursts = Bursts::default();
        let now = Instant::now() + FRESH * 2;
        bursts.begin(now, 0);
        bursts.begin(now, 0);
        bursts.end(now);
        let later = now + PAUSE * 2;
        assert_eq!(later - bursts.begin(later, 0), FRESH);
    }
}
