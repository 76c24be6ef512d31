//! The gate that every call of one operation passes: how many go at a time, and
//! when none goes because the API has refused one.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use aliyun::rpc::retry::Retry;

/// How many calls the API is expected to take at once: the documented quota of an
/// operation, calls a minute for one account.
const QUOTA: usize = 10;

/// The most calls in flight at a time, whatever the API has taken before.
const MOST_IN_FLIGHT: usize = 10;

/// Lets calls of one operation through.
///
/// Up to the quota go at once, and beyond it one at a time, until the API shows
/// that it takes more. When it refuses one, all wait; then one goes first, and
/// the others follow when it has been taken. Among those who wait, the one that
/// stands for the oldest read is let through first.
pub(super) struct Throttle<E> {
    state: Mutex<ThrottleState<E>>,
    changed: Notify,
}

struct ThrottleState<E> {
    /// Who waits to be let through.
    line: BTreeSet<Place>,
    in_flight: usize,
    /// Calls let through since the last pause, and those of them that were taken.
    sent: usize,
    taken: usize,
    /// How many the API takes from one pause to the next, as far as is known.
    burst: usize,
    /// Refusals since a call was last taken, those of calls that were in flight
    /// together counted once.
    refusals: u32,
    /// Tells calls let through before a refusal from those after it.
    generation: u64,
    pause: Option<Refusal<E>>,
}

/// Why nobody goes, and until when.
#[derive(Clone, Debug)]
pub(super) struct Refusal<E> {
    pub(super) until: Instant,
    pub(super) error: E,
}

/// How long the gate is closed after a refusal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    pub(super) until: Instant,
    /// Whether it is this refusal that closes it for so long.
    pub(super) is_news: bool,
}

/// A place in the line: since when the oldest read behind it waits, and a number
/// that no other place has.
pub(super) type Place = (Instant, u64);

/// What keeps a place from being let through.
enum Obstacle<E> {
    Pause(Refusal<E>),
    Others,
}

impl<E: Clone> ThrottleState<E> {
    fn obstacle(&self, place: Place, now: Instant) -> Option<Obstacle<E>> {
        if let Some(refusal) = self.pause.as_ref().filter(|pause| now < pause.until) {
            return Some(Obstacle::Pause(refusal.clone()));
        }
        let one_at_a_time = self.refusals > 0 || self.sent >= self.burst;
        let most = if one_at_a_time { 1 } else { MOST_IN_FLIGHT };
        let is_first = self.line.first() == Some(&place);
        (self.in_flight >= most || !is_first).then_some(Obstacle::Others)
    }
}

impl<E: Clone> Throttle<E> {
    /// Nothing has been refused.
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(ThrottleState {
                line: BTreeSet::new(),
                in_flight: 0,
                sent: 0,
                taken: 0,
                burst: QUOTA,
                refusals: 0,
                generation: 0,
                pause: None,
            }),
            changed: Notify::new(),
        }
    }

    /// Waits until a call may go. `paused` is told each time that this takes
    /// until a certain moment at least.
    pub(super) async fn enter(
        &self,
        place: Place,
        mut paused: impl FnMut(Refusal<E>),
    ) -> Permit<'_, E> {
        let _in_line = InLine::join(self, place);
        loop {
            let mut changed = pin!(self.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            let obstacle = {
                let mut state = self.state();
                let obstacle = state.obstacle(place, Instant::now());
                if obstacle.is_none() {
                    if state.pause.take().is_some() {
                        (state.sent, state.taken) = (0, 0);
                    }
                    state.sent += 1;
                    state.in_flight += 1;
                    let generation = state.generation;
                    return Permit {
                        throttle: self,
                        generation,
                    };
                }
                obstacle
            };
            match obstacle {
                Some(Obstacle::Pause(refusal)) => {
                    let until = refusal.until;
                    paused(refusal);
                    tokio::select! {
                        () = sleep_until(until) => {}
                        () = changed => {}
                    }
                }
                Some(Obstacle::Others) | None => changed.await,
            }
        }
    }
}

impl<E> Throttle<E> {
    fn state(&self) -> MutexGuard<'_, ThrottleState<E>> {
        // Every change is made in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands in the line for as long as it lives.
struct InLine<'a, E>(&'a Throttle<E>, Place);

impl<'a, E> InLine<'a, E> {
    fn join(throttle: &'a Throttle<E>, place: Place) -> Self {
        throttle.state().line.insert(place);
        Self(throttle, place)
    }
}

impl<E> Drop for InLine<'_, E> {
    fn drop(&mut self) {
        self.0.state().line.remove(&self.1);
        self.0.changed.notify_waiters();
    }
}

/// A call that was let through, until it is dropped. Unless it says that it was
/// taken, the next one is as likely to be refused as it was.
pub(super) struct Permit<'a, E> {
    throttle: &'a Throttle<E>,
    generation: u64,
}

impl<E> Permit<'_, E> {
    /// The API has done what the call asks for.
    pub(super) fn taken(self) {
        let mut state = self.throttle.state();
        if self.generation < state.generation {
            return;
        }
        state.refusals = 0;
        state.taken += 1;
        if state.taken > state.burst {
            // It takes more than was known: others may go at once, as many
            // again.
            state.burst = state.taken * 2;
        }
    }

    /// The API has refused the call because there were too many. Nobody goes for as
    /// long as it `told` to wait; where it told nothing, or it did not help, longer
    /// each time.
    pub(super) fn refused(self, error: E, told: Option<Duration>) -> Closed {
        let mut state = self.throttle.state();
        let is_first = self.generation == state.generation;
        if is_first {
            if state.taken > 0 {
                state.burst = state.taken;
            }
            state.refusals += 1;
            state.generation += 1;
        }
        let now = Instant::now();
        let wait = match told {
            // Refused together with another call, which has said all there is.
            None if !is_first => None,
            told => Retry::Throttled(told).wait(state.refusals),
        };
        let longest = state.pause.as_ref().map_or(now, |pause| pause.until);
        match wait.map(|wait| now + wait) {
            Some(until) if state.pause.is_none() || until > longest => {
                state.pause = Some(Refusal { until, error });
                Closed {
                    until,
                    is_news: true,
                }
            }
            _ => Closed {
                until: longest,
                is_news: false,
            },
        }
    }
}

impl<E> Drop for Permit<'_, E> {
    fn drop(&mut self) {
        self.throttle.state().in_flight -= 1;
        self.throttle.changed.notify_waiters();
    }
}
