//! HTTP clients. What is encrypted may go through the proxy that the environment
//! names; what is plain goes straight to where it is sent, since a proxy would
//! read it.

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

/// How long the certificates that this machine trusts may take to be read.
const CERTIFICATES_LIMIT: Duration = Duration::from_secs(10);

/// The longest file of certificates that is read, and the most that all files of
/// folders may have, in bytes. Those that operating systems trust are a fiftieth of
/// it.
const LARGEST_CERTIFICATES: u64 = 16 * 1024 * 1024;

/// Why there is no client. Nothing has been sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The environment names an unusable proxy.
    #[error("{0}")]
    Proxy(ProxyError),
    /// No trusted certificates could be loaded.
    #[error("no trusted certificates: {reason}")]
    NoTrustedCertificates {
        /// As the library says it.
        reason: String,
    },
    /// Something else on this machine failed.
    #[error("cannot make a request: {reason}")]
    Local {
        /// As the library says it.
        reason: String,
    },
}

/// A client for addresses of one protocol. It follows no redirect, which would
/// hand what is sent to a host that nobody configured.
///
/// # Errors
///
/// If the proxy, the trusted certificates or the machine do not allow for one.
pub async fn new(protocol: Protocol, builder: ClientBuilder) -> Result<Client, ClientError> {
    let builder = builder
        .redirect(Policy::none())
        .referer(false)
        .dns_resolver(Arc::new(Resolver));
    let built = match protocol {
        // Without certificates, which a bare container may not have.
        Protocol::Http => builder.no_proxy().tls_certs_only([]).build(),
        Protocol::Https => {
            let builder = match Proxy::of_environment().map_err(ClientError::Proxy)? {
                Some(proxy) => builder.proxy(through(proxy)),
                None => builder.no_proxy(),
            };
            // On a thread of its own: they may be on a disk that is far away.
            let thread = thread::on_its_own(|| {
                check_certificates()?;
                Ok(builder.build())
            });
            match timeout(CERTIFICATES_LIMIT, thread).await {
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
                            CERTIFICATES_LIMIT.as_secs()
                        ),
                    });
                }
            }
        }
    };
    built.map_err(|error| {
        // Nothing has been sent.
        let reason = reason(&error, &Redactor::new([]));
        // Of all that a client is made of, TLS has only the certificates to
        // complain about.
        let of_tls = causes(&error).any(<dyn Error>::is::<rustls::Error>);
        if of_tls {
            ClientError::NoTrustedCertificates { reason }
        } else {
            ClientError::Local { reason }
        }
    })
}

/// Looks at the files that the environment names before they are read to their
/// ends, which they may not have.
fn check_certificates() -> Result<(), ClientError> {
    let problem = match certificates_file().and_then(|()| certificates_folders()) {
        Ok(()) => return Ok(()),
        Err(problem) => problem,
    };
    Err(ClientError::NoTrustedCertificates { reason: problem })
}

fn certificates_file() -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_FILE";
    let Some(file) = env::var_os(VARIABLE).map(PathBuf::from) else {
        return Ok(());
    };
    let problem = match fs::metadata(&file) {
        Ok(metadata) if !metadata.is_file() => "which is no regular file",
        Ok(metadata) if metadata.len() > LARGEST_CERTIFICATES => "which is longer than 16 MiB",
        // What cannot be read is told when it is.
        _ => return Ok(()),
    };
    Err(format!("{VARIABLE} names {}, {problem}", file.display()))
}

/// All regular files in these folders are read, and nothing else in them.
fn certificates_folders() -> Result<(), String> {
    const VARIABLE: &str = "SSL_CERT_DIR";
    let Some(folders) = env::var_os(VARIABLE) else {
        return Ok(());
    };
    let mut length = 0;
    for folder in env::split_paths(&folders) {
        // What cannot be read is told when it is.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            length += regular_length(&entry.path());
            if length > LARGEST_CERTIFICATES {
                let folder = folder.display();
                return Err(format!(
                    "{VARIABLE} names {folder}, whose files are longer than 16 MiB in all"
                ));
            }
        }
    }
    Ok(())
}

/// The length of a regular file, and nothing for anything else.
fn regular_length(file: &Path) -> u64 {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => 0,
    }
}

fn through(proxy: Proxy) -> reqwest::Proxy {
    reqwest::Proxy::custom(move |target| proxy.proxy_for(target).cloned())
}

/// What kept a connection to `target` from coming about, if it is the proxy.
pub fn proxy_connect_error(
    target: &Url,
    error: &reqwest::Error,
    redactor: &Redactor,
) -> Option<ProxyError> {
    // TLS is spoken once the proxy has done its part.
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

/// What the innermost cause says: the outer ones repeat that a request failed. A
/// certificate may name hundreds of hosts, of which not all are told, and what was
/// sent in the place of one.
pub fn reason(error: &reqwest::Error, redactor: &Redactor) -> String {
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    let reason = match causes.last() {
        // The type that says so is private to hyper-util.
        Some(innermost) if causes.iter().any(|cause| cause.starts_with("dns error")) => {
            format!("cannot resolve the host name: {innermost}")
        }
        Some(innermost) => innermost.clone(),
        // Without the address, which the caller knows better.
        None => "the request failed".to_owned(),
    };
    sanitize(&redactor.redact(&reason))
}

/// The causes of an error, from the outermost inward.
pub fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| {
        let io = cause.downcast_ref::<io::Error>();
        match io.and_then(io::Error::get_ref) {
            // The `source` of an I/O error passes over the error that it wraps.
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        }
    })
}

/// What stands in the way of a connection, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectErrorKind {
    /// What listens there does not speak TLS.
    NoTls,
    /// This machine does not trust the certificate.
    UntrustedCertificate,
    /// Nothing listens, or nobody knows the way.
    Other,
}

/// What TLS says of a connection that did not come about.
pub fn connect_error_kind(error: &reqwest::Error) -> ConnectErrorKind {
    match causes(error).find_map(|cause| cause.downcast_ref()) {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            ConnectErrorKind::NoTls
        }
        Some(rustls::Error::InvalidCertificate(_)) => ConnectErrorKind::UntrustedCertificate,
        _ => ConnectErrorKind::Other,
    }
}
