//! Which reads belong together.

use std::time::Duration;

use tokio::time::Instant;

use super::FRESH;

/// A client with many blocks to read begins the next ones within milliseconds.
/// When nothing has been read for longer than this, it did something else, and
/// that may be to make an image.
const PAUSE: Duration = Duration::from_millis(20);

/// How often a pause counts. A client on a busy machine pauses in the midst of
/// reading as well, which must not cost the quota.
const MOST_PAUSES: u32 = 3;

/// The reads of one operation, from pause to pause.
pub(super) struct Bursts {
    /// How many reads go on.
    reading: usize,
    /// Since when none does.
    quiet_since: Option<Instant>,
    /// Since when there has been no pause that counts.
    began: Option<Instant>,
    pauses_left: u32,
}

impl Bursts {
    pub(super) fn new() -> Self {
        Self {
            reading: 0,
            quiet_since: None,
            began: None,
            pauses_left: MOST_PAUSES,
        }
    }

    /// A read begins. What was asked for before the returned moment does not
    /// count for it where it may have changed: [`FRESH`] ago, or the end of the
    /// last pause.
    pub(super) fn begin(&mut self, now: Instant) -> Instant {
        self.reading += 1;
        let oldest = now.checked_sub(FRESH).unwrap_or(now);
        let quiet = self.quiet_since.take().map(|since| now - since);
        // What is older than a pause as long as FRESH does not count anyway.
        if quiet.is_some_and(|quiet| (PAUSE..FRESH).contains(&quiet)) && self.pauses_left > 0 {
            self.pauses_left -= 1;
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
    fn a_pause_ends_a_burst_and_the_first_few_count() {
        let mut bursts = Bursts::new();
        let mut now = Instant::now() + FRESH * 2;
        // Milliseconds since the last read ended, and what counts for the next.
        let table = [
            (0, FRESH),
            (19, FRESH),
            (20, Duration::ZERO),
            (10, Duration::from_millis(10)),
            (999, Duration::ZERO),
            (1000, FRESH),
            (300, Duration::ZERO),
            (300, Duration::from_millis(300)),
            (300, Duration::from_millis(600)),
            (600, FRESH),
        ];
        for (row, (pause, counts)) in table.into_iter().enumerate() {
            now += Duration::from_millis(pause);
            assert_eq!(now - bursts.begin(now), counts, "row {row}");
            bursts.end(now);
        }
    }

    #[test]
    fn there_is_no_pause_while_a_read_goes_on() {
        let mut bursts = Bursts::new();
        let now = Instant::now() + FRESH * 2;
        bursts.begin(now);
        bursts.begin(now);
        bursts.end(now);
        let later = now + PAUSE * 2;
        assert_eq!(later - bursts.begin(later), FRESH);
    }
}
