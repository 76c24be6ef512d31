//! Decides when the next call of an operation may be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use aliyun::rpc::error::AttemptError;
use aliyun::rpc::retry::Retry;

/// The documented quota of an operation: calls per minute and account.
const QUOTA: u32 = 10;

/// Maximum number of calls in flight.
const MAX_IN_FLIGHT: u32 = 10;

/// Rate limit of one operation.
///
/// Calls are sent at once up to the limit, which is the quota at first, and beyond it one
/// at a time, until the API shows that it accepts more. When the API throttles a call, all
/// calls wait. Then one of them probes, and the others follow when it has been accepted.
#[derive(Debug)]
pub struct RateGate {
    state: Mutex<GateState>,
    /// Locked by the next call, so that calls are sent in the order in which they arrive.
    turn: tokio::sync::Mutex<()>,
    /// One permit for each call in flight. A call that is sent alone holds all of them.
    in_flight: Semaphore,
}

#[derive(Debug)]
struct GateState {
    /// No call is sent earlier.
    not_before: Instant,
    /// The error of the throttled call that set `not_before`.
    cause: Option<AttemptError>,
    /// Number of consecutive throttles. Calls in flight together count once.
    throttles: u32,
    /// Calls since the last probe that were not throttled.
    sent: u32,
    /// The expected maximum of `sent`.
    limit: u32,
    usage: Usage,
    /// The end of the time in `usage.closed`. Later than `not_before` while another process is
    /// throttled: calls whose deadline is earlier are sent nevertheless.
    closed_until: Instant,
}

/// Use of the quota since the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Number of calls.
    pub calls: u64,
    /// Number of calls that the API throttled.
    pub throttled_calls: u64,
    /// Time in which no call could be sent.
    pub closed: Duration,
}

/// A wait that exceeds the time limit of a read.
#[derive(Debug)]
pub struct Closed {
    pub wait: Duration,
    /// The error of the throttled call that makes all calls wait.
    pub cause: Box<AttemptError>,
}

impl GateState {
    fn record_closed(&mut self, until: Instant) {
        let from = self.closed_until.max(Instant::now());
        self.usage.closed += until.saturating_duration_since(from);
        self.closed_until = self.closed_until.max(until);
    }

    fn is_one_at_a_time(&self) -> bool {
        self.throttles > 0 || self.sent >= self.limit
    }
}

impl RateGate {
    /// Creates a gate that is open.
    pub fn new() -> Self {
        Self {
            state: Mutex::new(GateState {
                not_before: Instant::now(),
                cause: None,
                throttles: 0,
                sent: 0,
                limit: QUOTA,
                usage: Usage::default(),
                closed_until: Instant::now(),
            }),
            turn: tokio::sync::Mutex::default(),
            in_flight: Semaphore::new(MAX_IN_FLIGHT as usize),
        }
    }

    /// Returns the use of the quota until now.
    pub fn usage(&self) -> Usage {
        let state = self.state();
        let remaining = state.closed_until.saturating_duration_since(Instant::now());
        Usage {
            closed: state.usage.closed.saturating_sub(remaining),
            ..state.usage
        }
    }

    /// Records that another process was throttled, so that no call may be sent for this time.
    pub fn close_for(&self, wait: Duration) {
        self.state().record_closed(Instant::now() + wait);
    }

    /// Waits until a call may be sent.
    ///
    /// # Errors
    ///
    /// Immediately, if no call may be sent before the deadline.
    pub async fn enter(&self, deadline: Instant) -> Result<Permit<'_>, Closed> {
        loop {
            if let Some(not_before) = self.closed_until(deadline)? {
                // Outside of the turn, so that each call compares its own deadline.
                sleep_until(not_before).await;
                continue;
            }
            let _turn = self.turn.lock().await;
            let is_alone = self.state().is_one_at_a_time();
            let permits = if is_alone { MAX_IN_FLIGHT } else { 1 };
            let permits = self.in_flight.acquire_many(permits).await;
            let mut permits = permits.expect("this semaphore is never closed");
            let mut state = self.state();
            let has_all = is_alone;
            let is_alone = state.is_one_at_a_time();
            if state.not_before > Instant::now() || (is_alone && !has_all) {
                continue;
            }
            // A probe was accepted meanwhile, so that the calls behind this one can follow.
            if !is_alone && let Some(one) = permits.split(1) {
                permits = one;
            }
            if state.throttles > 0 {
                state.sent = 0;
            }
            state.sent += 1;
            state.usage.calls += 1;
            return Ok(Permit {
                gate: self,
                is_alone,
                _permits: permits,
            });
        }
    }

    /// Returns when the next call may be sent, if that is later than now.
    fn closed_until(&self, deadline: Instant) -> Result<Option<Instant>, Closed> {
        let state = self.state();
        let not_before = state.not_before;
        let wait = not_before.saturating_duration_since(Instant::now());
        match &state.cause {
            Some(cause) if !wait.is_zero() && not_before > deadline => Err(Closed {
                wait,
                cause: Box::new(cause.clone()),
            }),
            _ => Ok((!wait.is_zero()).then_some(not_before)),
        }
    }

    fn state(&self) -> MutexGuard<'_, GateState> {
        // Each change is complete when the lock is released.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission for one call, which is in flight until this is dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    gate: &'a RateGate,
    is_alone: bool,
    _permits: SemaphorePermit<'a>,
}

impl Permit<'_> {
    /// Records that the API accepted the call.
    pub fn accepted(self) {
        let mut state = self.gate.state();
        // A call that was in flight with a throttled one proves nothing.
        if self.is_alone {
            state.throttles = 0;
            if state.sent > state.limit {
                state.limit = state.sent * 2;
            }
        }
    }

    /// Records that the API throttled the call. All calls wait for its Retry-After, or for a
    /// backoff that grows with consecutive throttles. Returns how long they have to wait.
    pub fn throttled(self, error: &AttemptError) -> Duration {
        let mut state = self.gate.state();
        let state = &mut *state;
        let is_first = state.throttles == 0;
        let is_probe = self.is_alone && !is_first;
        state.usage.throttled_calls += 1;
        if !is_probe {
            state.sent = state.sent.saturating_sub(1);
            state.limit = state.sent.max(1);
        }
        let wait = if is_first || is_probe {
            state.throttles += 1;
            Retry::Throttled(error.retry_after).wait(state.throttles)
        } else {
            error.retry_after
        };
        let now = Instant::now();
        let not_before = now + wait.unwrap_or_default();
        if not_before > state.not_before.max(now) {
            state.not_before = not_before;
            state.cause = Some(error.clone());
            state.record_closed(not_before);
        }
        state.not_before.saturating_duration_since(now)
    }
}
