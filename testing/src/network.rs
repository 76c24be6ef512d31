//! Network intermediaries between the provider and an endpoint: TLS with a private
//! certificate authority, and a proxy.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

const SOCKS_VERSION: u8 = 5;

/// Terminates TLS for a plaintext server. Runs until the process exits.
#[derive(Debug)]
pub struct TlsFront {
    /// The listening address.
    pub address: SocketAddr,
    /// The certificate of the certificate authority, as PEM.
    pub authority: String,
}

/// An HTTP CONNECT and SOCKS5 proxy that connects all tunnels to one server,
/// regardless of their targets. Runs until the process exits.
#[derive(Debug)]
pub struct ConnectProxy {
    /// The listening address.
    pub address: SocketAddr,
    targets: Arc<Mutex<Vec<String>>>,
    plain_requests: Arc<AtomicUsize>,
}

impl TlsFront {
    /// Starts a TLS listener with a certificate for `host` that forwards to
    /// `upstream`.
    pub fn start(host: &str, upstream: SocketAddr) -> io::Result<Self> {
        let params = CertificateParams::new([host.to_owned()]).expect("a host name");
        Self::with_params(&params, upstream)
    }

    /// Starts a TLS listener with a certificate of these parameters, like [`Self::start`].
    pub fn with_params(params: &CertificateParams, upstream: SocketAddr) -> io::Result<Self> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = authority.self_signed(&key).expect("a certificate");
        let issuer = Issuer::new(authority, key);

        let key = KeyPair::generate().expect("a key");
        let server = params.signed_by(&key, &issuer).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Self::with_chain(server.der().clone(), key, certificate.pem(), upstream)
    }

    /// Starts a TLS listener with a certificate and its key in one PEM text, like
    /// [`Self::start`].
    pub fn with_pem(pem: &str, upstream: SocketAddr) -> io::Result<Self> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("a key");
        Self::with_chain(certificate, key, pem.to_owned(), upstream)
    }

    fn with_chain(
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
        authority: String,
        upstream: SocketAddr,
    ) -> io::Result<Self> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(key).expect("a key");
        let chain = CertifiedKey::new(vec![certificate], key);
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(chain)));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let address = serve(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut tls = acceptor.accept(stream).await?;
                let mut server = connect(upstream).await?;
                copy_bidirectional(&mut tls, &mut server).await?;
                Ok(())
            }
        })?;
        Ok(Self { address, authority })
    }
}

impl ConnectProxy {
    /// Starts a proxy that responds to each request with this status.
    pub fn refusing(status: u16) -> io::Result<Self> {
        let address = serve(move |mut stream| async move {
            read_head(&mut stream).await?;
            let response = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(response.as_bytes()).await
        })?;
        Ok(Self {
            address,
            targets: Arc::default(),
            plain_requests: Arc::default(),
        })
    }

    /// Starts a proxy whose tunnels all end at `upstream`.
    pub fn start(upstream: SocketAddr) -> io::Result<Self> {
        let targets = Arc::<Mutex<Vec<String>>>::default();
        let plain_requests = Arc::<AtomicUsize>::default();
        let (seen, plain) = (Arc::clone(&targets), Arc::clone(&plain_requests));
        let address = serve(move |mut stream| {
            let (seen, plain) = (Arc::clone(&seen), Arc::clone(&plain));
            async move {
                let mut first = [0];
                stream.peek(&mut first).await?;
                let target = match first {
                    [SOCKS_VERSION] => Some(socks_target(&mut stream).await?),
                    _ => http_target(&mut stream).await?,
                };
                let Some(target) = target else {
                    plain.fetch_add(1, Ordering::SeqCst);
                    return Ok(());
                };
                let targets = seen.lock();
                targets.unwrap_or_else(PoisonError::into_inner).push(target);
                let mut server = connect(upstream).await?;
                copy_bidirectional(&mut stream, &mut server).await?;
                Ok(())
            }
        })?;
        Ok(Self {
            address,
            targets,
            plain_requests,
        })
    }

    /// The targets of the tunnels so far, as `host:port`.
    pub fn targets(&self) -> Vec<String> {
        let targets = self.targets.lock();
        targets.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of requests without a tunnel, which a proxy can read.
    pub fn plain_requests(&self) -> usize {
        self.plain_requests.load(Ordering::SeqCst)
    }
}

/// Serves all connections on a new thread until the process exits.
fn serve<F>(handle: impl Fn(TcpStream) -> F + Send + 'static) -> io::Result<SocketAddr>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                // Fails if the client has already disconnected.
                if stream.set_nodelay(true).is_err() {
                    continue;
                }
                // An error means that the client has disconnected.
                tokio::spawn(handle(stream));
            }
            #[expect(unreachable_code, reason = "sets the error type")]
            io::Result::Ok(())
        })
    })?;
    Ok(address)
}

/// Connects with Nagle's algorithm off, as servers do. Otherwise a response in two
/// writes waits 40 ms for the delayed acknowledgment.
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads the head of a request and accepts a CONNECT request. Returns `None` for
/// other methods.
async fn http_target(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let head = read_head(stream).await?;
    let Some(rest) = head.strip_prefix("CONNECT ") else {
        return Ok(None);
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    Ok(rest.split(' ').next().map(str::to_owned))
}

async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Accepts a SOCKS5 client whose target is a host name.
async fn socks_target(stream: &mut TcpStream) -> io::Result<String> {
    const NO_AUTHENTICATION: [u8; 2] = [SOCKS_VERSION, 0];
    const CONNECTED: [u8; 10] = [SOCKS_VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await?;
    let mut methods = vec![0; greeting[1].into()];
    stream.read_exact(&mut methods).await?;
    stream.write_all(&NO_AUTHENTICATION).await?;
    let mut request = [0; 5];
    stream.read_exact(&mut request).await?;
    let mut host = vec![0; request[4].into()];
    stream.read_exact(&mut host).await?;
    let port = stream.read_u16().await?;
    stream.write_all(&CONNECTED).await?;
    Ok(format!("{}:{port}", String::from_utf8_lossy(&host)))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn proxy_counts_requests_without_a_tunnel() {
        let proxy = ConnectProxy::start((Ipv4Addr::LOCALHOST, 9).into()).expect("a proxy");
        let mut client = TcpStream::connect(proxy.address).expect("a connection");
        client
            .write_all(b"GET http://api.example/ HTTP/1.1\r\n\r\n")
            .expect("a request");
        // The request is counted before the connection is closed.
        client.read_to_end(&mut Vec::new()).expect("end of stream");
        assert_eq!((proxy.plain_requests(), proxy.targets().len()), (1, 0));
    }
}
