//! A fake of the API with latency, a quota and scripted failures.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::swas::catalog::calls::{Api, Calls};
use crate::swas::catalog::error::{Cause, LoadError};
use crate::swas::service::SWAS;
use aliyun::client::{Error, Operation};
use aliyun::credentials::source::CredentialsSource;
use aliyun::http::protocol::Protocol;
use aliyun::rpc::api_error::ApiError;
use aliyun::rpc::endpoint::{Endpoint, EndpointResolver};
use aliyun::rpc::error::{AttemptError, RequestError};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    Final,
    /// A parameter of the request is invalid.
    Poisoned,
    Fault,
    Throttled(Option<Duration>),
}

pub struct FakeApi {
    pub delay: Duration,
    pub quota: Option<(usize, Duration)>,
    pub sends_retry_after: bool,
    /// Outcomes of the first calls, where `None` is a success.
    pub script: Mutex<VecDeque<Option<Failure>>>,
    /// An image ID that makes a call fail.
    pub poison: Option<String>,
    pub respond: fn(&Parameters, u64) -> Value,
    pub log: Mutex<Log>,
    pub start: Instant,
}

#[derive(Debug, Default)]
pub struct Log {
    pub calls: Vec<Parameters>,
    pub attempts: Vec<u32>,
    pub accepted: Vec<Instant>,
    pub throttled: usize,
    pub in_flight: usize,
    pub max_in_flight: usize,
    pub completed: usize,
    /// Number of times that work was run on another thread.
    pub work: usize,
}

/// Counts a call in flight, also when it is canceled.
struct InFlight<'a>(&'a FakeApi);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.log.lock().unwrap().in_flight -= 1;
    }
}

impl FakeApi {
    /// An API that responds with `respond`, which gets the parameters and the time of the
    /// request in milliseconds since now.
    pub fn new(respond: fn(&Parameters, u64) -> Value) -> Self {
        Self {
            delay: Duration::from_millis(100),
            quota: None,
            sends_retry_after: false,
            script: Mutex::default(),
            poison: None,
            respond,
            log: Mutex::default(),
            start: Instant::now(),
        }
    }

    pub fn failing(self, script: impl IntoIterator<Item = Option<Failure>>) -> Self {
        let script = Mutex::new(script.into_iter().collect());
        Self { script, ..self }
    }

    /// Milliseconds since the API was created.
    pub fn milliseconds(&self, time: Instant) -> u64 {
        let time = time.saturating_duration_since(self.start);
        u64::try_from(time.as_millis()).unwrap()
    }

    pub fn calls(&self) -> usize {
        self.log.lock().unwrap().calls.len()
    }

    fn failure(&self) -> Option<Failure> {
        let now = Instant::now();
        let scripted = self.script.lock().unwrap().pop_front().flatten();
        let mut log = self.log.lock().unwrap();
        if let (Some((calls, window)), None) = (self.quota, scripted) {
            let first = log.accepted.len().checked_sub(calls);
            let end = first.map(|first| log.accepted[first] + window);
            if let Some(end) = end.filter(|end| *end > now) {
                log.throttled += 1;
                let retry_after = self.sends_retry_after.then_some(end - now);
                return Some(Failure::Throttled(retry_after));
            }
        }
        log.accepted.push(now);
        scripted
    }
}

impl Api for FakeApi {
    async fn send<O: Operation>(&self, operation: &O, attempt: u32) -> Result<O::Output, Error> {
        let sent = self.milliseconds(Instant::now());
        let parameters = operation.parameters();
        let ids = parameters.get("ImageIds");
        let poison = self.poison.as_ref().map(|id| json!(id).to_string());
        let is_poisoned = poison.is_some_and(|poison| ids.is_some_and(|ids| ids.contains(&poison)));
        let failure = self.failure().or(is_poisoned.then_some(Failure::Poisoned));
        {
            let mut log = self.log.lock().unwrap();
            log.calls.push(parameters.clone());
            log.attempts.push(attempt);
            log.in_flight += 1;
            log.max_in_flight = log.max_in_flight.max(log.in_flight);
        }
        let _in_flight = InFlight(self);
        sleep(self.delay).await;
        self.log.lock().unwrap().completed += 1;
        if let Some(failure) = failure {
            return Err(failure.error());
        }
        let response = (self.respond)(&parameters, sent);
        Ok(O::into_output(serde_json::from_value(response).unwrap()))
    }

    fn endpoint(&self, region: Option<&RegionId>) -> Endpoint {
        let resolver = EndpointResolver::parse("https://{region}.example", Protocol::Https);
        resolver.unwrap().endpoint(&SWAS, region)
    }

    async fn identity(&self) -> Option<String> {
        None
    }

    /// Runs at once, because a paused clock does not wait for other threads.
    async fn run<T: Send>(&self, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        self.log.lock().unwrap().work += 1;
        Ok(work())
    }
}

impl Failure {
    fn error(self) -> Error {
        let api_error = |code: &str| {
            RequestError::Api(ApiError {
                status: 400,
                code: code.to_owned(),
                message: String::new(),
                request_id: String::new(),
                recommend: String::new(),
                access_denied: None,
            })
        };
        let failure = match self {
            Self::Final => RequestError::Malformed {
                status: 200,
                reason: String::new(),
            },
            Self::Poisoned => api_error("InvalidParameter"),
            Self::Fault => RequestError::Empty { status: 503 },
            Self::Throttled(_) => api_error("Throttling.User"),
        };
        let error = AttemptError {
            failure,
            retry_after: match self {
                Self::Throttled(retry_after) => retry_after,
                _ => None,
            },
        };
        Error::Request {
            error,
            credentials: CredentialsSource::Arguments,
        }
    }

    /// The kind of failure that made a call fail.
    pub fn behind(failure: &RequestError) -> Self {
        match failure {
            RequestError::Malformed { .. } => Self::Final,
            RequestError::Empty { .. } => Self::Fault,
            RequestError::Api(error) if error.code == "InvalidParameter" => Self::Poisoned,
            RequestError::Api(_) => Self::Throttled(None),
            other => panic!("{other:?}"),
        }
    }
}

/// The failure of a read, the number of attempts, and the wait that was too long.
pub fn outcome(error: &LoadError) -> (Failure, u32, Option<Duration>) {
    let Cause::Request(AttemptError { failure, .. }) = &error.cause else {
        panic!("{error:?}")
    };
    let history = &error.history;
    (
        Failure::behind(failure),
        history.attempts,
        history.next_wait,
    )
}

/// The usual retry limit.
pub const LIMIT: Duration = Duration::from_mins(5);

pub fn calls<Q>(api: FakeApi) -> (Calls<FakeApi, Q>, Arc<FakeApi>) {
    let api = Arc::new(api);
    (Calls::new(Arc::clone(&api), LIMIT, None), api)
}
