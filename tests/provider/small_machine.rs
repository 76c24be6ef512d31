//! A machine that gives the process little: what there is is enough, or the user
//! reads what there is too little of.

use std::time::Duration;

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::machine::Machine;
use swas_testing::running_provider::{Result, RunningProvider};
use tempfile::TempDir;

use crate::machine::Run;
use crate::support::{
    configure, emulator, folder, read_regions, settings, start_by, state, told, with,
};

/// A provider for which the shell sets a limit, and its folder.
async fn limited(limit: &str) -> Result<(RunningProvider, TempDir)> {
    let folder = folder();
    let start = start_by(&format!(r#"ulimit {limit}; exec "$0""#), &folder);
    Ok((RunningProvider::start(start).await?, folder))
}

#[tokio::test]
async fn a_thousand_reads_get_by_with_256_files() -> Result<()> {
    const READS: usize = 1000;
    let emulator = emulator();
    // Each takes a moment, so that the calls of all would be on their way at once.
    emulator.reply_always(Reply::normal().after(Duration::from_millis(10)));
    let (provider, _folder) = limited("-n 256").await?;
    configure(&provider, &settings(&emulator)).await?;
    // There is none of these regions.
    for answer in read_regions(&provider, READS).await? {
        let text = shown(&answer.diagnostics);
        assert!(text.contains("InvalidRegionId.NotFound"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_announced_and_does_not_come_takes_no_memory() -> Result<()> {
    const READS: usize = 10;
    let announced = (32 * 1024 * 1024).to_string();
    let emulator = emulator();
    let answer = Reply::json("{}").with_header("content-length", &announced);
    emulator.reply_always(answer.stalled());
    // Less than was announced in all, for the process and everything in it.
    let (provider, _folder) = limited("-v 262144").await?;
    configure(
        &provider,
        &with(&settings(&emulator), "client_read_timeout", 500),
    )
    .await?;
    for answer in read_regions(&provider, READS).await? {
        let text = shown(&answer.diagnostics);
        assert!(text.contains("client_read_timeout"), "{text}");
    }
    provider.end().await?;
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thread_that_cannot_be_started_is_told_and_is_no_bug() -> Result<()> {
    // No machine has room for stacks of 64 TiB.
    let without_threads = |machine: Machine| machine.env("RUST_MIN_STACK", "70368744177664");
    let machine = without_threads(Machine::with_key()?.env("TF_LOG", "WARN"));
    // What needs no thread works.
    assert_eq!(machine.key().await?, "LTAIenv");

    let by_name = json!([{"swas": "http://localhost:1"}]);
    let certificates = json!([{"swas": "https://127.0.0.1:1"}]);
    for machine in [
        without_threads(Machine::with_key()?).set("endpoints", by_name),
        without_threads(Machine::with_key()?).set("endpoints", certificates),
        without_threads(Machine::new()?)
            .cli_file("a", &json!([]))
            .set("profile", "a"),
    ] {
        let text = machine.told().await?;
        assert!(text.contains("cannot start a thread"), "{text}");
        assert!(!text.contains("Bug in the provider"), "{text}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_long_answer_needs_a_thread_and_says_so() -> Result<()> {
    let machine = Machine::with_key()?.env("RUST_MIN_STACK", "70368744177664");
    let long = Reply::json(" ".repeat(1024 * 1024));
    machine.emulator.reply_always(long);
    let provider = machine.start().await?;
    let text = told(&provider, &json!({})).await?;
    assert!(text.contains("cannot start a thread"), "{text}");
    machine.emulator.reply_always(Reply::normal());
    machine.configure(&provider).await?;
    state(&provider, &json!({})).await?;
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_crash_writes_no_core_dump() -> Result<()> {
    let (provider, _folder) = limited("-c unlimited").await?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", provider.process.pid()))?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = line.ok_or("no such limit")?.split_whitespace().collect();
    assert_eq!(words[4..6], ["1", "1"], "{words:?}");
    Ok(())
}
