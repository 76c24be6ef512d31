//! What the emulator knows, shared by the test and the server.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::watch;

use super::answer::{Answer, Script};
use super::catalogue::Catalogue;
use super::checks::{self, Account};
use super::error::ApiError;
use super::order::Order;
use super::request::Request;

pub(super) struct Shared {
    account: Account,
    state: Mutex<State>,
    arrived: Condvar,
    releases: watch::Sender<()>,
    connections: AtomicUsize,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) catalogue: Catalogue,
    pub(super) order: Order,
    pub(super) script: Script,
    pub(super) requests: Vec<Request>,
    nonces: HashSet<String>,
}

impl Shared {
    pub(super) fn new(account: Account, catalogue: Catalogue) -> Self {
        let state = State {
            catalogue,
            ..State::default()
        };
        Self {
            account,
            state: Mutex::new(state),
            arrived: Condvar::new(),
            releases: watch::Sender::new(()),
            connections: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            max_in_flight: AtomicUsize::new(0),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No one leaves the state half changed, so that a panic in a test does
        // not make it unfit for reading.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers the request and takes the answer scripted for it.
    pub(super) fn record(&self, request: Request) -> Answer {
        let mut state = self.state();
        let answer = state.script.take(request.action());
        state.requests.push(request);
        self.arrived.notify_all();
        answer
    }

    /// Answers as the API does.
    pub(super) fn answer(&self, request: &Request, request_id: &str) -> Result<Vec<u8>, ApiError> {
        let mut state = self.state();
        let now = OffsetDateTime::now_utc();
        let action = checks::check(request, &self.account, &mut state.nonces, now)?;
        let State {
            catalogue, order, ..
        } = &*state;
        action.answer(&request.parameters, catalogue, *order, request_id)
    }

    pub(super) fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        let too_few = |state: &mut State| state.requests.len() < count;
        let (_state, waited) = self
            .arrived
            .wait_timeout_while(self.state(), timeout, too_few)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Lets every request that hangs now go.
    pub(super) fn release(&self) {
        self.releases.send_replace(());
    }

    /// Hears of every release from now on.
    pub(super) fn releases(&self) -> watch::Receiver<()> {
        self.releases.subscribe()
    }

    pub(super) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn max_in_flight(&self) -> usize {
        self.max_in_flight.load(Ordering::SeqCst)
    }

    /// Counts a request as in flight for as long as the value lives.
    pub(super) fn enter(&self) -> InFlight<'_> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.max_in_flight.fetch_max(now, Ordering::SeqCst);
        InFlight(&self.in_flight)
    }
}

/// A request on its way. Dropped with the request, also when the client leaves.
pub(super) struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
