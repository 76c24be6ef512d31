//! HTTP clients. What is encrypted may go through the proxy that the environment
//! names; what is plain goes straight to where it is sent, since a proxy would
//! read it.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use tokio::time::timeout;

use super::endpoint::Protocol;
use super::error::Failure;
use super::transport::{causes, reason};

/// How long the certificates that this machine trusts may take to be read.
const CERTIFICATES_LIMIT: Duration = Duration::from_secs(10);

/// A client for addresses of one protocol. It follows no redirect, which would
/// hand what is sent to a host that nobody configured.
///
/// # Errors
///
/// [`Failure::NoTrustedCertificates`] and [`Failure::Local`].
pub(super) async fn client(protocol: Protocol, builder: ClientBuilder) -> Result<Client, Failure> {
    let builder = builder.redirect(Policy::none()).referer(false);
    let built = match protocol {
        // Without certificates, which a bare container may not have.
        Protocol::Http => builder.no_proxy().tls_certs_only([]).build(),
        Protocol::Https => {
            // On a thread of its own: what SSL_CERT_FILE names may be a pipe.
            let thread = tokio::task::spawn_blocking(|| builder.build());
            match timeout(CERTIFICATES_LIMIT, thread).await {
                Ok(Ok(built)) => built,
                Ok(Err(error)) => {
                    return Err(Failure::Local {
                        reason: error.to_string(),
                    });
                }
                Err(_) => {
                    return Err(Failure::NoTrustedCertificates {
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
        let reason = reason(&error);
        // Of all that a client is made of, TLS has only the certificates to
        // complain about.
        let of_tls = causes(&error).any(<dyn std::error::Error>::is::<rustls::Error>);
        if of_tls {
            Failure::NoTrustedCertificates { reason }
        } else {
            Failure::Local { reason }
        }
    })
}
