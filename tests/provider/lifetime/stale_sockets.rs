//! Stale sockets of killed processes, and the directory of sockets.

use std::fs;

use swas_testing::plugin_client::PluginProcess;

use crate::support::{file_names, start, start_in, temp_dir, wait_for_exit, wait_until};

#[tokio::test]
async fn startup_removes_stale_sockets_of_killed_processes_only() {
    let folder = temp_dir();
    let living = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    let mut killed = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    let left = killed.handshake().socket.path().to_owned();
    killed.kill().expect("a process");
    wait_for_exit(&mut killed).await;
    assert!(left.exists());
    // Similar names may belong to others.
    fs::create_dir(folder.path().join("tf-swas-mine")).expect("a folder");
    fs::write(folder.path().join("tf-swas-file"), "").expect("a file");

    let next = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    wait_until("the end of the folder", || {
        file_names(folder.path()).len() == 4
    })
    .await;
    assert!(!left.exists());
    for process in [&living, &next] {
        assert!(process.handshake().socket.path().exists());
        process.connect().await.expect("a connection");
    }
}

#[tokio::test]
async fn empty_tmpdir_falls_back_to_default() {
    let mut process = PluginProcess::start(start().env("TMPDIR", ""))
        .await
        .expect("a start");
    let socket = process.handshake().socket.path();
    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    let connection = process.connect().await.expect("a connection");
    connection.shutdown().await.expect("a response");
    wait_for_exit(&mut process).await;
}
