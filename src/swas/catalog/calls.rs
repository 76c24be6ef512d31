//! Calls of one operation: sent when the rate gate opens, and retried.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use super::error::{CallFailure, CatalogError, FailedCall, RetryHistory};
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
    pub result: Result<O::Output, CatalogError>,
}

/// Attempts of one call that failed.
#[derive(Debug)]
struct Attempts {
    retries: RetryLoop,
    /// When the first request was sent.
    began: Option<Instant>,
    last: Option<Box<FailedCall>>,
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
        let mut attempts = Attempts {
            retries: RetryLoop::until(deadline),
            began: None,
            last: None,
        };
        loop {
            let entered = self.gate.enter(deadline).await;
            let (operation, reads) = plan();
            let sent = Instant::now();
            let result = self.attempt(entered, &operation, reads, &mut attempts);
            if let Some(result) = result.await.transpose() {
                return Called {
                    operation,
                    reads,
                    sent,
                    result,
                };
            }
        }
    }

    /// Returns the output, or `None` after the wait for a retry.
    async fn attempt<O: Operation>(
        &self,
        entered: Result<Permit<'_>, Closed>,
        operation: &O,
        reads: usize,
        attempts: &mut Attempts,
    ) -> Result<Option<O::Output>, CatalogError> {
        let last = attempts.last.take();
        let permit = match entered {
            Ok(permit) => permit,
            Err(Closed { wait, cause }) => {
                // Without an attempt of its own, the call fails with the error of another.
                let mut call = last.unwrap_or_else(|| {
                    Box::new(FailedCall {
                        retry_after: cause.retry_after,
                        ..self.error(operation, cause.failure)
                    })
                });
                call.retries.next_wait = Some(wait);
                return Err(CatalogError::Call(call));
            }
        };
        let began = *attempts.began.get_or_insert_with(Instant::now);
        let number = attempts.retries.number();
        // Log events of the call have this field, which `aliyun` knows nothing of.
        let span = tracing::debug_span!("batch", reads);
        let mut call = match self.api.send(operation, number).instrument(span).await {
            Ok(output) => {
                permit.accepted();
                return Ok(Some(output));
            }
            Err(Error::Credentials(error)) => return Err(CatalogError::Credentials(error)),
            Err(Error::Call(call)) => Box::new(FailedCall::from(*call)),
        };
        call.retries = RetryHistory::after(last, number, began.elapsed());
        let retry = call.retry();
        let backoff = attempts.retries.record_failure(retry);
        let (wait, event) = if let Retry::Throttled(_) = retry {
            (Some(permit.throttled(&call)), CALL_THROTTLED)
        } else {
            drop(permit);
            (backoff, CALL_RETRIED)
        };
        if let Some(wait) = wait
            && attempts.retries.sleep(wait, &call, event).await
        {
            attempts.last = Some(call);
            return Ok(None);
        }
        call.retries.next_wait = wait;
        Err(CatalogError::Call(call))
    }

    /// Returns the error of an operation without a request that failed.
    pub fn error<O: Operation>(&self, operation: &O, failure: CallFailure) -> FailedCall {
        let region = operation.region().clone();
        let host = self.api.host(&region);
        FailedCall::new(O::ACTION, region, host, failure)
    }
}
