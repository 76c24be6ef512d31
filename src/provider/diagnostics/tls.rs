//! Remedies for errors of TLS.

use aliyun::http::tls::TlsError;

/// Adding a CA to the trusted ones, as the end of a sentence. `SSL_CERT_FILE` replaces those of
/// the system.
const ADD_CA: &str = "add its certificate: on Linux, set SSL_CERT_FILE to a file with it and the \
                      CA certificates of the system; on macOS and Windows, add it to the trusted \
                      certificates of the system";

/// Advises on TLS with `host`, which `setting` names.
pub(super) fn remedy(error: &TlsError, host: &str, setting: &str) -> String {
    // Certificates have no ports.
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    match error {
        TlsError::WrongName { .. } => format!(
            "Check the host in {setting}. If {host} is correct, issue a certificate for it, or \
             check which server responds."
        ),
        TlsError::NoName => format!(
            "Issue a certificate with {host} as subjectAltName. A common name (CN) does not count."
        ),
        TlsError::Expired(_) => {
            "Renew the certificate. If it is valid, set the clock of this machine.".to_owned()
        }
        TlsError::NotYetValid(_) => {
            "Set the clock of this machine. If the clock is correct, issue a certificate that is \
             valid now."
                .to_owned()
        }
        TlsError::UnknownIssuer => format!(
            "If you trust the CA that issued it, such as the CA of a proxy that inspects TLS, \
             {ADD_CA}. Otherwise, another server may be responding for {host}."
        ),
        TlsError::Signature => format!(
            "A trusted CA may have the name of the issuer but another key. If you trust the CA \
             that issued the certificate, {ADD_CA}. If that CA is trusted already, a key is too \
             short or a signature is outdated. Issue the certificate for {host} again: it and its \
             CA need RSA keys of at least 2048 bits or ECDSA keys, and SHA-256 or better."
        ),
        TlsError::CaCertificate => format!(
            "A server cannot use a CA certificate, which \"openssl req -x509\" creates by default. \
             Issue a certificate for the server with {host} as subjectAltName. With \"openssl req \
             -x509\", add \"-addext basicConstraints=CA:FALSE\"."
        ),
        TlsError::OldVersion => format!(
            "Issue a certificate of version 3 with {host} as subjectAltName. \"openssl x509 -req\" \
             creates one if it adds extensions with -extfile."
        ),
        TlsError::InvalidCertificate => format!(
            "Issue another certificate for {host}. Its extended key usage, if any, must include \
             serverAuth."
        ),
        TlsError::NoTls => format!(
            "If {host} is meant to be without TLS, as for a local test, write \"http://\" at the \
             beginning of {setting}."
        ),
        TlsError::Handshake => format!(
            "{host} may not support TLS 1.2 or 1.3, or a proxy or firewall ends the connection. \
             Check both."
        ),
    }
}
