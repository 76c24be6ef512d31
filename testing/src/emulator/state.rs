//! What the emulator knows, shared by the test and the server.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::watch;

use super::accounts::Accounts;
use super::actions::World;
use super::answer::{Answer, Script};
use super::catalog::Catalog;
use super::checks;
use super::error::ApiError;
use super::instance;
use super::order::Order;
use super::request::Request;

pub(super) struct Shared {
    services: Services,
    state: Mutex<State>,
    arrived: Condvar,
    releases: watch::Sender<()>,
    connections: AtomicUsize,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

/// What the services know and never change.
pub(super) struct Services {
    /// The OIDC token that STS takes.
    pub(super) oidc_token: String,
    /// The RAM role of the emulated ECS instance.
    pub(super) ecs_role: String,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) accounts: Accounts,
    pub(super) catalog: Catalog,
    pub(super) order: Order,
    pub(super) script: Script,
    pub(super) requests: Vec<Request>,
    nonces: HashSet<String>,
}

impl Shared {
    pub(super) fn new(services: Services, accounts: Accounts, catalog: Catalog) -> Self {
        let state = State {
            accounts,
            catalog,
            ..State::default()
        };
        Self {
            services,
            state: Mutex::new(state),
            arrived: Condvar::new(),
            releases: watch::Sender::new(()),
            connections: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            max_in_flight: AtomicUsize::new(0),
        }
    }

    pub(super) fn oidc_token(&self) -> &str {
        &self.services.oidc_token
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
        let State {
            accounts,
            catalog,
            order,
            nonces,
            ..
        } = &mut *state;
        let action = checks::check(request, accounts, nonces, now)?;
        let mut world = World {
            catalog,
            order: *order,
            accounts,
            oidc_token: &self.services.oidc_token,
            now,
        };
        action.answer(&request.parameters, &mut world, request_id)
    }

    /// Answers as the services next to a program do, if the request is for one
    /// of them: with a status and a text.
    pub(super) fn answer_nearby(&self, request: &Request) -> Option<(u16, String)> {
        let accounts = &mut self.state().accounts;
        let now = OffsetDateTime::now_utc();
        instance::answer(request, &self.services.ecs_role, accounts, now)
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
