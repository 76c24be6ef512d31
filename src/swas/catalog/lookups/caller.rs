//! Connects lookups to the API client.

use tracing::Instrument;

use aliyun::client::{ApiClient, Operation};
use aliyun::rpc::retry::Retry;

use super::{CallInfo, Caller, Lookup, Unanswered};
use crate::swas::catalog::error::{CallFailure, CatalogError, Changed, FailedCall, RetryHistory};

impl<L> Caller<L> for ApiClient
where
    L: Lookup,
    L::Call: Operation<Output = L::Answer>,
{
    type Error = CatalogError;

    async fn call(&self, call: &L::Call, info: CallInfo) -> Result<L::Answer, CatalogError> {
        // Log events of the call have this field, which `aliyun` knows nothing of.
        let span = tracing::debug_span!("batch", reads = info.reads);
        let response = ApiClient::call(self, call, info.number).instrument(span);
        Ok(response.await?)
    }

    fn changed(&self, call: &L::Call, changed: Changed) -> CatalogError {
        CatalogError::Call(Box::new(FailedCall {
            action: L::Call::ACTION,
            region: call.region().clone(),
            host: self.endpoint(call.region()).host(),
            failure: CallFailure::Changed(changed),
            retry_after: None,
            retries: RetryHistory::default(),
        }))
    }

    fn retry(error: &CatalogError) -> Retry {
        error.retry()
    }
}

/// The last error, with the retry history.
pub fn with_retry_history(unanswered: Unanswered<CatalogError>) -> CatalogError {
    let mut error = unanswered.error;
    if let CatalogError::Call(call) = &mut error {
        let failure = |error| match error {
            CatalogError::Call(call) => Some(call.failure),
            CatalogError::Credentials(_) => None,
        };
        let previous = unanswered.earlier.into_iter();
        call.retries = RetryHistory {
            attempts: unanswered.attempts,
            time: unanswered.tried_for,
            previous: previous.filter_map(failure).collect(),
            next_wait: unanswered.too_long,
        };
    }
    error
}
