//! Folders that stay when a process is killed, and where they are made.

use std::fs;

use swas_testing::plugin_client::PluginProcess;

use crate::support::{content, ended, eventually, folder, start, start_in};

#[tokio::test]
async fn the_next_start_removes_what_a_killed_process_left_and_nothing_else() {
    let folder = folder();
    let living = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    let mut killed = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    let left = killed.handshake().socket.path().to_owned();
    killed.kill().expect("a process");
    ended(&mut killed).await;
    assert!(left.exists());
    // What only looks like it: it may be somebody's.
    fs::create_dir(folder.path().join("tf-swas-mine")).expect("a folder");
    fs::write(folder.path().join("tf-swas-file"), "").expect("a file");

    let next = PluginProcess::start(start_in(&folder))
        .await
        .expect("a start");
    eventually("the end of the folder", || {
        content(folder.path()).len() == 4
    })
    .await;
    assert!(!left.exists());
    for process in [&living, &next] {
        assert!(process.handshake().socket.path().exists());
        process.connect().await.expect("a connection");
    }
}

#[tokio::test]
async fn an_empty_name_for_the_temporary_folder_means_none_of_its_own() {
    let mut process = PluginProcess::start(start().env("TMPDIR", ""))
        .await
        .expect("a start");
    let socket = process.handshake().socket.path();
    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    let connection = process.connect().await.expect("a connection");
    connection.shutdown().await.expect("an answer");
    ended(&mut process).await;
}
