//! State shared between the test and the server.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::calls::{Call, Outcome};
use super::error::ApiError;
use super::gateway;
use super::quota::{Quota, SlidingWindow};
use super::reply::Reply;
use super::request::Request;
use super::scenario::Scenario;
use super::script::Script;

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Releases all hanging requests on each message.
    pub(super) releases: watch::Sender<()>,
}

pub(super) struct State {
    pub(super) scenario: Scenario,
    pub(super) script: Script,
    pub(super) requests: Vec<Request>,
    pub(super) calls: Vec<Call>,
    quota: Option<Quota>,
    window: SlidingWindow,
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
                window: SlidingWindow::default(),
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
        // All updates are complete when the lock is released, so the state stays
        // consistent if a test panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the request and takes its scripted reply.
    pub(super) fn record(&self, request: Request) -> Reply {
        let mut state = self.state();
        let mut reply = state.script.take(request.action());
        if !request.action().is_empty() {
            reply.delay += state.delay;
        }
        state.requests.push(request);
        self.changed.notify_all();
        reply
    }

    /// Starts a call if the request is for an action.
    pub(super) fn call(&self, request: &Request) -> Option<PendingCall<'_>> {
        let action = request.action().to_owned();
        (!action.is_empty()).then(|| PendingCall {
            shared: self,
            action,
            outcome: Outcome::Failed,
        })
    }

    /// Waits until `condition` is true, checked after each request, call and
    /// connection. Returns `false` on timeout.
    pub(super) fn wait_until(&self, timeout: Duration, condition: impl Fn(&State) -> bool) -> bool {
        let (_state, waited) = self
            .changed
            .wait_timeout_while(self.state(), timeout, |state| !condition(state))
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Counts a connection, which is open until the guard is dropped.
    pub(super) fn connect(&self) -> OpenConnection<'_> {
        let mut state = self.state();
        state.connections += 1;
        state.open_connections += 1;
        OpenConnection(self)
    }
}

impl State {
    /// Responds as the API does with the text of a JSON object.
    pub(super) fn respond(&mut self, request: &Request, id: &str) -> Result<String, ApiError> {
        let (action, account) = gateway::check(request, &self.scenario.accounts, &mut self.nonces)?;
        if let (Some(quota), Some(account), true) = (self.quota, account, action.has_quota()) {
            let admitted = self.window.admit(quota, account, action, Instant::now());
            admitted.map_err(|wait| {
                ApiError::throttled(400, quota.sends_retry_after.then_some(wait))
            })?;
        }
        let mut response = action.respond(request, &mut self.scenario)?;
        response["RequestId"] = id.into();
        Ok(response.to_string())
    }
}

/// A call without a final outcome. Dropping it records the call: as failed unless
/// the outcome was set, for example when the client disconnects.
pub(super) struct PendingCall<'a> {
    shared: &'a Shared,
    action: String,
    pub(super) outcome: Outcome,
}

impl Drop for PendingCall<'_> {
    fn drop(&mut self) {
        self.shared.state().calls.push(Call {
            action: std::mem::take(&mut self.action),
            at: Instant::now(),
            outcome: self.outcome,
        });
        self.shared.changed.notify_all();
    }
}

/// Guard of an open connection.
pub(super) struct OpenConnection<'a>(&'a Shared);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.state().open_connections -= 1;
        self.0.changed.notify_all();
    }
}
