//! Connects the batches of [`super::lookups`] to the API client.

use aliyun::client::{ApiClient, Error, Operation, RetryHistory};
use aliyun::rpc::error::Changed;
use aliyun::rpc::retry::Retry;
use tracing::Instrument;

use super::lookups::{CallInfo, Caller, Lookup, Unanswered};

impl<L> Caller<L> for ApiClient
where
    L: Lookup,
    L::Call: Operation<Output = L::Answer>,
{
    type Error = Error;

    async fn call(&self, call: &L::Call, info: CallInfo) -> Result<L::Answer, Error> {
        // Log events of the call have this field, which `aliyun` knows nothing of.
        let span = tracing::debug_span!("batch", reads = info.reads);
        ApiClient::call(self, call, info.number)
            .instrument(span)
            .await
    }

    fn changed(&self, call: &L::Call, changed: Changed) -> Error {
        ApiClient::changed(self, call, changed)
    }

    fn retry(error: &Error) -> Retry {
        error.retry()
    }
}

/// The last error, with the retry history.
pub(super) fn with_retry_history(unanswered: Unanswered<Error>) -> Error {
    let mut error = unanswered.error;
    if let Error::Call(call) = &mut error {
        let request_error = |error| match error {
            Error::Call(call) => Some(call.failure),
            Error::Credentials(_) => None,
        };
        let previous = unanswered.earlier.into_iter();
        call.retries = RetryHistory {
            attempts: unanswered.attempts,
            time: unanswered.tried_for,
            previous: previous.filter_map(request_error).collect(),
            next_wait: unanswered.too_long,
        };
    }
    error
}
