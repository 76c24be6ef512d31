//! The reads that wait in one scope, what is known there, and what went wrong
//! since something succeeded.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use super::throttle::{Closed, Refusal};
use super::{CallInfo, Lookup, Unanswered, Waiting};
use crate::swas::catalog::error::Changed;
use aliyun::rpc::retry::{Failures, Retry};

/// How many of the failures before the last one are told at the most.
const MOST_EARLIER: usize = 20;

/// The reads of one scope.
pub(super) struct Scope<L: Lookup, E> {
    state: Mutex<ScopeState<L, E>>,
    /// Told when a read has left.
    left: Notify,
    /// What those who wait have to wait for, beside an answer.
    pub(super) pause: watch::Sender<Option<Pause<E>>>,
}

pub(super) struct ScopeState<L: Lookup, E> {
    pub(super) known: L::Known,
    /// By number, and so in the order in which they came.
    pub(super) waiting: BTreeMap<u64, Read<L, E>>,
    /// Whether a task is at work for them.
    pub(super) is_served: bool,
    trouble: Option<Trouble<E>>,
    /// The last call that failed for good.
    failed: Option<Failed<L, E>>,
}

pub(super) struct Read<L: Lookup, E> {
    pub(super) need: L::Need,
    pub(super) began: Instant,
    /// See [`Waiting::oldest`].
    pub(super) oldest: Instant,
    /// Until when it goes on trying.
    pub(super) deadline: Instant,
    /// Whether no call is to be made for it and others.
    pub(super) alone: bool,
    pub(super) answer: oneshot::Sender<Result<L::Found, Unanswered<E>>>,
}

/// A wait before the next attempt, and what to tell a read that cannot wait so
/// long.
pub(super) struct Pause<E> {
    pub(super) until: Instant,
    pub(super) is_throttled: bool,
    pub(super) unanswered: Unanswered<E>,
}

/// A call that is made.
pub(super) struct Made<L: Lookup> {
    pub(super) call: L::Call,
    pub(super) info: CallInfo,
    /// The read that it is made for, if there is one alone.
    pub(super) only: Option<u64>,
}

/// Failures since something succeeded.
struct Trouble<E> {
    since: Instant,
    failures: Failures,
    earlier: Vec<E>,
    last: E,
    /// Before this moment there is no further attempt.
    until: Instant,
}

struct Failed<L: Lookup, E> {
    call: L::Call,
    sent: Instant,
    unanswered: Unanswered<E>,
}

impl<L: Lookup, E> Scope<L, E> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(ScopeState {
                known: L::Known::default(),
                waiting: BTreeMap::new(),
                is_served: false,
                trouble: None,
                failed: None,
            }),
            left: Notify::new(),
            pause: watch::Sender::new(None),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, ScopeState<L, E>> {
        // After a panic in an operation's code the reads that waited are gone,
        // and what is known was learned in whole steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a read out of those that wait.
    pub(super) fn leave(&self, number: u64) {
        self.state().waiting.remove(&number);
        self.left.notify_waiters();
    }

    /// Returns when the condition holds, which only changes when reads leave.
    pub(super) async fn until(&self, condition: impl Fn(&ScopeState<L, E>) -> bool) {
        loop {
            let mut left = pin!(self.left.notified());
            // From here on nobody leaves unseen.
            left.as_mut().enable();
            if condition(&self.state()) {
                return;
            }
            left.await;
        }
    }
}

impl<L: Lookup, E: Clone + fmt::Display> Scope<L, E> {
    /// Answers those for whom enough is known. Returns since when the oldest of
    /// the others waits; none when there are no others, and then nobody serves
    /// the scope any more.
    pub(super) fn answer(&self) -> Option<Instant> {
        let mut state = self.state();
        let ScopeState { known, waiting, .. } = &mut *state;
        waiting.retain(|_, read| {
            let Some(found) = L::find(known, &read.need, read.oldest) else {
                return true;
            };
            let (nobody, _) = oneshot::channel();
            // Who is cancelled at this moment listens no more.
            let _ = std::mem::replace(&mut read.answer, nobody).send(Ok(found));
            false
        });
        let first = state.waiting.values().next().map(|read| read.began);
        if first.is_none() {
            state.is_served = false;
            state.trouble = None;
            self.pause.send_replace(None);
        }
        first
    }

    /// When there is another attempt, after a failure. Tells those who wait.
    pub(super) fn pause_after_failure(&self) -> Option<Instant> {
        let state = self.state();
        let trouble = state.trouble.as_ref()?;
        if trouble.until <= Instant::now() {
            return None;
        }
        self.pause.send_replace(Some(Pause {
            until: trouble.until,
            is_throttled: false,
            unanswered: trouble.unanswered(),
        }));
        Some(trouble.until)
    }

    /// Tells those who wait that the API refuses calls for now.
    pub(super) fn pause_for(&self, refusal: Refusal<E>) {
        let state = self.state();
        self.pause.send_replace(Some(Pause {
            until: refusal.until,
            is_throttled: true,
            unanswered: match &state.trouble {
                Some(trouble) => trouble.unanswered(),
                None => Unanswered {
                    error: refusal.error,
                    earlier: Vec::new(),
                    attempts: 0,
                    tried_for: Duration::ZERO,
                    too_long: None,
                },
            },
        }));
    }

    /// Keeps the response to a call.
    pub(super) fn learn(
        &self,
        call: &L::Call,
        sent: Instant,
        answer: L::Answer,
    ) -> Result<(), Changed> {
        let mut state = self.state();
        state.trouble = None;
        L::learn(&mut state.known, call, sent, answer)
    }

    /// Keeps that a call failed, and for how long the gate is closed if it was
    /// refused. Those who cannot wait for the next attempt are told.
    pub(super) fn failed(
        &self,
        made: Made<L>,
        sent: Instant,
        error: E,
        retry: Retry,
        gate: Option<Closed>,
    ) {
        let Made { call, only, .. } = made;
        let mut state = self.state();
        let mut trouble = match state.trouble.take() {
            Some(trouble) => trouble.and(error),
            None => Trouble::new(sent, error),
        };
        let now = Instant::now();
        let wait = trouble.failures.record_failure(retry);
        let again = match gate {
            Some(gate) => Some(gate.until),
            None => wait.map(|wait| now + wait),
        };
        let Some(again) = again else {
            let unanswered = trouble.unanswered();
            if retry == Retry::SplitBatch && L::can_be_divided(&call) {
                match only {
                    Some(number) => state.fail(&unanswered, |it, _| it == number),
                    None => state.divide(&call),
                }
                // Whoever else it would have served may need a part that is in order.
                return;
            }
            state.fail(&unanswered, |_, read| L::serves(&call, &read.need));
            state.failed = Some(Failed {
                call,
                sent,
                unanswered,
            });
            return;
        };
        let wait = again - now;
        let too_long = Unanswered {
            too_long: Some(wait),
            ..trouble.unanswered()
        };
        state.fail(&too_long, |_, read| read.deadline < again);
        let left = state.waiting.values().map(|read| read.deadline - now).max();
        let (reason, attempt) = (trouble.last.to_string(), trouble.failures.count);
        state.trouble = Some(Trouble {
            // At the gate for all calls of the operation, if it is closed.
            until: if gate.is_some() { now } else { again },
            ..trouble
        });
        let wait_ms = wait.as_millis();
        match (left.map(|left| left.as_millis()), gate) {
            (Some(left_ms), None) => tracing::warn!(
                reason,
                wait_ms,
                attempt,
                left_ms,
                "a call failed and will be made again"
            ),
            (Some(left_ms), Some(Closed { is_news: true, .. })) => tracing::warn!(
                reason,
                wait_ms,
                attempt,
                left_ms,
                "a call was refused: all calls of the operation wait"
            ),
            // Nobody waits, or as long as is known already.
            _ => {}
        }
    }
}

impl<L: Lookup, E: Clone> ScopeState<L, E> {
    /// What to tell a read that begins now, if a call for it has just failed.
    pub(super) fn just_failed(&self, need: &L::Need, oldest: Instant) -> Option<Unanswered<E>> {
        let failed = self.failed.as_ref()?;
        let counts = failed.sent >= oldest && L::serves(&failed.call, need);
        counts.then(|| failed.unanswered.clone())
    }

    /// The call for those who wait. None when they have just left.
    pub(super) fn next_call(&self) -> Option<Made<L>> {
        let (first, oldest_read) = self.waiting.first_key_value()?;
        let reads = self.waiting.iter();
        let together = reads.filter(|(number, read)| {
            if oldest_read.alone {
                *number == first
            } else {
                !read.alone
            }
        });
        let waiting: Vec<_> = together
            .map(|(_, read)| Waiting {
                need: &read.need,
                oldest: read.oldest,
            })
            .collect();
        let call = L::call(&self.known, &waiting);
        let served = waiting.iter().filter(|it| L::serves(&call, it.need));
        let info = CallInfo {
            number: 1 + self
                .trouble
                .as_ref()
                .map_or(0, |trouble| trouble.failures.count),
            reads: served.count(),
        };
        let only = (waiting.len() == 1).then_some(*first);
        Some(Made { call, info, only })
    }

    /// Lets each of those whom a call serves ask alone.
    fn divide(&mut self, call: &L::Call) {
        for read in self.waiting.values_mut() {
            read.alone |= L::serves(call, &read.need);
        }
    }

    /// Whether somebody waits for the call.
    pub(super) fn is_wanted(&self, call: &L::Call) -> bool {
        let mut reads = self.waiting.values();
        reads.any(|read| L::serves(call, &read.need))
    }

    fn fail(&mut self, unanswered: &Unanswered<E>, whom: impl Fn(u64, &Read<L, E>) -> bool) {
        for (_, read) in self
            .waiting
            .extract_if(.., |number, read| whom(*number, read))
        {
            // Who is cancelled at this moment listens no more.
            let _ = read.answer.send(Err(unanswered.clone()));
        }
    }
}

impl<E> Trouble<E> {
    fn new(since: Instant, error: E) -> Self {
        Self {
            since,
            failures: Failures::default(),
            earlier: Vec::new(),
            last: error,
            until: since,
        }
    }

    /// The same with one more failure.
    fn and(mut self, error: E) -> Self {
        let before = std::mem::replace(&mut self.last, error);
        if self.earlier.len() < MOST_EARLIER {
            self.earlier.push(before);
        }
        self
    }
}

impl<E: Clone> Trouble<E> {
    fn unanswered(&self) -> Unanswered<E> {
        Unanswered {
            error: self.last.clone(),
            earlier: self.earlier.clone(),
            attempts: self.failures.count,
            tried_for: self.since.elapsed(),
            too_long: None,
        }
    }
}
