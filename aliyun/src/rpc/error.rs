//! What can happen to one exchange with an API.

use std::time::Duration;

use crate::http::client::{ClientError, ConnectErrorKind};
use crate::http::proxy::ProxyError;
use crate::rpc::api_error::{ApiError, ErrorKind};
use crate::rpc::retry::Retry;

/// Why an exchange gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The API answered that it would not do it.
    #[error("HTTP {} {}: {}", .0.status, .0.code, .0.message)]
    Api(ApiError),
    /// No connection came about.
    #[error("cannot connect: {reason}")]
    Connect {
        /// Kind of the failure.
        problem: ConnectErrorKind,
        /// As the network or TLS library says it.
        reason: String,
    },
    /// No connection came about in time.
    #[error("no connection within {} ms", limit.as_millis())]
    ConnectTimeout {
        /// Time limit for connecting, TLS handshake included.
        limit: Duration,
    },
    /// Nothing, or nothing more, came over the connection in time.
    #[error("no answer within {} ms", limit.as_millis())]
    ReadTimeout {
        /// Time limit for silence on an open connection.
        limit: Duration,
    },
    /// The answer kept coming and did not end in time.
    #[error("no complete answer within {} s", limit.as_secs())]
    AnswerTimeout {
        /// Time limit for the whole response.
        limit: Duration,
    },
    /// The connection broke before the answer was complete.
    #[error("the connection broke: {reason}")]
    ConnectionLost {
        /// As the network library says it.
        reason: String,
    },
    /// The answer says to ask elsewhere, which is not done.
    #[error("HTTP {status}, a redirect")]
    Redirect {
        /// HTTP status of the response.
        status: u16,
        /// Scheme, host and port to ask instead, if the answer names them.
        to: Option<String>,
    },
    /// The answer has no content.
    #[error("HTTP {status} with an empty body")]
    Empty {
        /// HTTP status of the response.
        status: u16,
    },
    /// The answer is not JSON.
    #[error("HTTP {status} with a body that is not JSON")]
    NotJson {
        /// HTTP status of the response.
        status: u16,
        /// The media type that the answer says it has, without parameters.
        content_type: Option<String>,
    },
    /// The answer is the beginning of JSON.
    #[error("HTTP {status} with a body that ends too early")]
    UnexpectedEof {
        /// HTTP status of the response.
        status: u16,
    },
    /// The answer is JSON, and neither a result nor an error of the API.
    #[error("HTTP {status}, malformed: {reason}")]
    Malformed {
        /// HTTP status of the response.
        status: u16,
        /// What is wrong, without quoting the answer.
        reason: String,
    },
    /// The pages of a list do not fit each other.
    #[error("the list changed while it was read: {}", .0.reason)]
    Changed(Changed),
    /// The answer is longer than any that makes sense.
    #[error("the answer is longer than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// The proxy is to blame.
    #[error("{0}")]
    Proxy(ProxyError),
    /// No trusted certificates could be loaded, so that nothing was sent.
    #[error("no trusted certificates: {reason}")]
    NoTrustedCertificates {
        /// As the library says it.
        reason: String,
    },
    /// Nothing could be sent.
    #[error("cannot make a request: {reason}")]
    BuildRequest {
        /// As the library says it.
        reason: String,
    },
}

impl RequestError {
    /// The HTTP status of the answer, if there is one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(ApiError { status, .. })
            | Self::Redirect { status, .. }
            | Self::Empty { status }
            | Self::NotJson { status, .. }
            | Self::UnexpectedEof { status }
            | Self::Malformed { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What may be done about it, given the milliseconds that the answer told to
    /// wait.
    pub fn retry(&self, retry_after: Option<i64>) -> Retry {
        // Nothing or less is no time to wait for.
        let told = retry_after.and_then(|told| u64::try_from(told).ok());
        let told = told.filter(|told| *told > 0).map(Duration::from_millis);
        match self {
            Self::Api(error) => match error.class() {
                ErrorKind::Throttled => Retry::Throttled(told),
                ErrorKind::ServerFault | ErrorKind::NonceUsed => Retry::Transient(told),
                // One of several IDs, for example, may not be of the form of one.
                ErrorKind::Other => Retry::SplitBatch,
                _ => Retry::Never,
            },
            Self::Connect {
                problem: ConnectErrorKind::Other,
                ..
            }
            | Self::ConnectTimeout { .. }
            | Self::Proxy(ProxyError::NoConnection { .. }) => Retry::Unreachable,
            Self::Changed(changed) if !changed.is_final() => Retry::Transient(None),
            Self::ReadTimeout { .. } | Self::AnswerTimeout { .. } | Self::ConnectionLost { .. } => {
                Retry::Transient(told)
            }
            // A gateway in between.
            Self::NotJson { status: 429, .. }
            | Self::Malformed { status: 429, .. }
            | Self::Empty { status: 429 }
            | Self::UnexpectedEof { status: 429 } => Retry::Throttled(told),
            Self::Empty { .. } | Self::UnexpectedEof { .. } => Retry::Transient(told),
            Self::NotJson { status, .. } | Self::Malformed { status, .. } if *status >= 500 => {
                Retry::Transient(told)
            }
            Self::Changed(_)
            | Self::NotJson { .. }
            | Self::Malformed { .. }
            | Self::Connect { .. }
            | Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::Proxy(_)
            | Self::NoTrustedCertificates { .. }
            | Self::BuildRequest { .. } => Retry::Never,
        }
    }
}

impl From<ClientError> for RequestError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Proxy(error) => Self::Proxy(error),
            ClientError::NoTrustedCertificates { reason } => Self::NoTrustedCertificates { reason },
            ClientError::Local { reason } => Self::BuildRequest { reason },
        }
    }
}

/// A list that changed between the requests for its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The number of changes while the list was read, this one included.
    pub times: u32,
    /// A sentence about the list as "it", without its period.
    pub reason: String,
}

impl Changed {
    /// The number of changes after which the list is given up.
    const MOST_TIMES: u32 = 3;

    /// Returns true if the list is not read again.
    pub fn is_final(&self) -> bool {
        self.times >= Self::MOST_TIMES
    }
}

/// An exchange that gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct AttemptError {
    /// Cause of the failure.
    pub failure: RequestError,
    /// The milliseconds that the answer told to wait, which may be zero or less.
    pub retry_after: Option<i64>,
}

impl From<RequestError> for AttemptError {
    fn from(failure: RequestError) -> Self {
        Self {
            failure,
            retry_after: None,
        }
    }
}
