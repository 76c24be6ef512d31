//! Reads that share calls.
//!
//! The API takes ten calls of an operation a minute from one account, and a plan
//! may read hundreds of data blocks. So reads do not call: each hands in what it
//! needs, and calls answer whatever waits.
//!
//! - [`Lookup`]: what an operation has to say about that
//! - [`Lookups`]: the reads that wait, and the calls that answer them
//! - [`throttle`]: the gate that all calls of an operation pass
//!
//! What can be relied on:
//!
//! - A read that is alone is answered by the call that it would have made itself.
//! - In each scope, such as a region, one call is in flight at a time. Reads that
//!   come meanwhile wait, and the next call is made for all of them.
//! - What a read gets is what it would have got from a call of its own, sent
//!   within [`FRESH`] before the read began or later, and after a pause in which
//!   nothing was read: [`Lookup::find`] is asked with that moment.
//! - A read fails of what it needs itself, and not of what others need.
//! - A failure that may pass is tried again for as long as a read may wait; a
//!   wait that would take longer ends the read at once.
//! - A call that nobody waits for any more is dropped.

mod bursts;
pub mod caller;
mod queue;
mod scope;
#[cfg(test)]
mod tests;
mod throttle;

use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

use crate::swas::catalog::error::Changed;
use aliyun::rpc::retry::Retry;

pub use queue::{Lookups, Unanswered};

/// How old an answer may be, counted from when its call was sent to when a read
/// begins, where others may have changed what was asked for.
pub const FRESH: Duration = Duration::from_secs(1);

/// What reads can look up by calls of one operation.
pub trait Lookup: Send + Sync + 'static {
    /// Reads of different scopes cannot share a call.
    type Scope: Clone + Eq + Hash + Send + Sync + 'static;
    /// What one read needs.
    type Need: Send + Sync + 'static;
    /// What the read gets.
    type Found: Send + 'static;
    /// One call.
    type Call: Debug + Send + Sync + 'static;
    /// What it is answered with.
    type Answer: Send + 'static;
    /// What is known of a scope from earlier calls.
    type Known: Default + Send + 'static;

    /// The scope of a need.
    fn scope(need: &Self::Need) -> Self::Scope;

    /// What is known about `need`, if all is. Where it may change, only what was
    /// asked at `oldest` or later counts.
    fn find(known: &Self::Known, need: &Self::Need, oldest: Instant) -> Option<Self::Found>;

    /// The call to make for those who wait, oldest first. None of them can be
    /// answered from what is known. It brings the first of them further: whatever
    /// it is answered, [`Lookup::find`] has more to go by.
    fn call(known: &Self::Known, waiting: &[Waiting<'_, Self::Need>]) -> Self::Call;

    /// Whether the call is of use for `need`, so that its failure is the read's.
    fn serves(call: &Self::Call, need: &Self::Need) -> bool;

    /// Whether the call asks for what several need, each of whom could ask alone.
    fn can_be_divided(_call: &Self::Call) -> bool {
        false
    }

    /// Keeps the response to a call that was sent at `sent`.
    ///
    /// # Errors
    ///
    /// If the response does not fit those to the calls before it.
    fn learn(
        known: &mut Self::Known,
        call: &Self::Call,
        sent: Instant,
        answer: Self::Answer,
    ) -> Result<(), Changed>;
}

/// A read that waits.
#[derive(Debug)]
pub struct Waiting<'a, N> {
    /// What it needs.
    pub need: &'a N,
    /// What is known from before this moment does not count where it may have
    /// changed.
    pub oldest: Instant,
}

/// Attempt number of a call, and the number of reads that wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallInfo {
    /// Attempt number, from 1.
    pub number: u32,
    /// Number of reads that wait for the response when the request is sent.
    pub reads: usize,
}

/// What makes the calls.
pub trait Caller<L: Lookup>: Send + Sync + 'static {
    /// What went wrong with a call.
    type Error: Clone + Debug + Display + Send + Sync + 'static;

    /// Makes a call, once. `info` is for the log.
    fn call(
        &self,
        call: &L::Call,
        info: CallInfo,
    ) -> impl Future<Output = Result<L::Answer, Self::Error>> + Send;

    /// The error of a call whose response does not fit those before it.
    fn changed(&self, call: &L::Call, changed: Changed) -> Self::Error;

    /// What may be done about a failure.
    fn retry(error: &Self::Error) -> Retry;
}
