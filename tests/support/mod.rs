//! What the tests of the provider's process share: a process of one's own in a
//! folder of one's own, so that what it leaves behind can be seen.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod told;

pub mod provider;

use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use swas_testing::emulator::{Emulator, Options};
use swas_testing::plugin_client::{Address, Handshake, PluginProcess, Protocol, Start};
use tempfile::TempDir;
use tokio::time::sleep;

/// The provider.
pub const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");

/// The protocols that the provider speaks.
pub const BOTH: [Protocol; 2] = [Protocol::V5, Protocol::V6];

/// How long to wait for what should happen at once: a busy machine needs less.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often to look whether it has happened.
const PAUSE: Duration = Duration::from_millis(5);

/// A folder for one process.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A start as Terraform's, with a folder of its own for temporary files.
pub fn start_in(folder: &TempDir) -> Start {
    Start::new(BINARY).env("TMPDIR", folder.path())
}

/// An endpoint of one's own.
pub fn emulator() -> Emulator {
    Emulator::start(Options::default()).expect("an endpoint")
}

/// The names of what is in a folder.
pub fn content(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder");
    entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect()
}

/// Waits for the process to end by itself.
pub async fn ended<T>(process: &mut PluginProcess<T>) -> ExitStatus {
    let status = process.wait_exit(PATIENCE).await;
    status.expect("the process runs forever")
}

/// Waits until `happened`.
pub async fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !happened() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(PAUSE).await;
    }
}

/// Waits until the endpoint has got `count` requests in all.
pub async fn requested(emulator: &Emulator, count: usize) {
    eventually("requests", || emulator.requests().len() >= count).await;
}

/// The socket that a handshake line names.
pub fn socket(handshake: &Handshake) -> &Path {
    match &handshake.address {
        Address::Unix(path) => path,
        Address::Tcp(address) => panic!("no Unix socket: {address}"),
    }
}
