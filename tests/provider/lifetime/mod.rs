//! Shutdown of the process, and the files that it removes.

mod debugging;
#[cfg(target_os = "linux")]
mod parent;
mod stale_sockets;
mod stderr;
mod streams;

use std::time::Duration;
#[cfg(target_os = "linux")]
use std::{fs, path::Path, process::Command};

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::machine::Machine;
use swas_testing::plugin_client::{Connection, PluginProcess, Protocol, Signal};
use swas_testing::running_provider::Result;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::machine::Run;
use crate::support::{
    TIMEOUT, emulator, file_names, start_configured, start_in, temp_dir, wait_for_exit,
    wait_for_requests, wait_until,
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
async fn interrupt_and_hangup_do_not_end_the_process() {
    let (mut process, connection, _folder) = connected().await;
    for signal in [Signal::SIGINT, Signal::SIGHUP].repeat(2) {
        process.signal(signal).expect("a signal");
        assert_still_serving(&connection).await;
    }
    connection.shutdown().await.expect("a response");
    assert_eq!(wait_for_exit(&mut process).await.code(), Some(0));
}

#[tokio::test]
async fn termination_signal_shuts_down_and_removes_files() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGQUIT,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
        Signal::SIGALRM,
        Signal::SIGXCPU,
        Signal::SIGXFSZ,
        Signal::SIGVTALRM,
        Signal::SIGPROF,
        Signal::SIGIO,
    ] {
        let (mut process, _connection, folder) = connected().await;
        process.signal(signal).expect("a signal");
        wait_for_exit(&mut process).await;
        assert_eq!(file_names(folder.path()), [""; 0], "{signal}");
    }
}

/// Signals without a portable name: SIGSTKFLT, SIGPWR, and those for applications.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn unnamed_signal_shuts_down_and_removes_files() {
    for signal in ["16", "30", "36", "64"] {
        let (mut process, _connection, folder) = connected().await;
        let pid = process.pid().to_string();
        let sent = Command::new("/bin/sh")
            .args(["-c", "kill -\"$0\" \"$1\"", signal, &pid])
            .status();
        assert!(sent.expect("a shell").success(), "{signal}");
        wait_for_exit(&mut process).await;
        assert_eq!(file_names(folder.path()), [""; 0], "{signal}");
    }
}

/// A command of a profile ends with the provider, whichever signal ends it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn command_of_a_profile_ends_with_the_provider_on_any_signal() -> Result<()> {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGUSR1,
        Signal::SIGXCPU,
        Signal::SIGQUIT,
    ] {
        let folder = temp_dir();
        let id = folder.path().join("id");
        let command = format!("/bin/sh -c 'echo $$ > {}; exec sleep 600'", id.display());
        let machine = Machine::new()?
            .cli_file(
                "a",
                &json!([{"name": "a", "mode": "External", "process_command": command}]),
            )
            .set("profile", "a");
        let mut provider = machine.start().await?;
        let client = provider.client.clone();
        let config = provider.data_block("swas_images", &json!({}))?;
        let _read =
            tokio::spawn(async move { client.read_data_source("swas_images", config).await });
        let process = || {
            let id = fs::read_to_string(&id).unwrap_or_default();
            Path::new("/proc").join(id.trim()).join("exe")
        };
        wait_until("the command", || {
            process()
                .read_link()
                .is_ok_and(|exe| exe.ends_with("sleep"))
        })
        .await;
        provider.process.signal(signal)?;
        wait_for_exit(&mut provider.process).await;
        wait_until("the end of the command", || process().read_link().is_err()).await;
    }
    Ok(())
}

#[tokio::test]
async fn closing_one_connection_does_not_shut_down_others() {
    let (process, connection, _folder) = connected().await;
    let other = process.connect().await.expect("a connection");
    other.health("plugin").await.expect("a response");
    drop(other);
    assert_still_serving(&connection).await;
}
