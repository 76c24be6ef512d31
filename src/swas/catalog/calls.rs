//! Calls of one operation: sent when the rate gate opens, and retried.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tracing::Instrument;

use super::error::{Cause, LoadError, RetryHistory};
use super::gate::{Closed, Permit, RateGate};
use super::reads::{ActiveRead, Reads};
use super::shared::entry::Keys;
use super::shared::{Claim, SharedResponses};
use crate::swas::operations::Share;
use aliyun::client::{ApiClient, Error, Operation};
use aliyun::http::executor::run_on_thread;
use aliyun::rpc::endpoint::Endpoint;
use aliyun::rpc::error::{AttemptError, RequestError};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::retry::{Retry, RetryLoop};

/// Log event before a call is made again.
pub const CALL_RETRIED: &str = "a call failed and will be retried";

/// Log event before a throttled call is made again.
const CALL_THROTTLED: &str = "a call was throttled: all calls of the operation wait";

/// Sends requests. A trait, so that tests can replace the API.
pub trait Api: Send + Sync + 'static {
    /// Sends a request once. `attempt` is the attempt number in the log, from 1.
    fn send<O: Operation>(
        &self,
        operation: &O,
        attempt: u32,
    ) -> impl Future<Output = Result<O::Output, Error>> + Send;

    /// Returns the endpoint for calls about a region, or the one that stands for all regions.
    fn endpoint(&self, region: Option<&RegionId>) -> Endpoint;

    /// Returns the identity of the credentials, unless there are none.
    fn identity(&self) -> impl Future<Output = Option<String>> + Send;

    /// Runs work on a response on another thread.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = io::Result<T>> + Send {
        run_on_thread(work)
    }
}

impl Api for ApiClient {
    async fn send<O: Operation>(&self, operation: &O, attempt: u32) -> Result<O::Output, Error> {
        self.call(operation, attempt).await
    }

    fn endpoint(&self, region: Option<&RegionId>) -> Endpoint {
        ApiClient::endpoint(self, region)
    }

    async fn identity(&self) -> Option<String> {
        ApiClient::identity(self).await.ok()
    }
}

/// The calls of one operation, and the reads with the queries `Q` that they are made for.
#[derive(Debug)]
pub struct Calls<A, Q> {
    api: Arc<A>,
    retry_limit: Duration,
    pub shared: Option<Arc<SharedResponses>>,
    pub gate: RateGate,
    pub reads: Reads<Q>,
}

/// A call that was made, and its result.
#[derive(Debug)]
pub struct Called<O: Operation> {
    pub operation: O,
    /// The number of reads that the last request was sent for.
    pub reads: usize,
    /// When the last request was sent. `None` if the response is the public part of one that
    /// processes share.
    pub sent: Option<Instant>,
    pub result: Result<O::Output, Box<LoadError>>,
}

impl<A: Api, Q> Calls<A, Q> {
    /// Creates calls that are retried until `retry_limit` has passed; zero disables
    /// retries. `shared` shares responses and throttling with other processes.
    pub fn new(api: Arc<A>, retry_limit: Duration, shared: Option<Arc<SharedResponses>>) -> Self {
        Self {
            api,
            retry_limit,
            shared,
            gate: RateGate::new(),
            reads: Reads::new(),
        }
    }

    /// Starts a read.
    pub fn begin(&self, query: Q) -> ActiveRead<'_, Q> {
        let calls = self.gate.usage().calls;
        self.reads.begin(query, self.retry_limit, calls)
    }

    /// Makes a call, and retries it until the deadline. `plan` returns the operation and the
    /// number of reads that it serves; it is called before each attempt, so that reads can
    /// join while the call waits.
    pub async fn call<O: Share>(
        &self,
        deadline: Instant,
        plan: impl Fn() -> (O, usize) + Send,
    ) -> Called<O> {
        let mut retries = RetryLoop::until(deadline);
        let mut history = RetryHistory::default();
        loop {
            let (planned, reads) = plan();
            let mut claim = match self.look_up(&planned, deadline).await {
                Ok(output) => {
                    return Called {
                        operation: planned,
                        reads,
                        sent: None,
                        result: Ok(output),
                    };
                }
                Err(claim) => claim,
            };
            let entered = self.gate.enter(deadline).await;
            let (operation, reads) = plan();
            if planned != operation {
                // The claim is on another response.
                claim.iter_mut().for_each(Claim::release);
            }
            let sent = Instant::now();
            let result = match entered {
                Ok(permit) => {
                    let retry = (&mut retries, &mut history);
                    self.attempt(permit, &operation, reads, retry, claim).await
                }
                Err(Closed { wait, cause }) => {
                    history.next_wait = Some(wait);
                    Err(self.error::<O>(operation.region(), *cause))
                }
            };
            if let Some(result) = result.transpose() {
                return Called {
                    operation,
                    reads,
                    sent: Some(sent),
                    result: result.map_err(|error| Box::new(LoadError { history, ..*error })),
                };
            }
        }
    }

    /// Looks up a shared response, and waits while another process requests it or is
    /// throttled. Without one, returns the claim on it, if responses are shared.
    async fn look_up<O: Share>(
        &self,
        operation: &O,
        deadline: Instant,
    ) -> Result<O::Output, Option<Claim<'_>>> {
        let shared = self.shared.as_ref().ok_or(None)?;
        let endpoints = [Some(operation.region()), None].map(|it| self.api.endpoint(it));
        let identity = self.api.identity().await.ok_or(None)?;
        let keys = Keys::new(operation, endpoints, &identity);
        let output = shared.lookup(operation, keys, deadline, &self.gate).await;
        output.map_err(Some)
    }

    /// Returns the output, or `None` after the wait for a retry.
    async fn attempt<O: Share>(
        &self,
        permit: Permit<'_>,
        operation: &O,
        reads: usize,
        (retries, history): (&mut RetryLoop, &mut RetryHistory),
        claim: Option<Claim<'_>>,
    ) -> Result<Option<O::Output>, Box<LoadError>> {
        // Log events of the call have this field, which `aliyun` knows nothing of.
        let span = tracing::debug_span!("batch", reads);
        let sent = SystemTime::now();
        let region = operation.region();
        let response = self.api.send(operation, retries.number());
        let (failure, credentials) = match response.instrument(span).await {
            Ok(output) => {
                permit.accepted();
                let Some(claim) = claim.filter(Claim::is_exclusive) else {
                    return Ok(Some(output));
                };
                let operation = operation.clone();
                let body = move || (operation.shared_body(&output), output);
                let (body, output) = self.run::<O, _>(region, body).await?;
                claim.store(body, sent).await;
                return Ok(Some(output));
            }
            Err(Error::Credentials(error)) => return Err(self.error::<O>(region, error)),
            Err(Error::Request { error, credentials }) => (error, credentials),
        };
        history.add(&failure.failure, retries.elapsed());
        let mut error = self.error::<O>(region, failure.clone());
        error.credentials = Some(credentials);
        let retry = error.retry();
        let backoff = retries.record_failure(retry);
        let (wait, event) = if let Retry::Throttled(_) = retry {
            let wait = permit.throttled(&failure);
            if let Some(claim) = &claim {
                claim.throttle(wait).await;
            }
            (Some(wait), CALL_THROTTLED)
        } else {
            drop(permit);
            (backoff, CALL_RETRIED)
        };
        // Another process may request the response meanwhile.
        drop(claim);
        if let Some(wait) = wait
            && retries.sleep(wait, &error, event).await
        {
            return Ok(None);
        }
        history.next_wait = wait;
        Err(error)
    }

    /// Runs work on the response to a call about a region on another thread.
    ///
    /// # Errors
    ///
    /// If the operating system starts no thread.
    pub async fn run<O: Operation, T: Send + 'static>(
        &self,
        region: &RegionId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Box<LoadError>> {
        self.api.run(work).await.map_err(|error| {
            let reason = error.to_string();
            let error = AttemptError::from(RequestError::NoThread { reason });
            self.error::<O>(region, error)
        })
    }

    /// Returns the error of a call about a region, without retries.
    pub fn error<O: Operation>(
        &self,
        region: &RegionId,
        cause: impl Into<Cause>,
    ) -> Box<LoadError> {
        Box::new(LoadError {
            action: O::ACTION,
            region: region.clone(),
            host: self.api.endpoint(Some(region)).host(),
            cause: cause.into(),
            credentials: None,
            history: RetryHistory::default(),
        })
    }
}
