//! Endpoints that cannot be reached.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use swas_testing::running_provider::Result;
use tokio::net::{TcpListener, TcpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::golden::assert_golden;
use crate::scene::{Failing, assert_secrets_kept, emulator, provider_block, start};

#[tokio::test]
async fn a_refused_connection_names_the_host() -> Result<()> {
    // Bound and not listening: nobody else gets the port, and nobody answers.
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let endpoint = socket.local_addr()?.to_string();
    let failing = Failing::start(start(), &provider_block(endpoint)).await?;
    assert_golden(
        "bad_answers",
        "connection_refused",
        &failing.read(&[]).await?,
    );
    failing.end().await?;
    Ok(())
}

#[tokio::test]
async fn a_host_name_that_does_not_exist_is_named() -> Result<()> {
    // Resolvers refuse such a name by themselves and ask no network.
    let endpoint =
        "http://no-name-on-any-network-has-a-part-of-more-than-sixty-three-letters.invalid";
    let failing = Failing::start(start(), &provider_block(endpoint)).await?;
    assert_golden("bad_answers", "unknown_host", &failing.read(&[]).await?);
    failing.end().await?;
    Ok(())
}

#[tokio::test]
async fn an_endpoint_without_tls_is_told_from_one_that_is_down() -> Result<()> {
    let emulator = emulator()?;
    let endpoint = emulator.address().to_string();
    let failing = Failing::start(start(), &provider_block(endpoint)).await?;
    assert_golden("bad_answers", "no_tls", &failing.read(&[]).await?);
    assert_eq!(emulator.requests(), []);
    assert_secrets_kept(&failing.end().await?, &emulator);
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_told_from_a_host_that_is_down() -> Result<()> {
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.into()], PrivateKeyDer::from(key))?;
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let endpoint = listener.local_addr()?.to_string();
    let failing = Failing::start(start(), &provider_block(endpoint)).await?;

    let nothing: &[_] = &[];
    let (text, accepted) = tokio::join!(failing.read(nothing), async {
        let (stream, _) = listener.accept().await?;
        acceptor.accept(stream).await
    });
    assert!(accepted.is_err(), "the certificate was trusted");
    assert_golden("bad_answers", "untrusted_certificate", &text?);
    failing.end().await?;
    Ok(())
}
