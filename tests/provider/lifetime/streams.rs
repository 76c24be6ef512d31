//! What closed standard streams mean to the process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use swas_testing::plugin_client::{Connection, Handshake, PluginProcess};
use tempfile::TempDir;

use super::is_served_on;
use crate::support::{BINARY, content, ended, eventually, folder, start_by};

/// A process to which a client in plaintext is all that is wanted.
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
fn a_client_that_does_not_read_the_handshake_line_ends_it_at_once() {
    let folder = folder();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = spawn(&folder, writer.into())
        .wait_with_output()
        .expect("an end");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("cannot start"), "{told}");
    assert_eq!(
        (output.status.code(), content(folder.path())),
        (Some(1), vec![])
    );
}

#[tokio::test]
async fn it_serves_on_when_the_client_closes_stdin_and_stdout() {
    let folder = folder();
    let mut child = spawn(&folder, Stdio::piped());
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("a line");
    drop((stdout, child.stdin.take()));

    let handshake = Handshake::parse(line.trim_end()).expect("a handshake");
    let connection = Connection::plaintext(&handshake.socket, 6)
        .await
        .expect("a connection");
    is_served_on(&connection).await;
    connection.shutdown().await.expect("an answer");
    let mut status = None;
    eventually("the end of it", || {
        status = child.try_wait().expect("a child");
        status.is_some()
    })
    .await;
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
}

#[tokio::test]
async fn it_needs_no_stdin() {
    let folder = folder();
    let start = start_by(r#"exec "$0" <&-"#, &folder);
    let mut process = PluginProcess::start(start).await.expect("a start");
    let connection = process.connect().await.expect("a connection");
    is_served_on(&connection).await;
    connection.shutdown().await.expect("an answer");
    assert_eq!(ended(&mut process).await.code(), Some(0));
}
