//! Errors of one attempt at a call.

use std::time::Duration;

use crate::http::client::{ClientError, ConnectErrorKind};
use crate::http::proxy::ProxyError;
use crate::rpc::api_error::{ApiError, ErrorKind};
use crate::rpc::retry::Retry;

/// Error of one request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The API returned an error.
    #[error("HTTP {} {}: {}", .0.status, .0.code, .0.message)]
    Api(ApiError),
    /// Connecting failed.
    #[error("cannot connect: {reason}")]
    Connect {
        /// Kind of the failure.
        kind: ConnectErrorKind,
        /// Message of the network or TLS library, redacted.
        reason: String,
    },
    /// Connecting took too long.
    #[error("no connection within {} ms", limit.as_millis())]
    ConnectTimeout {
        /// Time limit for connecting, TLS handshake included.
        limit: Duration,
    },
    /// The open connection was silent for too long.
    #[error("no answer within {} ms", limit.as_millis())]
    ReadTimeout {
        /// Time limit for silence on an open connection.
        limit: Duration,
    },
    /// The whole response took too long.
    #[error("no complete answer within {} s", limit.as_secs())]
    ResponseTimeout {
        /// Time limit for the whole response.
        limit: Duration,
    },
    /// The connection closed before the response was complete.
    #[error("the connection broke: {reason}")]
    ConnectionLost {
        /// Message of the network library, redacted.
        reason: String,
    },
    /// The response is a redirect, which the client does not follow.
    #[error("HTTP {status}, a redirect")]
    Redirect {
        /// HTTP status of the response.
        status: u16,
        /// Scheme, host and port of the redirect target, if the response has one.
        to: Option<String>,
    },
    /// The body is empty.
    #[error("HTTP {status} with an empty body")]
    Empty {
        /// HTTP status of the response.
        status: u16,
    },
    /// The body is not JSON.
    #[error("HTTP {status} with a body that is not JSON")]
    NotJson {
        /// HTTP status of the response.
        status: u16,
        /// Media type of the response, without parameters.
        content_type: Option<String>,
    },
    /// The body is truncated JSON.
    #[error("HTTP {status} with a body that ends too early")]
    UnexpectedEof {
        /// HTTP status of the response.
        status: u16,
    },
    /// The body is JSON, but neither a valid response nor an API error.
    #[error("HTTP {status}, malformed: {reason}")]
    Malformed {
        /// HTTP status of the response.
        status: u16,
        /// Description of the problem. Does not quote the response, which may hold secrets.
        reason: String,
    },
    /// The body exceeds the size limit.
    #[error("the answer is longer than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// Size limit, in bytes.
        limit: usize,
    },
    /// The proxy is misconfigured or unreachable.
    #[error("{0}")]
    Proxy(ProxyError),
    /// Loading the trusted certificates failed. Nothing was sent.
    #[error("no trusted certificates: {reason}")]
    NoTrustedCertificates {
        /// Message of the library.
        reason: String,
    },
    /// Building the request failed. Nothing was sent.
    #[error("cannot make a request: {reason}")]
    BuildRequest {
        /// Message of the library.
        reason: String,
    },
}

impl RequestError {
    /// Returns the HTTP status, if the error is about a response.
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

    /// Classifies the error for retries. `retry_after` is the delay that the response
    /// requested, in milliseconds.
    pub fn retry(&self, retry_after: Option<i64>) -> Retry {
        // Zero and negative delays are ignored: the backoff applies.
        let retry_after = retry_after.and_then(|delay| u64::try_from(delay).ok());
        let retry_after = retry_after.filter(|delay| *delay > 0);
        let retry_after = retry_after.map(Duration::from_millis);
        match self {
            Self::Api(error) => match error.kind() {
                ErrorKind::Throttled => Retry::Throttled(retry_after),
                ErrorKind::ServerFault | ErrorKind::NonceUsed => Retry::Transient(retry_after),
                // A single invalid ID can fail the call for a whole batch of IDs.
                ErrorKind::Other => Retry::SplitBatch,
                _ => Retry::Never,
            },
            Self::Connect {
                kind: ConnectErrorKind::Other,
                ..
            }
            | Self::ConnectTimeout { .. }
            | Self::Proxy(ProxyError::NoConnection { .. }) => Retry::Unreachable,
            // HTTP 429 from a gateway instead of the API.
            Self::NotJson { status: 429, .. }
            | Self::Malformed { status: 429, .. }
            | Self::Empty { status: 429 }
            | Self::UnexpectedEof { status: 429 } => Retry::Throttled(retry_after),
            Self::ReadTimeout { .. }
            | Self::ResponseTimeout { .. }
            | Self::ConnectionLost { .. }
            | Self::Empty { .. }
            | Self::UnexpectedEof { .. } => Retry::Transient(retry_after),
            Self::NotJson { status, .. } | Self::Malformed { status, .. } if *status >= 500 => {
                Retry::Transient(retry_after)
            }
            Self::NotJson { .. }
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

/// Error of one attempt, with the Retry-After of the response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct AttemptError {
    /// Cause of the failure.
    pub failure: RequestError,
    /// Delay that the response requested, in milliseconds. May be zero or negative.
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
