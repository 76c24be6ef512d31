//! An HTTPS file server. Network mirrors require HTTPS.

use std::convert::Infallible;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use rcgen::CertifiedKey;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::fixture::Result;

/// A server of the files in a folder. Dropping it stops the server.
pub struct Server {
    address: SocketAddr,
    certificate: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(folder: &Path) -> Result<Self> {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(key))?;
        let acceptor = TlsAcceptor::from(Arc::new(config));

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let folder = folder.to_owned();
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, acceptor, folder) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            certificate: cert.pem(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The URL of the folder.
    pub fn url(&self) -> String {
        format!("https://{}/", self.address)
    }

    /// The certificate to trust.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Dropping the sender stops the thread.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // The panic hook has already reported a panic of the thread.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, folder: PathBuf) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, folder) = (acceptor.clone(), folder.clone());
        tokio::spawn(async move {
            // The client reports connection errors itself.
            if let Ok(stream) = acceptor.accept(stream).await {
                let service = service_fn(|request| {
                    let response = respond(&folder, &request);
                    async { Ok::<_, Infallible>(response) }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                let _ = connection.await;
            }
        });
    }
}

fn respond<B>(folder: &Path, request: &Request<B>) -> Response<Full<Bytes>> {
    let path = request.uri().path().trim_start_matches('/');
    let mut response = Response::default();
    match fs::read(folder.join(path)) {
        Ok(content) => {
            let content_type = header::HeaderValue::from_static(if path.ends_with("json") {
                "application/json"
            } else {
                "application/zip"
            });
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, content_type);
            *response.body_mut() = Full::new(content.into());
        }
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
