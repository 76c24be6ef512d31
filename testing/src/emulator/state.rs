//! What the test and the server share.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::answer::{Answer, Script};
use super::error::ApiError;
use super::gateway;
use super::request::Request;
use super::world::World;

pub(super) struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    /// Lets every request go that hangs when something is sent.
    pub(super) releases: watch::Sender<()>,
}

pub(super) struct State {
    pub(super) world: World,
    pub(super) script: Script,
    pub(super) requests: Vec<Request>,
    nonces: HashSet<String>,
    pub(super) connections: usize,
    in_flight: usize,
    pub(super) max_in_flight: usize,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        Self {
            state: Mutex::new(State {
                world,
                script: Script::default(),
                requests: Vec::new(),
                nonces: HashSet::new(),
                connections: 0,
                in_flight: 0,
                max_in_flight: 0,
            }),
            arrived: Condvar::new(),
            releases: watch::Sender::new(()),
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

    pub(super) fn wait_for_requests(&self, count: usize, timeout: Duration) -> bool {
        let too_few = |state: &mut State| state.requests.len() < count;
        let (_state, waited) = self
            .arrived
            .wait_timeout_while(self.state(), timeout, too_few)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Counts a request as in flight for as long as the value lives.
    pub(super) fn enter(&self) -> InFlight<'_> {
        let mut state = self.state();
        state.in_flight += 1;
        state.max_in_flight = state.max_in_flight.max(state.in_flight);
        InFlight(self)
    }
}

impl State {
    /// Answers as the API does, with the text of a JSON object.
    pub(super) fn answer(&mut self, request: &Request, id: &str) -> Result<String, ApiError> {
        let action = gateway::check(request, &self.world.accounts, &mut self.nonces)?;
        let mut answer = action.answer(request, &mut self.world)?;
        answer["RequestId"] = id.into();
        Ok(answer.to_string())
    }
}

/// A request on its way. Dropped with the request, also when the client leaves.
pub(super) struct InFlight<'a>(&'a Shared);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}
