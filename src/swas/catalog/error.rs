//! Errors of reads, and their classification for retries.

use std::time::Duration;

use crate::swas::operations::images::INVALID_IMAGE_TYPE;
use aliyun::credentials::error::CredentialsError;
use aliyun::credentials::source::CredentialsSource;
use aliyun::rpc::error::{AttemptError, RequestError};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::retry::Retry;

/// Error of a read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{action} in region {region} at {host} failed: {cause}")]
pub struct LoadError {
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// Region that the operation is about. [`Self::host`] may belong to another one.
    pub region: RegionId,
    /// Host that was called, with its port if it is not the default port.
    pub host: String,
    /// Cause of the failure of the last attempt.
    pub cause: Cause,
    /// Source of the credentials that signed the call, if it was sent.
    pub credentials: Option<CredentialsSource>,
    /// Retry history of the call.
    pub history: RetryHistory,
}

/// Cause of the failure of a read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Cause {
    /// Getting credentials failed. No call was sent.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The request failed.
    #[error(transparent)]
    Request(#[from] AttemptError),
    /// The pages of a list are inconsistent. Has a sentence about the list as "it", without
    /// its period.
    #[error("the list changed while it was read, or is incomplete: {0}")]
    Changed(String),
}

/// Retry history of a call.
#[derive(Clone, Debug, Default)]
pub struct RetryHistory {
    /// Number of attempts. Zero if the read failed without a call of its own, because the
    /// operation was throttled, or if the time limit of the read passed.
    pub attempts: u32,
    /// Time spent on the call.
    pub time: Duration,
    /// Different failures in the order of their first attempts, each with the number of its
    /// attempts. Limited to [`Self::MAX_FAILURES`].
    pub failures: Vec<(String, u32)>,
    /// Delay before the next attempt, if it exceeds the time limit of the read.
    pub next_wait: Option<Duration>,
}

impl RetryHistory {
    const MAX_FAILURES: usize = 5;

    /// Adds an attempt that failed `time` after the start of the call.
    pub fn add(&mut self, failure: &RequestError, time: Duration) {
        self.attempts += 1;
        self.time = time;
        let failure = without_request_id(failure);
        let known = self.failures.iter_mut().find(|(it, _)| *it == failure);
        if let Some((_, times)) = known {
            *times += 1;
        } else if self.failures.len() < Self::MAX_FAILURES {
            self.failures.push((failure, 1));
        }
    }
}

/// Returns the text of a failure, which is the same for all attempts that fail for this
/// reason.
fn without_request_id(failure: &RequestError) -> String {
    let RequestError::Api(error) = failure else {
        return failure.to_string();
    };
    let mut error = error.clone();
    error.request_id.clear();
    error.to_string()
}

impl LoadError {
    /// Returns the delay that the response requested.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.cause {
            Cause::Request(error) => error.retry_after,
            Cause::Credentials(_) | Cause::Changed(_) => None,
        }
    }

    /// Returns true if no attempt failed for another reason than [`Self::cause`].
    pub fn is_only_cause(&self) -> bool {
        let Cause::Request(AttemptError { failure, .. }) = &self.cause else {
            return true;
        };
        let cause = without_request_id(failure);
        self.history.failures.iter().all(|(text, _)| *text == cause)
    }

    /// Classifies the error of a call for retries. A list that changed is read again by its own
    /// rule.
    pub fn retry(&self) -> Retry {
        let Cause::Request(error) = &self.cause else {
            return Retry::Never;
        };
        let is_final = match &error.failure {
            // The type is the same for all IDs of a batch.
            RequestError::Api(error) => error.code == INVALID_IMAGE_TYPE,
            failure => failure.is_unknown_region(&self.host, &self.region),
        };
        if is_final {
            Retry::Never
        } else {
            error.retry()
        }
    }
}
