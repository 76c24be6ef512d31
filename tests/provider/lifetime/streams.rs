//! Closed standard streams.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use swas_testing::plugin_client::{Connection, Handshake, PluginProcess};
use tempfile::TempDir;

use super::assert_still_serving;
use crate::support::{BINARY, file_names, start_with_shell, temp_dir, wait_for_exit, wait_until};

/// Starts a process that uses plaintext.
fn spawn(folder: &TempDir, stdout: Stdio) -> Child {
    let mut command = Command::new(&*BINARY);
    for name in ["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SWAS"] {
        command.env_remove(name);
    }
    command
        .env(
            "TF_PLUGIN_MAGIC_COOKIE",
            swas_testing::plugin_client::COOKIE_VALUE,
        )
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process")
}

#[test]
fn closed_stdout_before_handshake_is_a_startup_error() {
    let folder = temp_dir();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = spawn(&folder, writer.into())
        .wait_with_output()
        .expect("an end");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("cannot start"), "{text}");
    assert_eq!(
        (output.status.code(), file_names(folder.path())),
        (Some(1), vec![])
    );
}

#[tokio::test]
async fn closed_stdin_and_stdout_after_handshake_are_ignored() {
    let folder = temp_dir();
    let mut child = spawn(&folder, Stdio::piped());
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("a line");
    drop((stdout, child.stdin.take()));

    let handshake = Handshake::parse(line.trim_end()).expect("a handshake");
    let connection = Connection::plaintext(&handshake.socket, 6)
        .await
        .expect("a connection");
    assert_still_serving(&connection).await;
    connection.shutdown().await.expect("a response");
    let mut status = None;
    wait_until("the exit", || {
        status = child.try_wait().expect("a child");
        status.is_some()
    })
    .await;
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
}

#[tokio::test]
async fn missing_stdin_does_not_prevent_startup() {
    let folder = temp_dir();
    let start = start_with_shell(r#"exec "$0" <&-"#, &folder);
    let mut process = PluginProcess::start(start).await.expect("a start");
    let connection = process.connect().await.expect("a connection");
    assert_still_serving(&connection).await;
    connection.shutdown().await.expect("a response");
    assert_eq!(wait_for_exit(&mut process).await.code(), Some(0));
}
