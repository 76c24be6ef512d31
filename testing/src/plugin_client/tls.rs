use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use super::ClientCertificate;

/// What decides whether the server is the right one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum ServerCheck {
    /// The usual path validation, with the handshake's certificate as the only
    /// root and for the name `localhost`.
    #[default]
    WebPki,
    /// The certificate is the handshake's, byte for byte.
    Pinned,
}

/// Makes the client's side of a connection to the server that told `server` to
/// be its certificate.
pub(super) fn client_config(
    server: &CertificateDer<'static>,
    check: ServerCheck,
    versions: &[&'static SupportedProtocolVersion],
    identity: Option<&ClientCertificate>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)?;
    let builder = match check {
        ServerCheck::WebPki => {
            let mut roots = RootCertStore::empty();
            roots.add(server.clone())?;
            builder.with_root_certificates(roots)
        }
        ServerCheck::Pinned => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PinnedServer {
                server: server.clone(),
                provider,
            })),
    };
    let mut config = match identity {
        Some(identity) => {
            builder.with_client_auth_cert(vec![identity.der().clone()], identity.private_key())?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// Accepts one server certificate and no other.
#[derive(Debug)]
struct PinnedServer {
    server: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if end_entity.as_ref() == self.server.as_ref() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
