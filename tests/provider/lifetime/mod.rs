//! Shutdown of the process, and the files that it removes.

mod debugging;
#[cfg(target_os = "linux")]
mod parent;
mod stale_sockets;
mod stderr;
mod streams;

use std::time::Duration;

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::plugin_client::{Connection, PluginProcess, Protocol, Signal};
use swas_testing::running_provider::Result;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::{
    TIMEOUT, emulator, file_names, start_configured, start_in, temp_dir, wait_for_exit,
    wait_for_requests,
};

/// Less than the default read timeout of 30 s.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(15);

async fn connected() -> (PluginProcess, Connection, TempDir) {
    let folder = temp_dir();
    let process = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    let connection = process.connect().await.expect("a connection");
    (process, connection, folder)
}

/// Asserts that many responses arrive in a row. A process that is shutting down would
/// not send them all.
pub async fn assert_still_serving(connection: &Connection) {
    for _ in 0..50 {
        connection.health("plugin").await.expect("a response");
    }
}

#[tokio::test]
async fn shutdown_or_disconnect_ends_the_process_and_removes_files() {
    for sends_shutdown in [true, false] {
        let (mut process, connection, folder) = connected().await;
        connection.health("plugin").await.expect("a response");
        if sends_shutdown {
            connection.shutdown().await.expect("a response");
        }
        drop(connection);
        let status = wait_for_exit(&mut process).await;
        assert_eq!(
            (status.code(), file_names(folder.path())),
            (Some(0), vec![])
        );
    }
}

#[tokio::test]
async fn shutdown_does_not_wait_for_hanging_read() -> Result<()> {
    let emulator = emulator();
    emulator.reply_always(Reply::hang());
    let mut provider = start_configured(Protocol::V6, &emulator).await?;
    let client = provider.client.clone();
    let config = provider.data_block("swas_images", &json!({}))?;
    let read = tokio::spawn(async move { client.read_data_source("swas_images", config).await });
    wait_for_requests(&emulator, 1).await;
    provider.connection.shutdown().await?;
    let ended = provider.process.wait_exit(SHUTDOWN_TIMEOUT).await;
    assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
    // The read gets no response, and its caller gets an error.
    timeout(TIMEOUT, read).await??.unwrap_err();
    Ok(())
}

#[tokio::test]
async fn interrupt_signal_does_not_end_the_process() {
    let (mut process, connection, _folder) = connected().await;
    for _ in 0..3 {
        process.signal(Signal::SIGINT).expect("a signal");
        assert_still_serving(&connection).await;
    }
    connection.shutdown().await.expect("a response");
    assert_eq!(wait_for_exit(&mut process).await.code(), Some(0));
}

#[tokio::test]
async fn termination_signal_shuts_down_and_removes_files() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let (mut process, _connection, folder) = connected().await;
        process.signal(signal).expect("a signal");
        wait_for_exit(&mut process).await;
        assert_eq!(file_names(folder.path()), [""; 0], "{signal}");
    }
}

#[tokio::test]
async fn closing_one_connection_does_not_shut_down_others() {
    let (process, connection, _folder) = connected().await;
    let other = process.connect().await.expect("a connection");
    other.health("plugin").await.expect("a response");
    drop(other);
    assert_still_serving(&connection).await;
}
