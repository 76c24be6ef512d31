//! Errors of reads, and their classification for retries.

use std::fmt;
use std::time::Duration;

use crate::swas::operations::images::INVALID_IMAGE_TYPE;
use aliyun::client::CallError;
use aliyun::credentials::error::CredentialsError;
use aliyun::credentials::source::CredentialsSource;
use aliyun::rpc::error::RequestError;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::retry::Retry;

/// Error of a read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CatalogError {
    /// Getting credentials failed. No call was sent.
    #[error(transparent)]
    Credentials(CredentialsError),
    /// A call for the read failed. Boxed because it is large.
    #[error(transparent)]
    Call(Box<FailedCall>),
}

/// A call that failed, with its retry history.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{action} in {region} at {host}: {failure}")]
pub struct FailedCall {
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// Region that the operation is about. [`Self::host`] may belong to another one.
    pub region: RegionId,
    /// Host that was called, with its port if it is not the default port.
    pub host: String,
    /// Cause of the failure of the last attempt.
    pub failure: CallFailure,
    /// Delay that the response requested.
    pub retry_after: Option<Duration>,
    /// Source of the credentials that signed the call, if it was sent.
    pub credentials: Option<CredentialsSource>,
    /// Retry history of the call.
    pub retries: RetryHistory,
}

/// Cause of the failure of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// The request failed.
    #[error(transparent)]
    Request(RequestError),
    /// The pages of a list are inconsistent.
    #[error(transparent)]
    Changed(ListChanged),
}

/// A list that changed between the requests for its pages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ListChanged {
    /// The number of changes while the list was read, this one included.
    pub times: u32,
    /// A sentence about the list as "it", without its period.
    pub reason: String,
}

impl fmt::Display for ListChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { times, reason } = self;
        if *times == 1 {
            return write!(
                f,
                "the list changed while it was read, or is incomplete: {reason}"
            );
        }
        write!(
            f,
            "the list kept changing while it was read, or is incomplete; it was read {times} times, \
             and the last time {reason}"
        )
    }
}

impl ListChanged {
    /// Number of changes after which the error is final.
    const MAX_CHANGES: u32 = 3;

    /// Returns true if the list is not read again.
    pub fn is_final(&self) -> bool {
        self.times >= Self::MAX_CHANGES
    }
}

/// Retry history of a call.
#[derive(Clone, Debug, Default)]
pub struct RetryHistory {
    /// Number of attempts, including the last one. Zero if the read failed
    /// without a call of its own, because the operation was throttled, or if the time limit
    /// of the read passed.
    pub attempts: u32,
    /// Time spent on the call.
    pub time: Duration,
    /// Errors of earlier attempts, oldest first, limited in number.
    pub previous: Vec<CallFailure>,
    /// Delay before the next attempt, if it exceeds the time limit of the read.
    pub next_wait: Option<Duration>,
}

impl FailedCall {
    pub fn new(action: &'static str, region: RegionId, host: String, failure: CallFailure) -> Self {
        Self {
            action,
            region,
            host,
            failure,
            retry_after: None,
            credentials: None,
            retries: RetryHistory::default(),
        }
    }

    /// Classifies the error for retries.
    pub fn retry(&self) -> Retry {
        match &self.failure {
            // The type is the same for all IDs of a batch.
            CallFailure::Request(RequestError::Api(error)) if error.code == INVALID_IMAGE_TYPE => {
                Retry::Never
            }
            CallFailure::Request(error) if error.is_unknown_region(&self.host, &self.region) => {
                Retry::Never
            }
            CallFailure::Request(error) => error.retry(self.retry_after),
            CallFailure::Changed(changed) if changed.is_final() => Retry::Never,
            CallFailure::Changed(_) => Retry::Transient(None),
        }
    }
}

impl RetryHistory {
    /// The maximum number of previous errors that are kept.
    const MAX_PREVIOUS: usize = 20;

    /// Returns the history of attempt `number`, which failed after `last`.
    pub fn after(last: Option<Box<FailedCall>>, number: u32, time: Duration) -> Self {
        let previous = last.map_or_else(Vec::new, |last| {
            let mut previous = last.retries.previous;
            if previous.len() < Self::MAX_PREVIOUS {
                previous.push(last.failure);
            }
            previous
        });
        Self {
            attempts: number,
            time,
            previous,
            next_wait: None,
        }
    }
}

impl CatalogError {
    /// Returns true if calls for the parts of a batch can succeed.
    pub fn is_splittable(&self) -> bool {
        matches!(self, Self::Call(call) if call.retry() == Retry::SplitBatch)
    }
}

impl From<CallError> for FailedCall {
    fn from(call: CallError) -> Self {
        let failure = CallFailure::Request(call.failure);
        Self {
            retry_after: call.retry_after,
            credentials: Some(call.credentials),
            ..Self::new(call.action, call.region, call.host, failure)
        }
    }
}
