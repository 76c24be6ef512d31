//! The process under a debugger: a person starts it and a person ends it.

use swas_testing::plugin_client::{PluginProcess, Protocol, Reattach, Signal, Start};
use tempfile::TempDir;

use super::is_served_on;
use crate::support::{content, ended, folder, start_by, start_in};

async fn debugged() -> (PluginProcess<Reattach>, TempDir) {
    let folder = folder();
    debugged_by(start_in(&folder), folder).await
}

async fn debugged_by(start: Start, folder: TempDir) -> (PluginProcess<Reattach>, TempDir) {
    let process = PluginProcess::start_debug(start).await.expect("a start");
    (process, folder)
}

#[tokio::test]
async fn it_prints_how_terraform_reaches_it() {
    let (process, folder) = debugged().await;
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
async fn it_outlives_the_runs_that_use_it() {
    let (process, _folder) = debugged().await;
    for protocol in [Protocol::V5, Protocol::V6, Protocol::V6] {
        let run = process.connect().await.expect("a connection");
        let client = run.provider_in(protocol);
        let metadata = client.get_metadata().await.expect("an answer");
        assert!(!metadata.data_sources.is_empty());
        client.stop().await.expect("an answer");
        run.shutdown().await.expect("an answer");
        is_served_on(&run).await;
    }
}

#[tokio::test]
async fn it_ends_at_an_interrupt_and_nothing_is_left() {
    for (signal, is_ignored) in [
        (Signal::SIGINT, false),
        (Signal::SIGINT, true),
        (Signal::SIGTERM, false),
    ] {
        let folder = folder();
        let start = if is_ignored {
            // As from a script that runs it in the background.
            start_by(r#"trap "" INT; exec "$0" "$@""#, &folder)
        } else {
            start_in(&folder)
        };
        let (mut process, folder) = debugged_by(start, folder).await;
        let _run = process.connect().await.expect("a connection");
        process.signal(signal).expect("a signal");
        let status = ended(&mut process).await;
        assert_eq!(
            (status.code(), content(folder.path())),
            (Some(0), vec![]),
            "{signal}"
        );
    }
}
