//! Errors of requests.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::http::executor::ResolveError;
use crate::http::proxy::ProxyError;
use crate::http::tls::TlsError;
use crate::redact::Redactor;
use crate::text::sanitize;

/// Error of a request that has no complete response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Connecting to the host failed.
    #[error("no connection could be made: {0}")]
    Connect(ConnectError),
    /// The open connection was silent for too long.
    #[error("the connection was silent for {} ms", limit.as_millis())]
    ReadTimeout {
        /// Time limit for silence on an open connection.
        limit: Duration,
    },
    /// The whole response took too long.
    #[error("the response was not complete after {} s", limit.as_secs())]
    ResponseTimeout {
        /// Time limit for the whole response.
        limit: Duration,
    },
    /// The connection closed before the response was complete.
    #[error("the connection broke before the response was complete: {reason}")]
    ConnectionLost {
        /// Message of the network library, redacted.
        reason: String,
    },
    /// The response is a redirect, which the client does not follow.
    #[error("the response is a redirect{} (HTTP {status})", target(.to.as_deref()))]
    Redirect {
        /// HTTP status of the response.
        status: u16,
        /// Scheme, host and port of the redirect target, if the response has one.
        to: Option<String>,
    },
    /// The body exceeds the size limit.
    #[error("the response is longer than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// Size limit, in bytes.
        limit: usize,
    },
    /// The proxy is misconfigured or unreachable.
    #[error("{0}")]
    Proxy(ProxyError),
    /// Loading the trusted certificates failed. Nothing was sent.
    #[error("{reason}")]
    NoTrustedCertificates {
        /// A clause about the certificates.
        reason: String,
    },
    /// Building the request failed. Nothing was sent.
    #[error("no request could be made: {reason}")]
    BuildRequest {
        /// Message of the library.
        reason: String,
    },
}

fn target(to: Option<&str>) -> String {
    to.map(|to| format!(" to {to}")).unwrap_or_default()
}

/// Error of a connection to a host or to a proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The host name has no address, or none could be looked up.
    #[error("{reason}")]
    UnknownHost {
        /// Message of the operating system.
        reason: String,
    },
    /// The host cannot have a certificate: its name is no domain name.
    #[error("the host name is not valid")]
    InvalidName,
    /// The TLS handshake failed.
    #[error("{0}")]
    Tls(TlsError),
    /// The proxy opens no tunnel to the host.
    #[error("it responds with HTTP {status}")]
    Refused {
        /// HTTP status of the response to `CONNECT`.
        status: u16,
    },
    /// Connecting took too long.
    #[error("it took more than {} ms", .0.as_millis())]
    Timeout(Duration),
    /// Any other cause, such as a refused connection or no route.
    #[error("{reason}")]
    Other {
        /// Message of the operating system or a library, redacted.
        reason: String,
    },
}

impl ConnectError {
    /// Classifies an error by its causes. Returns `None` if they are only those of a library.
    pub(super) fn of(error: &(dyn Error + 'static), redactor: &Redactor) -> Option<Self> {
        if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref()) {
            return Some(Self::Tls(TlsError::of(error, redactor)));
        }
        let reason = reason(error, redactor);
        if causes(error).any(<dyn Error>::is::<ResolveError>) {
            return Some(Self::UnknownHost { reason });
        }
        has_io_error(error).then_some(Self::Other { reason })
    }
}

/// Returns true if an error of the operating system or of TLS is among the causes.
pub(super) fn has_io_error(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(<dyn Error>::is::<io::Error>)
}

/// Returns the message of the innermost cause, redacted. Outer causes only repeat that a
/// request failed.
pub(super) fn reason(error: &(dyn Error + 'static), redactor: &Redactor) -> String {
    let innermost = causes(error).last().map(ToString::to_string);
    let reason = sanitize(&redactor.redact(&innermost.unwrap_or_default()));
    reason.trim_end_matches('.').to_owned()
}

/// Iterates over an error and its causes, outermost first.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| {
        let io = cause.downcast_ref::<io::Error>();
        match io.and_then(io::Error::get_ref) {
            // `source` of an I/O error skips the error that it wraps.
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        }
    })
}
