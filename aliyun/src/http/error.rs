//! Errors of requests.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::InvalidMessage;

use crate::http::executor::ResolveError;
use crate::http::proxy::ProxyError;
use crate::redact::Redactor;
use crate::text::sanitize;

/// Error of a request that has no complete response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Connecting failed.
    #[error("no connection could be made: {reason}")]
    Connect {
        /// Kind of the failure.
        kind: ConnectErrorKind,
        /// Message of the network or TLS library, redacted.
        reason: String,
    },
    /// Connecting took too long.
    #[error("no connection was made within {} ms", limit.as_millis())]
    ConnectTimeout {
        /// Time limit for connecting, TLS handshake included.
        limit: Duration,
    },
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
    #[error("no trusted certificates could be loaded: {reason}")]
    NoTrustedCertificates {
        /// Message of the library.
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

/// Kind of a connect error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectErrorKind {
    /// The server does not speak TLS.
    NoTls,
    /// The certificate is not trusted.
    UntrustedCertificate,
    /// The host name has no address, or none could be looked up.
    UnknownHost,
    /// Any other cause, such as a refused connection or no route.
    Other,
}

impl ConnectErrorKind {
    /// Classifies a connect error by its TLS error.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if causes(error).any(<dyn Error>::is::<ResolveError>) {
            return Self::UnknownHost;
        }
        match causes(error).find_map(|cause| cause.downcast_ref()) {
            Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => Self::NoTls,
            Some(rustls::Error::InvalidCertificate(_)) => Self::UntrustedCertificate,
            _ => Self::Other,
        }
    }
}

/// Returns the message of the innermost cause. Outer causes only repeat that a request
/// failed.
///
/// The message is redacted and limited in length: a certificate can list hundreds of host
/// names, and can contain a secret that was sent.
pub(super) fn reason(error: &reqwest::Error, redactor: &Redactor) -> String {
    let reason = match causes(error).last() {
        Some(innermost) => innermost.to_string(),
        // Without the URL, which the caller adds.
        None => "the request failed".to_owned(),
    };
    let reason = sanitize(&redactor.redact(&reason));
    reason.trim_end_matches('.').to_owned()
}

/// Returns true if an error of TLS is among the causes.
pub(super) fn is_tls_error(error: &reqwest::Error) -> bool {
    causes(error).any(<dyn Error>::is::<rustls::Error>)
}

/// Iterates over the causes of an error, outermost first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| {
        let io = cause.downcast_ref::<io::Error>();
        match io.and_then(io::Error::get_ref) {
            // `source` of an I/O error skips the error that it wraps.
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        }
    })
}
