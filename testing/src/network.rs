//! What may stand between the provider and an endpoint: TLS with a private
//! certificate authority, and a proxy.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

const SOCKS_VERSION: u8 = 5;

/// Speaks TLS for a server that does not. It runs until the process ends.
#[derive(Debug)]
pub struct TlsFront {
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificate of the authority that has signed its own, as PEM.
    pub authority: String,
}

/// A proxy that opens tunnels, whatever their target, to one server, as one of HTTP
/// and one of SOCKS. It runs until the process ends.
#[derive(Debug)]
pub struct ConnectProxy {
    /// Where it listens.
    pub address: SocketAddr,
    targets: Arc<Mutex<Vec<String>>>,
    others: Arc<AtomicUsize>,
}

impl TlsFront {
    /// Answers as `host` for the server at `behind`.
    pub fn start(host: &str, behind: SocketAddr) -> io::Result<Self> {
        let (config, authority) = certified(host);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let address = serve(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut tls = acceptor.accept(stream).await?;
                let mut server = connected(behind).await?;
                copy_bidirectional(&mut tls, &mut server).await?;
                Ok(())
            }
        })?;
        Ok(Self { address, authority })
    }
}

impl ConnectProxy {
    /// Opens every tunnel to `behind`.
    pub fn start(behind: SocketAddr) -> io::Result<Self> {
        let targets = Arc::<Mutex<Vec<String>>>::default();
        let others = Arc::<AtomicUsize>::default();
        let (seen, other) = (Arc::clone(&targets), Arc::clone(&others));
        let address = serve(move |mut stream| {
            let (seen, other) = (Arc::clone(&seen), Arc::clone(&other));
            async move {
                let mut first = [0];
                stream.peek(&mut first).await?;
                let target = match first {
                    [SOCKS_VERSION] => Some(socks_target(&mut stream).await?),
                    _ => http_target(&mut stream).await?,
                };
                let Some(target) = target else {
                    other.fetch_add(1, Ordering::SeqCst);
                    return Ok(());
                };
                let targets = seen.lock();
                targets.unwrap_or_else(PoisonError::into_inner).push(target);
                let mut server = connected(behind).await?;
                copy_bidirectional(&mut stream, &mut server).await?;
                Ok(())
            }
        })?;
        Ok(Self {
            address,
            targets,
            others,
        })
    }

    /// The targets of the tunnels so far, as `host:port`.
    pub fn targets(&self) -> Vec<String> {
        let targets = self.targets.lock();
        targets.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests were for it to read, and not for a tunnel.
    pub fn plain_requests(&self) -> usize {
        self.others.load(Ordering::SeqCst)
    }
}

/// Serves every connection on a thread of its own until the process ends.
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
                // It may have left already.
                if stream.set_nodelay(true).is_err() {
                    continue;
                }
                // An error is a client that left.
                tokio::spawn(handle(stream));
            }
            #[expect(unreachable_code, reason = "says what the errors are")]
            io::Result::Ok(())
        })
    })?;
    Ok(address)
}

/// A connection that sends the parts of an answer as they come, like those of servers:
/// otherwise the second waits 40 ms until the other side acknowledges the first.
async fn connected(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads up to the empty line after the headers and lets a client in that wants a
/// tunnel. Whatever else it wants has no target.
async fn http_target(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let Some(rest) = head.strip_prefix("CONNECT ") else {
        return Ok(None);
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    Ok(rest.split(' ').next().map(str::to_owned))
}

/// Lets a client of SOCKS in that names its target by a host name.
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

/// A server's configuration for `host`, and the authority behind it as PEM.
fn certified(host: &str) -> (ServerConfig, String) {
    let key = || KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let authority = params.self_signed(&authority_key).expect("a certificate");
    let issuer = Issuer::new(params, authority_key);

    let server_key = key();
    let params = CertificateParams::new([host.to_owned()]).expect("a host name");
    let certificate = params
        .signed_by(&server_key, &issuer)
        .expect("a certificate");
    let private_key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private_key)
        .expect("the key is the certificate's");
    (config, authority.pem())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_proxy_counts_what_it_could_read() {
        let proxy = ConnectProxy::start((Ipv4Addr::LOCALHOST, 9).into()).expect("a proxy");
        let mut client = TcpStream::connect(proxy.address).expect("a connection");
        client
            .write_all(b"GET http://api.example/ HTTP/1.1\r\n\r\n")
            .expect("a request");
        // It is counted before the connection ends.
        client.read_to_end(&mut Vec::new()).expect("an end");
        assert_eq!((proxy.plain_requests(), proxy.targets().len()), (1, 0));
    }
}
