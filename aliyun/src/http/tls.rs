//! TLS: the trusted certificates, and errors of the handshake in words.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, InvalidMessage, RootCertStore};
use rustls_platform_verifier::Verifier;
use time::OffsetDateTime;
use tokio::time::timeout;
use url::Url;

use crate::env::Environment;
use crate::http::certificates;
use crate::http::error::ConnectError;
use crate::http::executor::run_on_thread;
use crate::redact::Redactor;
use crate::text::sanitize;

/// Time limit for loading the trusted certificates.
const LOAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Loads the trusted certificates, on another thread, because they may be on a slow network
/// disk.
///
/// # Errors
///
/// Returns a sentence if there are none.
pub(super) async fn load(environment: &Environment) -> Result<ClientConfig, String> {
    let roots = certificates::configured(environment).await?;
    let loading = run_on_thread(move || config(roots));
    match timeout(LOAD_TIMEOUT, loading).await {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!(
            "the CA certificates could not be read within {} s",
            LOAD_TIMEOUT.as_secs()
        )),
    }
}

/// Returns the settings of TLS that trusts `roots`, or what the system trusts.
///
/// # Errors
///
/// Returns a clause if there are no trusted certificates.
pub(super) fn config(roots: Option<RootCertStore>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let loaded = builder.with_safe_default_protocol_versions();
    let loaded = loaded.and_then(|builder| {
        if let Some(roots) = roots {
            return Ok(builder.with_root_certificates(roots));
        }
        let verifier = Arc::new(Verifier::new(provider)?);
        let builder = builder.dangerous();
        Ok(builder.with_custom_certificate_verifier(verifier))
    });
    let builder = loaded.map_err(|_| "no CA certificates found".to_owned())?;
    Ok(builder.with_no_client_auth())
}

/// Returns the name in the certificate of a host.
///
/// # Errors
///
/// Returns [`ConnectError::InvalidName`] if the host cannot have a certificate.
pub(super) fn server_name(url: &Url) -> Result<ServerName<'static>, ConnectError> {
    let name = ServerName::try_from(host(url).to_owned());
    name.map_err(|_| ConnectError::InvalidName)
}

/// Returns the host of a URL, an IPv6 address without brackets.
pub(super) fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_matches(['[', ']'])
}

/// Error of a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The peer responds with something else, usually plain HTTP.
    #[error("the response to the TLS handshake is not TLS")]
    NoTls,
    /// The certificate is for other hosts.
    #[error("the certificate is for another host{}", optional(" (", .names, ")"))]
    WrongName {
        /// Names in the certificate, redacted. Empty if they are not known.
        names: String,
    },
    /// The certificate has no `subjectAltName`. Common names do not count.
    #[error("the certificate has no subjectAltName")]
    NoName,
    /// The certificate has expired, or the clock is ahead.
    #[error("the certificate expired{}", optional(" on ", .0, ""))]
    Expired(String),
    /// The certificate becomes valid later, or the clock is behind.
    #[error("the certificate is not valid yet{}", optional(" (from ", .0, ")"))]
    NotYetValid(String),
    /// No trusted certificate has the name of the issuer.
    #[error("the certificate has an unknown issuer")]
    UnknownIssuer,
    /// A signature of the certificate or of the handshake does not fit the key, or its
    /// algorithm or key length is not supported, such as SHA-1 and RSA with 1024 bits.
    #[error("the signature of the certificate cannot be verified")]
    Signature,
    /// The certificate is that of a CA, as `openssl req -x509` makes them.
    #[error("the certificate is a CA certificate")]
    CaCertificate,
    /// The certificate has version 1 or 2, which have no extensions.
    #[error("the certificate has an X.509 version other than 3")]
    OldVersion,
    /// The certificate is malformed or not for servers.
    #[error("the certificate is not valid")]
    InvalidCertificate,
    /// The handshake failed for another reason, such as an old version of TLS.
    #[error("the TLS handshake failed")]
    Handshake,
}

/// Puts a text between others, if there is one.
fn optional(before: &str, text: &str, after: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{before}{text}{after}"),
    }
}

impl TlsError {
    /// Classifies an error of the TLS library.
    pub(super) fn of(error: &rustls::Error, redactor: &Redactor) -> Self {
        let problem = match error {
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                return Self::NoTls;
            }
            rustls::Error::InvalidCertificate(problem) => problem,
            _ => return Self::Handshake,
        };
        match problem {
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                Self::NoName
            }
            CertificateError::NotValidForNameContext { presented, .. } => Self::WrongName {
                names: sanitize(&redactor.redact(&host_names(presented))),
            },
            CertificateError::NotValidForName => Self::WrongName {
                names: String::new(),
            },
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired(date(*not_after)),
            CertificateError::Expired => Self::Expired(String::new()),
            CertificateError::NotValidYetContext { not_before, .. } => {
                Self::NotYetValid(date(*not_before))
            }
            CertificateError::NotValidYet => Self::NotYetValid(String::new()),
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                Self::Signature
            }
            CertificateError::Other(other) => match other.0.downcast_ref() {
                Some(webpki::Error::CaUsedAsEndEntity) => Self::CaCertificate,
                Some(webpki::Error::UnsupportedCertVersion) => Self::OldVersion,
                _ => Self::InvalidCertificate,
            },
            _ => Self::InvalidCertificate,
        }
    }
}

/// Returns the names in texts such as `DnsName("a.example")` and `IpAddress(127.0.0.1)`.
fn host_names(presented: &[String]) -> String {
    let names = presented.iter().map(|text| match text.split_once('(') {
        Some((_, name)) => name.trim_end_matches(')').trim_matches('"'),
        None => text,
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Returns the date, or nothing if it is beyond all calendars.
fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds);
    time.map_or_else(|_| String::new(), |time| time.date().to_string())
}
