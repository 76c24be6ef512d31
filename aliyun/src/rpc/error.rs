//! Errors of one attempt at a call.

use std::time::Duration;

use crate::http::error::{ConnectError, HttpError};
use crate::http::proxy::ProxyError;
use crate::http::tls::TlsError;
use crate::rpc::api_error::{ApiError, ErrorKind};
use crate::rpc::region::RegionId;
use crate::rpc::retry::Retry;

/// Error of one request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The API returned an error.
    #[error(transparent)]
    Api(ApiError),
    /// There is no complete response.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The body is empty.
    #[error("the response is empty (HTTP {status})")]
    Empty {
        /// HTTP status of the response.
        status: u16,
    },
    /// Decoding failed because no thread could be started.
    #[error("the response was received, but {reason}")]
    NoThread {
        /// Message of the operating system.
        reason: String,
    },
    /// The body is truncated JSON.
    #[error("the response is truncated (HTTP {status})")]
    UnexpectedEof {
        /// HTTP status of the response.
        status: u16,
    },
    /// The body is neither a valid response nor an API error.
    #[error("the response is malformed (HTTP {status}): {reason}")]
    Malformed {
        /// HTTP status of the response.
        status: u16,
        /// Description of the problem, without secrets.
        reason: String,
    },
}

impl RequestError {
    /// Returns the HTTP status, if the error is about a response.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(ApiError { status, .. })
            | Self::Http(HttpError::Redirect { status, .. })
            | Self::Empty { status }
            | Self::UnexpectedEof { status }
            | Self::Malformed { status, .. } => Some(*status),
            Self::Http(_) | Self::NoThread { .. } => None,
        }
    }

    /// Returns true if this machine or the proxy cannot resolve the host, and the host names
    /// a region that probably does not exist.
    pub fn is_unknown_region(&self, host: &str, region: &RegionId) -> bool {
        let is_unknown_host = matches!(
            self,
            Self::Http(
                HttpError::Connect(ConnectError::UnknownHost { .. })
                    | HttpError::Proxy(ProxyError::Failed {
                        error: ConnectError::Refused { status: 500.. },
                        ..
                    })
            )
        );
        is_unknown_host && !region.is_known() && host.contains(region.as_str())
    }

    /// Classifies the error for retries. `retry_after` is the delay that the response
    /// requested.
    pub fn retry(&self, retry_after: Option<Duration>) -> Retry {
        match self {
            Self::Api(error) => match error.kind() {
                ErrorKind::Throttled => Retry::Throttled(retry_after),
                ErrorKind::ServerFault | ErrorKind::NonceUsed => Retry::Transient(retry_after),
                // A single invalid ID can fail the call for a whole batch of IDs.
                ErrorKind::Other => Retry::SplitBatch,
                _ => Retry::Never,
            },
            Self::Http(error) => http_retry(error, retry_after),
            // HTTP 429 from a gateway instead of the API.
            Self::Malformed { status: 429, .. }
            | Self::Empty { status: 429 }
            | Self::UnexpectedEof { status: 429 } => Retry::Throttled(retry_after),
            Self::Empty { .. } | Self::UnexpectedEof { .. } => Retry::Transient(retry_after),
            Self::Malformed { status, .. } if *status >= 500 => Retry::Transient(retry_after),
            Self::Malformed { .. } | Self::NoThread { .. } => Retry::Never,
        }
    }
}

/// Classifies an error of the connection for retries.
pub(crate) fn http_retry(error: &HttpError, retry_after: Option<Duration>) -> Retry {
    match error {
        HttpError::Connect(error) | HttpError::Proxy(ProxyError::Failed { error, .. }) => {
            connect_retry(error)
        }
        HttpError::ReadTimeout { .. }
        | HttpError::ResponseTimeout { .. }
        | HttpError::ConnectionLost { .. } => Retry::Transient(retry_after),
        HttpError::Redirect { .. }
        | HttpError::TooLarge { .. }
        | HttpError::Proxy(_)
        | HttpError::NoTrustedCertificates { .. }
        | HttpError::BuildRequest { .. } => Retry::Never,
    }
}

fn connect_retry(error: &ConnectError) -> Retry {
    match error {
        ConnectError::UnknownHost { .. }
        | ConnectError::Tls(TlsError::Handshake)
        // The proxy cannot reach the host.
        | ConnectError::Refused { status: 502..=504 }
        | ConnectError::Timeout(_)
        | ConnectError::Other { .. } => Retry::Unreachable,
        ConnectError::InvalidName | ConnectError::Tls(_) | ConnectError::Refused { .. } => {
            Retry::Never
        }
    }
}

/// Error of one attempt, with the Retry-After of the response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct AttemptError {
    /// Cause of the failure.
    pub failure: RequestError,
    /// Delay that the response requested.
    pub retry_after: Option<Duration>,
}

impl AttemptError {
    /// Classifies the error for retries.
    pub fn retry(&self) -> Retry {
        self.failure.retry(self.retry_after)
    }
}

impl From<RequestError> for AttemptError {
    fn from(failure: RequestError) -> Self {
        Self {
            failure,
            retry_after: None,
        }
    }
}
