//! HTTP clients. HTTPS requests use the proxy of the environment. Plain HTTP requests use
//! no proxy, because the proxy could read them.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, io};

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};
use rustls::InvalidMessage;
use tokio::time::timeout;

use crate::http::protocol::Protocol;
use crate::http::proxy::{Proxy, ProxyError};
use crate::http::thread::{self, Resolver};
use crate::redact::Redactor;
use crate::text::sanitize;

/// Time limit for loading the trusted certificates.
const CERTIFICATES_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum size in bytes of a certificate file, and of all files in certificate
/// directories together. The certificates of operating systems are a fiftieth of it.
const MAX_CERTIFICATES_SIZE: u64 = 16 * 1024 * 1024;

/// Error of creating a client. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The environment configures an invalid proxy.
    #[error("{0}")]
    Proxy(ProxyError),
    /// Loading the trusted certificates failed.
    #[error("no trusted certificates: {reason}")]
    NoTrustedCertificates {
        /// Message of the library.
        reason: String,
    },
    /// Another local failure, such as an invalid user agent.
    #[error("cannot make a request: {reason}")]
    Local {
        /// Message of the library.
        reason: String,
    },
}

/// Creates a client for one protocol. It follows no redirects, because a redirect would
/// send credentials to a host that is not configured.
///
/// # Errors
///
/// Returns [`ClientError`] if the proxy is invalid, the trusted certificates cannot be
/// loaded, or the client cannot be built.
pub async fn new(protocol: Protocol, builder: ClientBuilder) -> Result<Client, ClientError> {
    let builder = builder
        .redirect(Policy::none())
        .referer(false)
        .dns_resolver(Arc::new(Resolver));
    let built = match protocol {
        // Loads no certificates: a minimal container may have none.
        Protocol::Http => builder.no_proxy().tls_certs_only([]).build(),
        Protocol::Https => {
            let builder = match Proxy::of_environment().map_err(ClientError::Proxy)? {
                Some(proxy) => builder.proxy(reqwest_proxy(proxy)),
                None => builder.no_proxy(),
            };
            // On another thread, because the certificates may be on a slow network disk.
            let loading = thread::on_its_own(|| {
                check_certificates()?;
                Ok(builder.build())
            });
            match timeout(CERTIFICATES_TIMEOUT, loading).await {
                Ok(Ok(built)) => built?,
                Ok(Err(error)) => {
                    return Err(ClientError::Local {
                        reason: error.to_string(),
                    });
                }
                Err(_) => {
                    return Err(ClientError::NoTrustedCertificates {
                        reason: format!(
                            "they could not be read within {} s",
                            CERTIFICATES_TIMEOUT.as_secs()
                        ),
                    });
                }
            }
        }
    };
    built.map_err(|error| {
        // Nothing was sent, so that there is nothing to redact.
        let reason = reason(&error, &Redactor::new([]));
        // While a client is built, TLS errors are only about certificates.
        if causes(&error).any(<dyn Error>::is::<rustls::Error>) {
            ClientError::NoTrustedCertificates { reason }
        } else {
            ClientError::Local { reason }
        }
    })
}

/// Checks the size of the certificate files that the environment configures, because the
/// TLS library reads them without a limit.
fn check_certificates() -> Result<(), ClientError> {
    check_certificates_file()
        .and_then(|()| check_certificates_directories())
        .map_err(|reason| ClientError::NoTrustedCertificates { reason })
}

fn check_certificates_file() -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_FILE";
    let Some(file) = env::var_os(VARIABLE).map(PathBuf::from) else {
        return Ok(());
    };
    let problem = match fs::metadata(&file) {
        Ok(metadata) if !metadata.is_file() => "which is no regular file",
        Ok(metadata) if metadata.len() > MAX_CERTIFICATES_SIZE => "which is longer than 16 MiB",
        // Read errors are reported when the TLS library loads the certificates.
        _ => return Ok(()),
    };
    Err(format!("{VARIABLE} names {}, {problem}", file.display()))
}

/// Checks regular files only: the TLS library reads nothing else in a directory.
fn check_certificates_directories() -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_DIR";
    let Some(directories) = env::var_os(VARIABLE) else {
        return Ok(());
    };
    let mut total = 0;
    for directory in env::split_paths(&directories) {
        // Read errors are reported when the TLS library loads the certificates.
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            total += regular_file_size(&entry.path());
            if total > MAX_CERTIFICATES_SIZE {
                let directory = directory.display();
                return Err(format!(
                    "{VARIABLE} names {directory}, whose files are longer than 16 MiB in all"
                ));
            }
        }
    }
    Ok(())
}

/// Returns the size of a regular file in bytes, or 0 for anything else.
fn regular_file_size(file: &Path) -> u64 {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => 0,
    }
}

fn reqwest_proxy(proxy: Proxy) -> reqwest::Proxy {
    reqwest::Proxy::custom(move |target| proxy.proxy_for(target).cloned())
}

/// Returns the error of connecting to `target`, if it is a failure of the proxy.
pub fn proxy_connect_error(
    target: &Url,
    error: &reqwest::Error,
    redactor: &Redactor,
) -> Option<ProxyError> {
    // TLS starts after the proxy has connected.
    if causes(error).any(<dyn Error>::is::<rustls::Error>) {
        return None;
    }
    let reason = if error.is_timeout() {
        "it did not come about in time".to_owned()
    } else {
        reason(error, redactor)
    };
    Proxy::of_environment().ok()??.connect_error(target, reason)
}

/// Returns the message of the innermost cause. Outer causes only repeat that a request
/// failed.
///
/// The message is redacted and limited in length: a certificate can list hundreds of host
/// names, and can contain a secret that was sent.
pub fn reason(error: &reqwest::Error, redactor: &Redactor) -> String {
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    let reason = match causes.last() {
        // The type of this error is private to hyper-util.
        Some(innermost) if causes.iter().any(|cause| cause.starts_with("dns error")) => {
            format!("cannot resolve the host name: {innermost}")
        }
        Some(innermost) => innermost.clone(),
        // Without the URL, which the caller adds.
        None => "the request failed".to_owned(),
    };
    sanitize(&redactor.redact(&reason))
}

/// Iterates over the causes of an error, outermost first.
pub fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| {
        let io = cause.downcast_ref::<io::Error>();
        match io.and_then(io::Error::get_ref) {
            // `source` of an I/O error skips the error that it wraps.
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        }
    })
}

/// Kind of a connect error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectErrorKind {
    /// The server does not speak TLS.
    NoTls,
    /// The certificate is not trusted.
    UntrustedCertificate,
    /// Any other cause, such as a refused connection or no route.
    Other,
}

/// Classifies a connect error by its TLS error.
pub fn connect_error_kind(error: &reqwest::Error) -> ConnectErrorKind {
    match causes(error).find_map(|cause| cause.downcast_ref()) {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            ConnectErrorKind::NoTls
        }
        Some(rustls::Error::InvalidCertificate(_)) => ConnectErrorKind::UntrustedCertificate,
        _ => ConnectErrorKind::Other,
    }
}
