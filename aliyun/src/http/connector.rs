//! Connections: direct or through a proxy, in plain text or over TLS.

use std::error::Error;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::env::Environment;
use crate::http::error::{ConnectError, HttpError, causes, reason};
use crate::http::executor::{ResolveError, Resolver};
use crate::http::proxy::{Proxy, ProxyProtocol};
use crate::http::tls::{self, TlsError};
use crate::redact::Redactor;

type Tcp = TokioIo<TcpStream>;

/// A connection. The inner layer is TLS with a proxy, and the outer one TLS with the target.
type Connection = MaybeHttpsStream<MaybeHttpsStream<Tcp>>;

/// Connects to the targets of requests.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector<Resolver>,
    /// Time limit for a connection, TLS handshakes included.
    timeout: Duration,
    environment: Environment,
    redactor: Redactor,
    /// Loaded on first use: without HTTPS, no certificates are needed.
    tls: Arc<OnceCell<TlsConnector>>,
}

impl Connector {
    /// Creates a connector. The environment names the proxy and certificate files.
    pub(super) fn new(timeout: Duration, environment: &Environment, redactor: &Redactor) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self {
            tcp,
            timeout,
            environment: environment.clone(),
            redactor: redactor.clone(),
            tls: Arc::default(),
        }
    }

    async fn connect(self, target: Uri) -> Result<Connection, HttpError> {
        if target.scheme() != Some(&Scheme::HTTPS) {
            let connecting = async {
                let tcp = self.tcp(&target).await.map_err(HttpError::Connect)?;
                Ok(MaybeHttpsStream::Http(MaybeHttpsStream::Http(tcp)))
            };
            return self.within_timeout(connecting, None).await;
        }
        let proxy = Proxy::of_environment(&self.environment).map_err(HttpError::Proxy)?;
        let proxy = proxy.as_ref().filter(|proxy| !proxy.is_bypassed(&target));
        let name = server_name(&target).map_err(HttpError::Connect)?;
        let load = || tls::load(self.environment.clone());
        let tls = self.tls.get_or_try_init(load).await?;
        let connecting = async {
            let stream = match proxy {
                None => {
                    MaybeHttpsStream::Http(self.tcp(&target).await.map_err(HttpError::Connect)?)
                }
                Some(proxy) => {
                    let stream = self.through(proxy, &target, tls).await;
                    stream.map_err(|error| HttpError::Proxy(proxy.failed(error)))?
                }
            };
            let stream = self.handshake(tls, name, stream).await;
            stream.map_err(HttpError::Connect)
        };
        self.within_timeout(connecting, proxy).await
    }

    async fn within_timeout(
        &self,
        connecting: impl Future<Output = Result<Connection, HttpError>>,
        proxy: Option<&Proxy>,
    ) -> Result<Connection, HttpError> {
        let limit = self.timeout;
        match timeout(limit, connecting).await {
            Ok(result) => result,
            Err(_) => Err(match proxy {
                Some(proxy) => HttpError::Proxy(proxy.failed(ConnectError::Timeout(limit))),
                None => HttpError::Connect(ConnectError::Timeout(limit)),
            }),
        }
    }

    async fn tcp(&self, target: &Uri) -> Result<Tcp, ConnectError> {
        let connected = self.tcp.clone().call(target.clone()).await;
        connected.map_err(|error| self.error(&error))
    }

    /// Connects to the target through the proxy.
    async fn through(
        &self,
        proxy: &Proxy,
        target: &Uri,
        tls: &TlsConnector,
    ) -> Result<MaybeHttpsStream<Tcp>, ConnectError> {
        let tcp = self.tcp(&proxy.uri).await?;
        if proxy.protocol == ProxyProtocol::Socks {
            let mut socks = SocksV5::new(proxy.uri.clone(), Connected(Some(tcp)));
            if let Some((user, password)) = proxy.user_and_password() {
                socks = socks.with_auth(user, password);
            }
            let connected = socks.call(target.clone()).await;
            let tcp = connected.map_err(|error| self.error(&error))?;
            return Ok(MaybeHttpsStream::Http(tcp));
        }
        let stream = match proxy.protocol {
            ProxyProtocol::Https => {
                let name = server_name(&proxy.uri)?;
                self.handshake(tls, name, tcp).await?
            }
            _ => MaybeHttpsStream::Http(tcp),
        };
        let mut stream = TokioIo::new(stream);
        let opened = proxy.open_tunnel(&mut stream, target).await;
        match opened.map_err(|error| self.error(&error))? {
            200..300 => Ok(stream.into_inner()),
            status => Err(ConnectError::Refused { status }),
        }
    }

    async fn handshake<T>(
        &self,
        tls: &TlsConnector,
        name: ServerName<'static>,
        stream: T,
    ) -> Result<MaybeHttpsStream<T>, ConnectError>
    where
        T: hyper::rt::Read + hyper::rt::Write + Unpin,
    {
        let connected = tls.connect(name, TokioIo::new(stream)).await;
        let stream = connected.map_err(|error| self.error(&error))?;
        Ok(stream.into())
    }

    fn error(&self, error: &(dyn Error + 'static)) -> ConnectError {
        if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref()) {
            return ConnectError::Tls(TlsError::of(error, &self.redactor));
        }
        let reason = reason(error, &self.redactor);
        if causes(error).any(<dyn Error>::is::<ResolveError>) {
            ConnectError::UnknownHost { reason }
        } else {
            ConnectError::Other { reason }
        }
    }
}

fn server_name(target: &Uri) -> Result<ServerName<'static>, ConnectError> {
    let host = target.host().unwrap_or_default().trim_matches(['[', ']']);
    ServerName::try_from(host.to_owned()).map_err(|_| ConnectError::InvalidName)
}

/// A connection for [`SocksV5`], whose own connections fail without a reason.
struct Connected(Option<Tcp>);

impl Service<Uri> for Connected {
    type Response = Tcp;
    type Error = io::Error;
    type Future = Ready<io::Result<Tcp>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or(io::ErrorKind::NotConnected.into()))
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, HttpError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HttpError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        Box::pin(self.clone().connect(target))
    }
}
