//! Reads on one side, calls on the other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::bursts::Bursts;
use super::scope::{Read, Scope};
use super::throttle::Throttle;
use super::{Caller, Lookup};
use aliyun::rpc::retry::Retry;

/// What a read was answered with.
#[derive(Debug, Default)]
pub struct Answered<F> {
    /// What was looked up.
    pub found: F,
    /// For how long the read waited because the API had refused calls.
    pub throttled: Duration,
    /// How many calls of the operation have been made by this client.
    pub calls: u64,
    /// How many of them the API has refused, because there were too many.
    pub refused: u64,
}

/// Why a read was not answered.
#[derive(Clone, Debug)]
pub struct Unanswered<E> {
    /// The last failure.
    pub error: E,
    /// Those before it since something succeeded, first one first, up to a
    /// number.
    pub earlier: Vec<E>,
    /// How often it was tried. Not at all where other calls had been refused and
    /// the wait was too long.
    pub attempts: u32,
    /// For how long it was tried.
    pub tried_for: Duration,
    /// The wait before the next attempt, if it is longer than the read may take.
    pub too_long: Option<Duration>,
}

/// The reads of one operation, answered by as few calls as can be.
pub struct Lookups<L: Lookup, C: Caller<L>>(Arc<Shared<L, C>>);

type Scopes<L, E> = HashMap<<L as Lookup>::Scope, Arc<Scope<L, E>>>;

struct Shared<L: Lookup, C: Caller<L>> {
    caller: Arc<C>,
    limit: Duration,
    throttle: Throttle<C::Error>,
    scopes: Mutex<Scopes<L, C::Error>>,
    bursts: Mutex<Bursts>,
    /// Gives each read, and each place at the gate, a number of its own.
    numbers: AtomicU64,
    calls: AtomicU64,
    refused: AtomicU64,
}

impl<L: Lookup, C: Caller<L>> Lookups<L, C> {
    /// Nothing is known yet, and nothing is asked before somebody reads. A read
    /// goes on trying for as long as `limit`; zero means that nothing is tried
    /// twice.
    pub fn new(caller: Arc<C>, limit: Duration) -> Self {
        Self(Arc::new(Shared {
            caller,
            limit,
            throttle: Throttle::new(),
            scopes: Mutex::default(),
            bursts: Mutex::default(),
            numbers: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }))
    }

    /// What is asked for, from what is known or else from the next call.
    ///
    /// # Errors
    ///
    /// When the call fails, and cannot be made again or not in time.
    pub async fn get(&self, need: L::Need) -> Result<Answered<L::Found>, Unanswered<C::Error>> {
        let began = Instant::now();
        let deadline = began + self.0.limit;
        let calls = self.0.calls.load(Ordering::Relaxed);
        let (oldest, _reading) = Reading::begin(&self.0.bursts, began, calls);
        let scope = self.0.scope(L::scope(&need));
        let answered = |found, throttled| Answered {
            found,
            throttled,
            calls: self.0.calls.load(Ordering::Relaxed),
            refused: self.0.refused.load(Ordering::Relaxed),
        };
        let (answer, mut answer_arrives) = oneshot::channel();
        let number = self.0.number();
        {
            let mut state = scope.state();
            if let Some(found) = L::find(&state.known, &need, oldest) {
                return Ok(answered(found, Duration::ZERO));
            }
            if let Some(error) = state.just_failed(&need, oldest) {
                return Err(error);
            }
            let read = Read {
                need,
                began,
                oldest,
                deadline,
                alone: false,
                answer,
            };
            state.waiting.insert(number, read);
            if !state.is_served {
                state.is_served = true;
                tokio::spawn(serve(Arc::clone(&self.0), Arc::clone(&scope)));
            }
        }
        let _leave = Leave(&scope, number);
        let mut pauses = scope.pause.subscribe();
        let mut throttled = Stopwatch::default();
        loop {
            {
                let pause = pauses.borrow_and_update();
                throttled.run(pause.as_ref().is_some_and(|pause| pause.is_throttled));
                if let Some(pause) = pause.as_ref().filter(|pause| pause.until > deadline) {
                    let mut unanswered = pause.unanswered.clone();
                    unanswered.too_long = Some(pause.until.duration_since(Instant::now()));
                    return Err(unanswered);
                }
            }
            tokio::select! {
                biased;
                answer = &mut answer_arrives => {
                    throttled.run(false);
                    // Only a panic ends the task before everybody is answered. It
                    // is told like a panic of the read itself.
                    let answer = answer.expect("the task that makes calls has ended");
                    return answer.map(|found| answered(found, throttled.total));
                }
                // The scope keeps the sender, so that this does not fail.
                _ = pauses.changed() => {}
            }
        }
    }
}

/// Takes a read out of those that wait, answered or not.
struct Leave<'a, L: Lookup, E>(&'a Scope<L, E>, u64);

impl<L: Lookup, E> Drop for Leave<'_, L, E> {
    fn drop(&mut self) {
        self.0.leave(self.1);
    }
}

/// A read that goes on, answered or not.
struct Reading<'a>(&'a Mutex<Bursts>);

impl<'a> Reading<'a> {
    fn begin(bursts: &'a Mutex<Bursts>, now: Instant, calls: u64) -> (Instant, Self) {
        let oldest = lock(bursts).begin(now, calls);
        (oldest, Self(bursts))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        lock(self.0).end(Instant::now());
    }
}

/// Nobody who holds one of these locks panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds up the times while it runs.
#[derive(Default)]
struct Stopwatch {
    total: Duration,
    since: Option<Instant>,
}

impl Stopwatch {
    fn run(&mut self, runs: bool) {
        match self.since {
            None if runs => self.since = Some(Instant::now()),
            Some(since) if !runs => {
                self.total += since.elapsed();
                self.since = None;
            }
            _ => {}
        }
    }
}

impl<L: Lookup, C: Caller<L>> Shared<L, C> {
    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn scope(&self, key: L::Scope) -> Arc<Scope<L, C::Error>> {
        let mut scopes = lock(&self.scopes);
        let scope = scopes.entry(key).or_insert_with(|| Arc::new(Scope::new()));
        Arc::clone(scope)
    }
}

/// Makes calls until nobody waits.
async fn serve<L: Lookup, C: Caller<L>>(shared: Arc<Shared<L, C>>, scope: Arc<Scope<L, C::Error>>) {
    let _served = Served(&scope);
    let place = shared.number();
    while let Some(oldest) = scope.answer() {
        let is_abandoned = || scope.until(|state| state.waiting.is_empty());
        if let Some(until) = scope.pause_after_failure() {
            tokio::select! {
                () = sleep_until(until) => {}
                () = is_abandoned() => continue,
            }
        }
        let enter = shared
            .throttle
            .enter((oldest, place), |refusal| scope.pause_for(refusal));
        let permit = tokio::select! {
            permit = enter => permit,
            () = is_abandoned() => continue,
        };
        scope.pause.send_replace(None);
        let Some(made) = scope.state().next_call() else {
            continue;
        };
        shared.calls.fetch_add(1, Ordering::Relaxed);
        let sent = Instant::now();
        let answer = tokio::select! {
            answer = shared.caller.call(&made.call, made.info) => answer,
            () = scope.until(|state| !state.is_wanted(&made.call)) => continue,
        };
        let error = match answer {
            Ok(answer) => {
                permit.taken();
                if let Err(changed) = scope.learn(&made.call, sent, answer) {
                    let error = shared.caller.changed(&made.call, changed);
                    let retry = C::retry(&error);
                    scope.failed(made, sent, error, retry, None);
                }
                continue;
            }
            Err(error) => error,
        };
        let retry = C::retry(&error);
        let gate = if let Retry::Throttled(told) = retry {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            Some(permit.refused(error.clone(), told))
        } else {
            // Whether the API would have taken it is not known.
            drop(permit);
            None
        };
        scope.failed(made, sent, error, retry, gate);
    }
}

/// Lets go of those who wait should the task that serves them panic.
struct Served<'a, L: Lookup, E>(&'a Scope<L, E>);

impl<L: Lookup, E> Drop for Served<'_, L, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.0.state();
            state.is_served = false;
            state.waiting.clear();
        }
    }
}
