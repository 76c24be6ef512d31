//! Samples of measurements and their summaries.

use std::fmt;
use std::time::Duration;

/// Repeated measurements, one per round.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<f64>);

/// The median of a sample, and the range of its middle 80 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The median.
    pub median: f64,
    /// The 10th percentile.
    pub low: f64,
    /// The 90th percentile.
    pub high: f64,
}

impl Sample {
    /// Adds a time, in milliseconds.
    pub fn push(&mut self, time: Duration) {
        self.push_number(time.as_secs_f64() * 1e3);
    }

    /// Adds a count.
    #[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
    pub fn push_count(&mut self, count: u64) {
        self.push_number(count as f64);
    }

    /// Adds a number.
    pub fn push_number(&mut self, number: f64) {
        self.0.push(number);
    }

    /// The ratios of the measurements of each round. A slow round affects both, so
    /// ratios vary less.
    pub fn over(&self, other: &Self) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(one, other)| one / other).collect())
    }

    /// The differences of the measurements of each round.
    pub fn minus(&self, other: &Self) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(one, other)| one - other).collect())
    }

    /// The measurements divided by a number.
    pub fn divided_by(&self, number: f64) -> Self {
        Self(self.0.iter().map(|one| one / number).collect())
    }

    /// Summarizes the sample. An empty sample has zeros.
    pub fn summary(&self) -> Summary {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        Summary {
            median: percentile(&sorted, 50),
            low: percentile(&sorted, 10),
            high: percentile(&sorted, 90),
        }
    }

    /// The median of the sample.
    pub fn median(&self) -> f64 {
        self.summary().median
    }
}

/// A percentile of a sorted sample, linearly interpolated.
#[expect(clippy::cast_precision_loss, reason = "samples are small")]
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let (index, rest) = (last * percent / 100, last * percent % 100);
    let next = sorted[(index + 1).min(last)];
    sorted[index] + (next - sorted[index]) * rest as f64 / 100.0
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, low, high } = *self;
        write!(f, "{} ({}–{})", short(median), short(low), short(high))
    }
}

/// Formats a number with three significant digits.
pub fn short(number: f64) -> String {
    let decimals = match number.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{number:.decimals$}")
}

/// Converts bytes to MiB.
#[expect(clippy::cast_precision_loss, reason = "no size here comes near 2^52")]
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
