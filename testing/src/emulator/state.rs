//! What the test and the server share.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::calls::{Call, Outcome};
use super::error::ApiError;
use super::gateway;
use super::quota::{Meter, Quota};
use super::reply::Reply;
use super::request::Request;
use super::scenario::Scenario;
use super::script::Script;

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Lets every request go that hangs when something is sent.
    pub(super) releases: watch::Sender<()>,
}

pub(super) struct State {
    pub(super) scenario: Scenario,
    pub(super) script: Script,
    pub(super) requests: Vec<Request>,
    pub(super) calls: Vec<Call>,
    quota: Option<Quota>,
    meter: Meter,
    delay: Duration,
    nonces: HashSet<String>,
    pub(super) connections: usize,
    pub(super) open_connections: usize,
}

impl Shared {
    pub(super) fn new(scenario: Scenario, quota: Option<Quota>, delay: Duration) -> Self {
        Self {
            state: Mutex::new(State {
                scenario,
                script: Script::default(),
                requests: Vec::new(),
                calls: Vec::new(),
                quota,
                meter: Meter::default(),
                delay,
                nonces: HashSet::new(),
                connections: 0,
                open_connections: 0,
            }),
            changed: Condvar::new(),
            releases: watch::Sender::new(()),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No one leaves the state half changed, so that a panic in a test does
        // not make it unfit for reading.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers the request and takes the answer scripted for it.
    pub(super) fn record(&self, request: Request) -> Reply {
        let mut state = self.state();
        let mut answer = state.script.take(request.action());
        if !request.action().is_empty() {
            answer.delay += state.delay;
        }
        state.requests.push(request);
        self.changed.notify_all();
        answer
    }

    /// The call that a request is, if it is for an action.
    pub(super) fn call(&self, request: &Request) -> Option<Undecided<'_>> {
        let action = request.action().to_owned();
        (!action.is_empty()).then(|| Undecided {
            shared: self,
            action,
            outcome: Outcome::Failed,
        })
    }

    /// Waits until `is_true` holds of the state when a request comes or something
    /// ends; `false` when that takes longer than `timeout`.
    pub(super) fn wait_until(&self, timeout: Duration, is_true: impl Fn(&State) -> bool) -> bool {
        let (_state, waited) = self
            .changed
            .wait_timeout_while(self.state(), timeout, |state| !is_true(state))
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Counts a connection, and as open for as long as the value lives.
    pub(super) fn connect(&self) -> OpenConnection<'_> {
        let mut state = self.state();
        state.connections += 1;
        state.open_connections += 1;
        OpenConnection(self)
    }
}

impl State {
    /// Answers as the API does, with the text of a JSON object.
    pub(super) fn answer(&mut self, request: &Request, id: &str) -> Result<String, ApiError> {
        let (action, account) = gateway::check(request, &self.scenario.accounts, &mut self.nonces)?;
        if let (Some(quota), Some(account), true) = (self.quota, account, action.has_quota()) {
            let admitted = self.meter.admit(quota, account, action, Instant::now());
            admitted.map_err(|wait| {
                ApiError::throttled(400, quota.sends_retry_after.then_some(wait))
            })?;
        }
        let mut answer = action.answer(request, &mut self.scenario)?;
        answer["RequestId"] = id.into();
        Ok(answer.to_string())
    }
}

/// A call that is not decided yet. It is remembered when the value is dropped, as
/// failed where nothing else was said, such as when the client leaves.
pub(super) struct Undecided<'a> {
    shared: &'a Shared,
    action: String,
    pub(super) outcome: Outcome,
}

impl Drop for Undecided<'_> {
    fn drop(&mut self) {
        self.shared.state().calls.push(Call {
            action: std::mem::take(&mut self.action),
            at: Instant::now(),
            outcome: self.outcome,
        });
        self.shared.changed.notify_all();
    }
}

/// A connection, until either side closes it.
pub(super) struct OpenConnection<'a>(&'a Shared);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.state().open_connections -= 1;
        self.0.changed.notify_all();
    }
}
