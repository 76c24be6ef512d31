//! Scarce file descriptors, memory and threads: the provider works or reports which
//! resource is exhausted.

#[cfg(target_os = "linux")]
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::machine::Machine;
use swas_testing::plugin_client::PluginProcess;
use swas_testing::running_provider::{Result, RunningProvider};
use tempfile::TempDir;

use crate::machine::Run;
use crate::support::{
    configure, emulator, provider_config, read_regions, start_with_shell, temp_dir, with,
};

/// Starts a provider under a resource limit of the shell.
async fn limited(limit: &str) -> Result<(RunningProvider, TempDir)> {
    let folder = temp_dir();
    let start = start_with_shell(&format!(r#"ulimit {limit}; exec "$0""#), &folder);
    Ok((RunningProvider::start(start).await?, folder))
}

#[tokio::test]
async fn thousand_reads_succeed_with_256_file_descriptors() -> Result<()> {
    const READS: usize = 1000;
    let emulator = emulator();
    // The delay makes the calls overlap.
    emulator.reply_always(Reply::normal().after(Duration::from_millis(10)));
    let (provider, _folder) = limited("-n 256").await?;
    configure(&provider, &provider_config(&emulator)).await?;
    // None of these regions exists.
    for response in read_regions(&provider, READS).await? {
        let text = shown(&response.diagnostics);
        assert!(text.contains("InvalidRegionId.NotFound"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn announced_content_length_does_not_allocate_memory() -> Result<()> {
    const READS: usize = 10;
    let announced = (4 * 1024 * 1024).to_string();
    let emulator = emulator();
    let response = Reply::json("{}").with_header("content-length", &announced);
    emulator.reply_always(response.stalled());
    // Less than the announced lengths together, for the whole process.
    let (provider, _folder) = limited("-v 262144").await?;
    configure(
        &provider,
        &with(&provider_config(&emulator), "client_read_timeout", 500),
    )
    .await?;
    for response in read_regions(&provider, READS).await? {
        let text = shown(&response.diagnostics);
        assert!(text.contains("client_read_timeout"), "{text}");
    }
    provider.end().await?;
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn thread_creation_failure_is_an_error_and_not_a_bug() -> Result<()> {
    // No machine can allocate stacks of 64 TiB.
    let without_threads = |machine: Machine| machine.env("RUST_MIN_STACK", "70368744177664");
    let by_name = json!([{"swas": "http://localhost:1"}]);
    let certificates = json!([{"swas": "https://127.0.0.1:1"}]);
    for machine in [
        without_threads(Machine::with_key()?.env("TF_LOG", "WARN")),
        without_threads(Machine::with_key()?).set("endpoints", by_name),
        without_threads(Machine::with_key()?).set("endpoints", certificates),
        without_threads(Machine::new()?)
            .cli_file("a", &json!([]))
            .set("profile", "a"),
    ] {
        let text = machine.error_text().await?;
        assert!(text.contains("cannot start a thread"), "{text}");
        assert!(!text.contains("Bug in the provider"), "{text}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn core_dumps_are_disabled_at_startup() -> Result<()> {
    let (provider, _folder) = limited("-c unlimited").await?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", provider.process.pid()))?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = line.ok_or("no such limit")?.split_whitespace().collect();
    assert_eq!(words[4..6], ["1", "1"], "{words:?}");
    Ok(())
}

/// The owner of the files in `/proc` is root if a process is not dumpable.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn core_dumps_are_disabled_despite_a_hard_limit_of_zero() -> Result<()> {
    const GROUP: u32 = 12_345;
    let limited = |limit| {
        // Root may raise hard limits, unless it has lost this capability.
        let run = if nix::unistd::geteuid().is_root() {
            format!("setpriv --regid {GROUP} --clear-groups --bounding-set=-sys_resource")
        } else {
            String::new()
        };
        format!(r#"ulimit -c {limit}; exec {run} "$0""#)
    };
    for (limit, is_dumpable) in [("unlimited", true), ("0", false)] {
        let folder = temp_dir();
        let process = PluginProcess::start(start_with_shell(&limited(limit), &folder)).await?;
        let owner = std::fs::metadata(format!("/proc/{}/environ", process.pid()))?;
        let is_root = (owner.uid(), owner.gid()) == (0, 0);
        assert_eq!(is_root, !is_dumpable, "{limit}");
    }
    Ok(())
}
