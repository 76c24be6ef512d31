//! Calls of one operation: sent when the rate gate opens, and retried.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use super::error::{Cause, LoadError, RetryHistory};
use super::gate::{Closed, Permit, RateGate};
use super::reads::{ActiveRead, Reads};
use aliyun::client::{ApiClient, Error, Operation};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::retry::{Retry, RetryLoop};

/// Log event before a call is made again.
pub const CALL_RETRIED: &str = "a call failed and will be made again";

/// Log event before a throttled call is made again.
const CALL_THROTTLED: &str = "a call was refused: all calls of the operation wait";

/// Sends requests. A trait, so that tests can replace the API.
pub trait Api: Send + Sync + 'static {
    /// Sends a request once. `attempt` is the attempt number in the log, from 1.
    fn send<O: Operation>(
        &self,
        operation: &O,
        attempt: u32,
    ) -> impl Future<Output = Result<O::Output, Error>> + Send;

    /// Returns the host for calls about a region.
    fn host(&self, region: &RegionId) -> String;
}

impl Api for ApiClient {
    async fn send<O: Operation>(&self, operation: &O, attempt: u32) -> Result<O::Output, Error> {
        self.call(operation, attempt).await
    }

    fn host(&self, region: &RegionId) -> String {
        self.endpoint(region).host()
    }
}

/// The calls of one operation, and the reads with the queries `Q` that they are made for.
#[derive(Debug)]
pub struct Calls<A, Q> {
    api: Arc<A>,
    retry_limit: Duration,
    pub gate: RateGate,
    pub reads: Reads<Q>,
}

/// A call that was made, and its result.
#[derive(Debug)]
pub struct Called<O: Operation> {
    pub operation: O,
    /// The number of reads that the last request was sent for.
    pub reads: usize,
    /// When the last request was sent.
    pub sent: Instant,
    pub result: Result<O::Output, Box<LoadError>>,
}

impl<A: Api, Q> Calls<A, Q> {
    /// Creates calls that are retried until `retry_limit` has passed; zero disables
    /// retries.
    pub fn new(api: Arc<A>, retry_limit: Duration) -> Self {
        Self {
            api,
            retry_limit,
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
    pub async fn call<O: Operation + Send>(
        &self,
        deadline: Instant,
        plan: impl Fn() -> (O, usize) + Send,
    ) -> Called<O> {
        let mut retries = RetryLoop::until(deadline);
        let mut history = RetryHistory::default();
        loop {
            let entered = self.gate.enter(deadline).await;
            let (operation, reads) = plan();
            let sent = Instant::now();
            let result = match entered {
                Ok(permit) => {
                    let retry = (&mut retries, &mut history);
                    self.attempt(permit, &operation, reads, retry).await
                }
                Err(Closed { wait, cause }) => {
                    history.next_wait = Some(wait);
                    Err(self.error::<O>(operation.region(), *cause))
                }
            };
            let result = match result {
                Ok(None) => continue,
                Ok(Some(output)) => Ok(output),
                Err(error) => Err(Box::new(LoadError { history, ..*error })),
            };
            return Called {
                operation,
                reads,
                sent,
                result,
            };
        }
    }

    /// Returns the output, or `None` after the wait for a retry.
    async fn attempt<O: Operation>(
        &self,
        permit: Permit<'_>,
        operation: &O,
        reads: usize,
        (retries, history): (&mut RetryLoop, &mut RetryHistory),
    ) -> Result<Option<O::Output>, Box<LoadError>> {
        // Log events of the call have this field, which `aliyun` knows nothing of.
        let span = tracing::debug_span!("batch", reads);
        let sent = self.api.send(operation, retries.number());
        let (failure, credentials) = match sent.instrument(span).await {
            Ok(output) => {
                permit.accepted();
                return Ok(Some(output));
            }
            Err(Error::Credentials(error)) => {
                return Err(self.error::<O>(operation.region(), error));
            }
            Err(Error::Request { error, credentials }) => (error, Some(credentials)),
        };
        history.add(&failure.failure, retries.elapsed());
        let error = self.error::<O>(operation.region(), failure.clone());
        let error = Box::new(LoadError {
            credentials,
            ..*error
        });
        let retry = error.retry();
        let backoff = retries.record_failure(retry);
        let (wait, event) = if let Retry::Throttled(_) = retry {
            (Some(permit.throttled(&failure)), CALL_THROTTLED)
        } else {
            drop(permit);
            (backoff, CALL_RETRIED)
        };
        if let Some(wait) = wait
            && retries.sleep(wait, &error, event).await
        {
            return Ok(None);
        }
        history.next_wait = wait;
        Err(error)
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
            host: self.api.host(region),
            cause: cause.into(),
            credentials: None,
            history: RetryHistory::default(),
        })
    }
}
