//! When the process ends, and that nothing of it stays behind.

mod debugging;
mod leftovers;
#[cfg(target_os = "linux")]
mod parent;
mod stderr;
mod streams;

use std::time::Duration;

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::plugin_client::{Connection, PluginProcess, Protocol, Signal};
use swas_testing::running_provider::Result;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::{PATIENCE, configured, content, emulator, ended, folder, requested, start_in};

/// Less than the 30 seconds that a read waits for a silent endpoint.
const AT_ONCE: Duration = Duration::from_secs(15);

async fn connected() -> (PluginProcess, Connection, TempDir) {
    let folder = folder();
    let process = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    let connection = process.connect().await.expect("a connection");
    (process, connection, folder)
}

/// Many answers in a row: whoever is about to end does not give them all.
pub async fn is_served_on(connection: &Connection) {
    for _ in 0..50 {
        connection.health("plugin").await.expect("an answer");
    }
}

#[tokio::test]
async fn it_ends_with_a_shutdown_or_without_a_goodbye_and_nothing_is_left() {
    for says_goodbye in [true, false] {
        let (mut process, connection, folder) = connected().await;
        connection.health("plugin").await.expect("an answer");
        if says_goodbye {
            connection.shutdown().await.expect("an answer");
        }
        drop(connection);
        let status = ended(&mut process).await;
        assert_eq!((status.code(), content(folder.path())), (Some(0), vec![]));
    }
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_read_that_hangs() -> Result<()> {
    let emulator = emulator();
    emulator.reply_always(Reply::hang());
    let mut provider = configured(Protocol::V6, &emulator).await?;
    let client = provider.client.clone();
    let config = provider.data_block("swas_images", &json!({}))?;
    let read = tokio::spawn(async move { client.read_data_source("swas_images", config).await });
    requested(&emulator, 1).await;
    provider.connection.shutdown().await?;
    let ended = provider.process.wait_exit(AT_ONCE).await;
    assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
    // Nobody answers it any more, which its caller is told.
    timeout(PATIENCE, read).await??.unwrap_err();
    Ok(())
}

#[tokio::test]
async fn interrupts_are_left_to_the_client() {
    let (mut process, connection, _folder) = connected().await;
    for _ in 0..3 {
        process.signal(Signal::SIGINT).expect("a signal");
        is_served_on(&connection).await;
    }
    connection.shutdown().await.expect("an answer");
    assert_eq!(ended(&mut process).await.code(), Some(0));
}

#[tokio::test]
async fn other_signals_end_it_and_nothing_is_left() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let (mut process, _connection, folder) = connected().await;
        process.signal(signal).expect("a signal");
        ended(&mut process).await;
        assert_eq!(content(folder.path()), [""; 0], "{signal}");
    }
}

#[tokio::test]
async fn one_connection_keeps_it_when_another_closes() {
    let (process, connection, _folder) = connected().await;
    let other = process.connect().await.expect("a connection");
    other.health("plugin").await.expect("an answer");
    drop(other);
    is_served_on(&connection).await;
}
