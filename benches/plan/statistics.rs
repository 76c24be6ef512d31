//! Several measurements of the same thing, and what to say of them.

use std::fmt;
use std::time::Duration;

/// Measurements of one thing, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<f64>);

/// What to say of a sample: the median, and the range that holds the middle 80
/// of 100 measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// As many are above as below.
    pub median: f64,
    /// One in ten is below.
    pub low: f64,
    /// One in ten is above.
    pub high: f64,
}

impl Sample {
    /// Adds a time, in milliseconds.
    pub fn push(&mut self, time: Duration) {
        self.push_number(time.as_secs_f64() * 1e3);
    }

    /// Adds any other number.
    #[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
    pub fn push_count(&mut self, count: u64) {
        self.push_number(count as f64);
    }

    /// Adds a number.
    pub fn push_number(&mut self, number: f64) {
        self.0.push(number);
    }

    /// Each measurement of this by the one of `other` that was made in the same
    /// round: what slowed the machine down in it slowed both.
    pub fn over(&self, other: &Self) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(one, other)| one / other).collect())
    }

    /// Each measurement of this less the one of `other` in the same round.
    pub fn minus(&self, other: &Self) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(one, other)| one - other).collect())
    }

    /// Each measurement by the same number.
    pub fn by(&self, number: f64) -> Self {
        Self(self.0.iter().map(|one| one / number).collect())
    }

    /// The sample in numbers; all are 0 where nothing was measured.
    pub fn summary(&self) -> Summary {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        Summary {
            median: percentile(&sorted, 50),
            low: percentile(&sorted, 10),
            high: percentile(&sorted, 90),
        }
    }

    /// [`Summary::median`].
    pub fn median(&self) -> f64 {
        self.summary().median
    }
}

/// The value below which `percent` of a sorted sample are, between its two
/// neighbors where it falls between them.
#[expect(clippy::cast_precision_loss, reason = "samples are small")]
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let (place, rest) = (last * percent / 100, last * percent % 100);
    let next = sorted[(place + 1).min(last)];
    sorted[place] + (next - sorted[place]) * rest as f64 / 100.0
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, low, high } = *self;
        write!(f, "{} ({}–{})", short(median), short(low), short(high))
    }
}

/// A number with three digits that say something.
pub fn short(number: f64) -> String {
    let decimals = match number.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{number:.decimals$}")
}

/// Bytes in MiB.
#[expect(clippy::cast_precision_loss, reason = "no size here comes near 2^52")]
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
