//! What became of the calls.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

/// A call and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// For example `ListImages`.
    pub action: String,
    /// When it was decided.
    pub at: Instant,
    /// What was decided.
    pub outcome: Outcome,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has got what it asked for.
    Answered,
    /// It was one too many, by quota or by script.
    Refused,
    /// It has got another error or a fault.
    Failed,
}

/// How many calls of one action ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// With [`Outcome::Answered`].
    pub answered: usize,
    /// With [`Outcome::Refused`].
    pub refused: usize,
    /// With [`Outcome::Failed`].
    pub failed: usize,
}

/// The counts of each action in `calls`.
pub(super) fn by_action(calls: &[Call]) -> BTreeMap<&str, Counts> {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for call in calls {
        let counts = counts.entry(&call.action).or_default();
        *match call.outcome {
            Outcome::Answered => &mut counts.answered,
            Outcome::Refused => &mut counts.refused,
            Outcome::Failed => &mut counts.failed,
        } += 1;
    }
    counts
}
