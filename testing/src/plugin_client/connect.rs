use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::tls::{ServerCheck, client_config};
use super::{Address, ClientCertificate, Connection, Handshake, Protocol};

/// How long a provider may take to accept a connection.
const LIMIT: Duration = Duration::from_secs(10);

/// How to connect to a provider: by default as Terraform does, which is with
/// mutual TLS when the handshake carries a certificate and in plaintext
/// otherwise.
#[derive(Debug)]
pub struct Connect {
    tls: bool,
    versions: Vec<&'static SupportedProtocolVersion>,
    check: ServerCheck,
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
    /// The address cannot be reached.
    #[error("{address:?} cannot be reached: {source}")]
    Dial {
        /// The address.
        address: Address,
        /// The operating system's reason.
        source: io::Error,
    },
    /// No TLS can be set up with the certificates at hand.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The TLS handshake failed. The inner error of the source is rustls's.
    #[error("the TLS handshake failed: {0}")]
    Tls(io::Error),
    /// The server did not agree to HTTP/2 by ALPN.
    #[error("the server did not choose h2 by ALPN")]
    Alpn,
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
            check: ServerCheck::default(),
            identity: Identity::Own,
        }
    }
}

impl Connect {
    /// Connects as Terraform does.
    #[must_use]
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

    /// Takes the handshake's certificate for the server's without any path
    /// validation. Providers written in Go need it: their certificate is marked
    /// as a certificate authority, which webpki refuses of a server and Go does
    /// not.
    #[must_use]
    pub fn pin_server(mut self) -> Self {
        self.check = ServerCheck::Pinned;
        self
    }

    pub(super) async fn to(
        self,
        handshake: &Handshake,
        own: Option<&ClientCertificate>,
    ) -> Result<Connection, ConnectError> {
        let protocol = protocol(handshake.protocol)?;
        let certificate = handshake.certificate.as_ref().filter(|_| self.tls);
        let stream = bounded(async {
            let stream = dial(&handshake.address).await?;
            match certificate {
                Some(certificate) => self.secure(stream, certificate, own).await,
                None => Ok(stream),
            }
        })
        .await?;
        bounded(Connection::over(stream, protocol)).await
    }

    async fn secure(
        &self,
        stream: Box<dyn Stream>,
        server: &CertificateDer<'static>,
        own: Option<&ClientCertificate>,
    ) -> Result<Box<dyn Stream>, ConnectError> {
        let identity = match &self.identity {
            Identity::Own => own,
            Identity::Nobody => None,
            Identity::Other(certificate) => Some(certificate),
        };
        let config = client_config(server, self.check, &self.versions, identity)?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other);
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name.map_err(ConnectError::Tls)?, stream)
            .await
            .map_err(ConnectError::Tls)?;
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            Ok(Box::new(stream))
        } else {
            Err(ConnectError::Alpn)
        }
    }
}

impl Connection {
    /// Connects without TLS to a provider in debug mode, or to any other that
    /// was not given a client certificate.
    ///
    /// # Errors
    ///
    /// When the provider cannot be reached, or `version` is neither 5 nor 6.
    pub async fn plaintext(address: &Address, version: u32) -> Result<Self, ConnectError> {
        let protocol = protocol(version)?;
        let stream = bounded(dial(address)).await?;
        bounded(Self::over(stream, protocol)).await
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
    timeout(LIMIT, work)
        .await
        .unwrap_or(Err(ConnectError::Timeout))
}

async fn dial(address: &Address) -> Result<Box<dyn Stream>, ConnectError> {
    let stream: io::Result<Box<dyn Stream>> = match address {
        Address::Unix(path) => UnixStream::connect(path).await.map(boxed),
        Address::Tcp(socket) => tcp(*socket).await.map(boxed),
    };
    stream.map_err(|source| ConnectError::Dial {
        address: address.clone(),
        source,
    })
}

fn boxed(stream: impl Stream + 'static) -> Box<dyn Stream> {
    Box::new(stream)
}

async fn tcp(address: std::net::SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
