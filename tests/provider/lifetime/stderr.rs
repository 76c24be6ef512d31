//! A blocked stderr does not block the process.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use swas_testing::plugin_client::{PluginProcess, Signal};

use super::{SHUTDOWN_TIMEOUT, assert_still_serving};
use crate::support::{start_with_shell, temp_dir};

/// Creates a full pipe, which exists as long as the file is open.
fn full_pipe(path: &Path) -> File {
    mkfifo(path, Mode::S_IRWXU).expect("a pipe");
    let mut pipe = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)
        .expect("an open pipe");
    loop {
        match pipe.write(&[b'\n'; 4096]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return pipe,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn unread_stderr_does_not_block_calls_or_shutdown() {
    let (folder, elsewhere) = (temp_dir(), temp_dir());
    let path = elsewhere.path().join("stderr");
    let _pipe = full_pipe(&path);
    let start = start_with_shell(r#"exec "$0" 2>"$1""#, &folder)
        .argument(&path)
        .env("TF_LOG", "trace");
    let mut process = PluginProcess::start(start).await.expect("a start");
    let connection = process.connect().await.expect("a connection");
    assert_still_serving(&connection).await;
    process.signal(Signal::SIGTERM).expect("a signal");
    let status = process.wait_exit(SHUTDOWN_TIMEOUT).await.expect("an end");
    assert_eq!(status.code(), Some(0));
}
