//! Endpoints that cannot be reached.

use std::net::{Ipv4Addr, SocketAddr};

use swas_testing::running_provider::Result;
use tokio::net::TcpSocket;

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
    let failing = Failing::start(start(), &provider_block("swas.invalid")).await?;
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
