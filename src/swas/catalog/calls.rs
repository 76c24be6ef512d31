//! ApiClient of the API as reads share them.

use aliyun::client::{ApiClient, Error, Operation, RetryHistory};
use aliyun::rpc::call_log::CallInfo;
use aliyun::rpc::error::Changed;
use aliyun::rpc::retry::Retry;

use super::lookups::{Caller, Lookup, Unanswered};

impl<L> Caller<L> for ApiClient
where
    L: Lookup,
    L::Call: Operation<Output = L::Answer>,
{
    type Error = Error;

    async fn call(&self, call: &L::Call, info: CallInfo) -> Result<L::Answer, Error> {
        self.call(call, info).await
    }

    fn changed(&self, call: &L::Call, changed: Changed) -> Error {
        ApiClient::changed(self, call, changed)
    }

    fn retry(error: &Error) -> Retry {
        error.retry()
    }
}

/// The last error, with the history of its retries.
pub(super) fn error(unanswered: Unanswered<Error>) -> Error {
    let mut error = unanswered.error;
    if let Error::Call(call) = &mut error {
        let failure = |earlier| match earlier {
            Error::Call(call) => Some(call.failure),
            Error::Credentials(_) => None,
        };
        call.retries = RetryHistory {
            attempts: unanswered.attempts,
            time: unanswered.tried_for,
            previous: unanswered.earlier.into_iter().filter_map(failure).collect(),
            next_wait: unanswered.too_long,
        };
    }
    error
}
