//! A peer that does TLS in ways that no honest client does.

use std::sync::Arc;

use rcgen::{KeyPair, PKCS_ECDSA_P521_SHA512};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, SignatureScheme, SupportedProtocolVersion};
use swas_testing::plugin_client::Handshake;
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;

/// How a client begins HTTP/2: the preface and empty settings.
const HTTP2_BEGIN: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// How to go about it: by default with TLS 1.3, the right root, HTTP/2 and no
/// certificate.
pub struct Peer {
    pub version: &'static SupportedProtocolVersion,
    /// The root to trust, in place of that of the handshake line.
    pub root: Option<CertificateDer<'static>>,
    pub identity: Option<Identity>,
    pub alpn: &'static [u8],
}

impl Default for Peer {
    fn default() -> Self {
        Self {
            version: &TLS13,
            root: None,
            identity: None,
            alpn: b"h2",
        }
    }
}

impl Peer {
    /// Connects, begins to speak HTTP/2, and returns the first byte that comes
    /// back.
    pub async fn hears(self, handshake: &Handshake) -> io::Result<u8> {
        let root = self.root.or_else(|| handshake.certificate.clone());
        let mut roots = RootCertStore::empty();
        roots
            .add(root.expect("a certificate"))
            .map_err(io::Error::other)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[self.version])
            .map_err(io::Error::other)?
            .with_root_certificates(roots);
        let mut config = match self.identity {
            Some(identity) => builder.with_client_cert_resolver(Arc::new(identity)),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![self.alpn.to_vec()];

        let stream = UnixStream::connect(crate::support::socket(handshake)).await?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await?;
        // It fails when the server has hung up already, which reading tells better.
        let _ = stream.write_all(HTTP2_BEGIN).await;
        stream.read_u8().await
    }
}

/// A certificate and a key that need not belong together.
#[derive(Debug)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// A certificate that anyone may have seen, with a key of one's own of the
    /// same kind.
    pub fn stolen(certificate: &CertificateDer<'static>) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).expect("a key");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = any_supported_type(&key).expect("a key that can sign");
        Self(Arc::new(CertifiedKey::new(vec![certificate.clone()], key)))
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
