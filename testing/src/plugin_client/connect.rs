//! How a client reaches a provider's socket.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::{ClientCertificate, Connection, Handshake, Protocol, Socket};

/// How long a provider may take to accept a connection.
const LIMIT: Duration = Duration::from_secs(10);

/// How to connect to a provider: by default as Terraform does, which is with
/// mutual TLS when the handshake carries a certificate and in plaintext
/// otherwise.
#[derive(Debug)]
pub struct Connect {
    tls: bool,
    versions: Vec<&'static SupportedProtocolVersion>,
    root: Option<CertificateDer<'static>>,
    alpn: &'static [u8],
    identity: Identity,
}

#[derive(Debug)]
enum Identity {
    /// The certificate that the provider was started with.
    Own,
    Nobody,
    Other(ClientCertificate),
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The protocol is neither 5 nor 6.
    #[error("protocol {0} is neither 5 nor 6")]
    Protocol(u32),
    /// The socket cannot be reached.
    #[error("the socket cannot be reached: {0}")]
    Dial(io::Error),
    /// No TLS can be set up with the certificates at hand.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The TLS handshake failed. The inner error of the source is rustls's.
    #[error("the TLS handshake failed: {0}")]
    Tls(io::Error),
    /// The connection could not be put to use.
    #[error("HTTP/2 failed: {0}")]
    Http2(#[from] tonic::transport::Error),
    /// The provider did not answer within 10 seconds.
    #[error("no answer within {LIMIT:?}")]
    Timeout,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            tls: true,
            versions: ALL_VERSIONS.to_vec(),
            root: None,
            alpn: b"h2",
            identity: Identity::Own,
        }
    }
}

impl Connect {
    /// Connects as Terraform does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Speaks TLS 1.2 only.
    #[must_use]
    pub fn tls12(mut self) -> Self {
        self.versions = vec![&TLS12];
        self
    }

    /// Speaks TLS 1.3 only.
    #[must_use]
    pub fn tls13(mut self) -> Self {
        self.versions = vec![&TLS13];
        self
    }

    /// Trusts another certificate than the handshake's.
    #[must_use]
    pub fn root(mut self, certificate: CertificateDer<'static>) -> Self {
        self.root = Some(certificate);
        self
    }

    /// Offers another protocol than HTTP/2.
    #[must_use]
    pub fn alpn(mut self, protocol: &'static [u8]) -> Self {
        self.alpn = protocol;
        self
    }

    /// Shows no certificate.
    #[must_use]
    pub fn without_client_certificate(mut self) -> Self {
        self.identity = Identity::Nobody;
        self
    }

    /// Shows another certificate than the provider was started with.
    #[must_use]
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.identity = Identity::Other(certificate);
        self
    }

    /// Speaks no TLS, whatever the handshake says.
    #[must_use]
    pub fn plaintext(mut self) -> Self {
        self.tls = false;
        self
    }

    pub(super) async fn to(
        self,
        handshake: &Handshake,
        own: Option<&ClientCertificate>,
    ) -> Result<Connection, ConnectError> {
        let certificate = handshake.certificate.as_ref().filter(|_| self.tls);
        let Some(certificate) = certificate else {
            return Connection::plaintext(&handshake.socket, handshake.protocol).await;
        };
        let config = Arc::new(self.config(certificate, own)?);
        let protocol = protocol(handshake.protocol)?;
        bounded(async {
            let stream = dial(&handshake.socket).await?;
            let name = ServerName::try_from("localhost").map_err(io::Error::other);
            let connecting = TlsConnector::from(config)
                .connect(name.map_err(ConnectError::Tls)?, stream)
                .await;
            let stream = connecting.map_err(ConnectError::Tls)?;
            Connection::over(Box::new(stream), protocol).await
        })
        .await
    }

    fn config(
        self,
        server: &CertificateDer<'static>,
        own: Option<&ClientCertificate>,
    ) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.unwrap_or_else(|| server.clone()))?;
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&self.versions)?
            .with_root_certificates(roots);
        let identity = match &self.identity {
            Identity::Own => own,
            Identity::Nobody => None,
            Identity::Other(certificate) => Some(certificate),
        };
        let mut config = match identity {
            // Not checked: a thief's key is not the certificate's.
            Some(identity) => {
                let key = any_supported_type(&identity.private_key())?;
                let key = CertifiedKey::new(vec![identity.der().clone()], key);
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key)))
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![self.alpn.to_vec()];
        Ok(config)
    }
}

impl Connection {
    /// Connects without TLS to a provider in debug mode, or to any other that
    /// was not given a client certificate.
    pub async fn plaintext(socket: &Socket, version: u32) -> Result<Self, ConnectError> {
        let protocol = protocol(version)?;
        bounded(async { Self::over(dial(socket).await?, protocol).await }).await
    }
}

/// Bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

fn protocol(version: u32) -> Result<Protocol, ConnectError> {
    Protocol::new(version).ok_or(ConnectError::Protocol(version))
}

async fn bounded<T>(
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    let done = timeout(LIMIT, work).await;
    done.unwrap_or(Err(ConnectError::Timeout))
}

async fn dial(socket: &Socket) -> Result<Box<dyn Stream>, ConnectError> {
    let stream: io::Result<Box<dyn Stream>> = match socket {
        Socket::Unix(path) => UnixStream::connect(path).await.map(|it| Box::new(it) as _),
        Socket::Tcp(address) => TcpStream::connect(address)
            .await
            .map(|it| Box::new(it) as _),
    };
    stream.map_err(ConnectError::Dial)
}
