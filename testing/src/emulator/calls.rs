//! The log of calls and their outcomes.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

/// A call and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The action's name, such as `ListImages`.
    pub action: String,
    /// The time at which the outcome was decided.
    pub at: Instant,
    /// The outcome.
    pub outcome: Outcome,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The call succeeded.
    Succeeded,
    /// The call was throttled, by the quota or by a script.
    Throttled,
    /// The call got another error or a fault.
    Failed,
}

/// The number of calls of one action by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Calls with [`Outcome::Succeeded`].
    pub succeeded: usize,
    /// Calls with [`Outcome::Throttled`].
    pub throttled: usize,
    /// Calls with [`Outcome::Failed`].
    pub failed: usize,
}

/// Counts the outcomes of `calls` per action.
pub(super) fn by_action(calls: &[Call]) -> BTreeMap<&str, Counts> {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for call in calls {
        let counts = counts.entry(&call.action).or_default();
        *match call.outcome {
            Outcome::Succeeded => &mut counts.succeeded,
            Outcome::Throttled => &mut counts.throttled,
            Outcome::Failed => &mut counts.failed,
        } += 1;
    }
    counts
}
