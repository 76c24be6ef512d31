//! Debug mode: the user starts and ends the process.

use swas_testing::plugin_client::{PluginProcess, Protocol, Reattach, Signal, Start};
use tempfile::TempDir;

use super::assert_still_serving;
use crate::support::{file_names, start_in, start_with_shell, temp_dir, wait_for_exit};

async fn start_debug() -> (PluginProcess<Reattach>, TempDir) {
    let folder = temp_dir();
    start_debug_with(start_in(&folder), folder).await
}

async fn start_debug_with(start: Start, folder: TempDir) -> (PluginProcess<Reattach>, TempDir) {
    let process = PluginProcess::start_debug(start).await.expect("a start");
    (process, folder)
}

#[tokio::test]
async fn debug_mode_prints_reattach_configuration() {
    let (process, folder) = start_debug().await;
    let Reattach {
        providers,
        protocol,
        pid,
        test,
        socket,
        ..
    } = process.reattach();
    assert!(socket.path().starts_with(folder.path()), "{socket:?}");
    let addresses = ["registry.opentofu.org", "registry.terraform.io"];
    assert_eq!(
        *providers,
        addresses.map(|host| format!("{host}/swas-rs/swas"))
    );
    assert_eq!((*protocol, *pid, *test), (6, process.pid(), true));
}

#[tokio::test]
async fn debug_mode_survives_shutdown_requests() {
    let (process, _folder) = start_debug().await;
    for protocol in [Protocol::V5, Protocol::V6, Protocol::V6] {
        let run = process.connect().await.expect("a connection");
        let client = run.provider_in(protocol);
        let metadata = client.get_metadata().await.expect("a response");
        assert!(!metadata.data_sources.is_empty());
        client.stop().await.expect("a response");
        run.shutdown().await.expect("a response");
        assert_still_serving(&run).await;
    }
}

#[tokio::test]
async fn debug_mode_interrupt_shuts_down_and_removes_files() {
    for (signal, is_ignored) in [
        (Signal::SIGINT, false),
        (Signal::SIGINT, true),
        (Signal::SIGHUP, false),
        (Signal::SIGTERM, false),
    ] {
        let folder = temp_dir();
        let start = if is_ignored {
            // As in a script that runs the process in the background.
            start_with_shell(r#"trap "" INT; exec "$0" "$@""#, &folder)
        } else {
            start_in(&folder)
        };
        let (mut process, folder) = start_debug_with(start, folder).await;
        let _run = process.connect().await.expect("a connection");
        process.signal(signal).expect("a signal");
        let status = wait_for_exit(&mut process).await;
        assert_eq!(
            (status.code(), file_names(folder.path())),
            (Some(0), vec![]),
            "{signal}"
        );
    }
}
