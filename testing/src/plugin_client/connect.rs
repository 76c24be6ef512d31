//! Connecting to a provider's socket.

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

/// The timeout for establishing a connection.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Options of a connection. The default is Terraform's behavior: mutual TLS if the
/// handshake has a certificate, plaintext otherwise.
#[derive(Debug)]
pub struct Connect {
    tls: bool,
    versions: Vec<&'static SupportedProtocolVersion>,
    root: Option<CertificateDer<'static>>,
    alpn: &'static [u8],
    client_certificate: ClientAuth,
}

#[derive(Debug)]
enum ClientAuth {
    /// The certificate that the provider was started with.
    Expected,
    None,
    Other(ClientCertificate),
}

/// An error while connecting.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The protocol is neither 5 nor 6.
    #[error("protocol {0} is neither 5 nor 6")]
    Protocol(u32),
    /// The socket connection failed.
    #[error("the socket cannot be reached: {0}")]
    Dial(io::Error),
    /// The TLS configuration is invalid.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The TLS handshake failed. The source's inner error is a `rustls::Error`.
    #[error("the TLS handshake failed: {0}")]
    Tls(io::Error),
    /// The HTTP/2 connection failed.
    #[error("HTTP/2 failed: {0}")]
    Http2(#[from] tonic::transport::Error),
    /// The connection was not established within 10 seconds.
    #[error("no connection within {TIMEOUT:?}")]
    Timeout,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            tls: true,
            versions: ALL_VERSIONS.to_vec(),
            root: None,
            alpn: b"h2",
            client_certificate: ClientAuth::Expected,
        }
    }
}

impl Connect {
    /// Connects as Terraform does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows TLS 1.2 only.
    #[must_use]
    pub fn tls12(mut self) -> Self {
        self.versions = vec![&TLS12];
        self
    }

    /// Allows TLS 1.3 only.
    #[must_use]
    pub fn tls13(mut self) -> Self {
        self.versions = vec![&TLS13];
        self
    }

    /// Trusts `certificate` instead of the handshake's.
    #[must_use]
    pub fn root(mut self, certificate: CertificateDer<'static>) -> Self {
        self.root = Some(certificate);
        self
    }

    /// Offers `protocol` instead of HTTP/2 in ALPN.
    #[must_use]
    pub fn alpn(mut self, protocol: &'static [u8]) -> Self {
        self.alpn = protocol;
        self
    }

    /// Sends no client certificate.
    #[must_use]
    pub fn without_client_certificate(mut self) -> Self {
        self.client_certificate = ClientAuth::None;
        self
    }

    /// Sends `certificate` instead of the one that the provider expects.
    #[must_use]
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.client_certificate = ClientAuth::Other(certificate);
        self
    }

    /// Uses plaintext even if the handshake has a certificate.
    #[must_use]
    pub fn plaintext(mut self) -> Self {
        self.tls = false;
        self
    }

    pub(super) async fn to(
        self,
        handshake: &Handshake,
        expected: Option<&ClientCertificate>,
    ) -> Result<Connection, ConnectError> {
        let certificate = handshake.certificate.as_ref().filter(|_| self.tls);
        let Some(certificate) = certificate else {
            return Connection::plaintext(&handshake.socket, handshake.protocol).await;
        };
        let config = Arc::new(self.config(certificate, expected)?);
        let protocol = protocol(handshake.protocol)?;
        with_timeout(async {
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
        expected: Option<&ClientCertificate>,
    ) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.unwrap_or_else(|| server.clone()))?;
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&self.versions)?
            .with_root_certificates(roots);
        let certificate = match &self.client_certificate {
            ClientAuth::Expected => expected,
            ClientAuth::None => None,
            ClientAuth::Other(certificate) => Some(certificate),
        };
        let mut config = match certificate {
            // `with_client_auth_cert` would reject a key that does not match the
            // certificate, see `ClientCertificate::stolen`.
            Some(certificate) => {
                let key = any_supported_type(&certificate.private_key())?;
                let key = CertifiedKey::new(vec![certificate.der().clone()], key);
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key)))
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![self.alpn.to_vec()];
        Ok(config)
    }
}

impl Connection {
    /// Connects without TLS, to a provider in debug mode or one started without a
    /// client certificate.
    pub async fn plaintext(socket: &Socket, version: u32) -> Result<Self, ConnectError> {
        let protocol = protocol(version)?;
        with_timeout(async { Self::over(dial(socket).await?, protocol).await }).await
    }
}

/// A bidirectional byte stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

fn protocol(version: u32) -> Result<Protocol, ConnectError> {
    Protocol::new(version).ok_or(ConnectError::Protocol(version))
}

async fn with_timeout<T>(
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    let result = timeout(TIMEOUT, work).await;
    result.unwrap_or(Err(ConnectError::Timeout))
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
