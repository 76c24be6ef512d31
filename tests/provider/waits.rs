//! A call that fails in a way that may pass is made again, and the log tells of
//! each wait and of each call, also of those that nobody waits for any more.

use std::time::Duration;

use serde_json::{Map, Value, json};
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::{configure, emulator, log_lines, requested, settings, start, state, with};

/// A provider that goes on trying for a minute, and logs all it can.
async fn patient(emulator: &Emulator) -> Result<RunningProvider> {
    let provider = RunningProvider::start(start().env("TF_LOG", "trace")).await?;
    configure(
        &provider,
        &with(&settings(emulator), "max_retry_timeout", 60),
    )
    .await?;
    Ok(provider)
}

/// The lines of a level.
fn lines(log: &str, level: &str) -> Vec<Map<String, Value>> {
    let mut lines = log_lines(log);
    lines.retain(|line| line["@level"] == level);
    lines
}

#[tokio::test]
async fn each_wait_is_a_warning_in_the_log() -> Result<()> {
    let emulator = emulator();
    for answer in [
        Reply::throttled(400, Some(Duration::from_millis(30))),
        Reply::throttled(429, Some(Duration::from_millis(40))),
        Reply::error(500, "InternalError", "Not today."),
        Reply::reset(),
    ] {
        emulator.reply_next(answer);
    }
    let provider = patient(&emulator).await?;
    state(&provider, &json!({})).await?;
    assert_eq!(emulator.requests().len(), 5);
    let log = provider.end().await?;
    let waits = lines(&log, "warn");
    assert_eq!(waits.len(), 4, "{log}");
    let together = "a call was refused: all calls of the operation wait";
    let alone = "a call failed and will be made again";
    for (number, (reason, message, shortest)) in [
        ("Throttling.User", together, 20),
        ("Throttling.User", together, 30),
        ("HTTP 500 InternalError: Not today.", alone, 0),
        ("the connection broke", alone, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let wait = &waits[number];
        let milliseconds = |name: &str| wait[name].as_u64().ok_or("no number");
        assert_eq!(wait["@message"], message, "{wait:?}");
        assert_eq!(wait["attempt"], number + 1, "{wait:?}");
        assert!(
            wait["reason"].as_str().ok_or("no reason")?.contains(reason),
            "{wait:?}"
        );
        // A part of it has passed when it is told.
        assert!(
            (shortest..=10_000).contains(&milliseconds("wait_ms")?),
            "{wait:?}"
        );
        assert!(
            (1000..=60_000).contains(&milliseconds("left_ms")?),
            "{wait:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_read_that_ends_waits_for_nothing() -> Result<()> {
    let emulator = emulator();
    let provider = patient(&emulator).await?;
    let too_long = Duration::from_secs(61);
    emulator.reply_next(Reply::throttled(400, Some(too_long)));
    let answer = provider.read("swas_images", &json!({})).await?;
    assert_eq!(answer.diagnostics.len(), 1);
    assert_eq!(lines(&provider.end().await?, "warn"), []);
    Ok(())
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_told_as_well() -> Result<()> {
    let emulator = emulator();
    emulator.reply_next(Reply::hang());
    let provider = patient(&emulator).await?;
    let (block, stopped) = (json!({}), async {
        requested(&emulator, 1).await;
        provider.client.stop().await
    });
    let (answer, stopped) = tokio::join!(provider.read("swas_images", &block), stopped);
    stopped?;
    assert_eq!(answer?.diagnostics.len(), 1);
    let log = provider.end().await?;
    let calls = lines(&log, "debug");
    let call = calls
        .iter()
        .find(|line| line["@message"] == "called the API");
    let call = call.ok_or_else(|| format!("no call in {log}"))?;
    let error = call["error"].as_str().ok_or("no error")?;
    assert!(error.starts_with("cancelled"), "{error}");
    assert_eq!(call["action"], "ListImages");
    Ok(())
}

#[tokio::test]
async fn what_is_cut_short_is_asked_for_again() -> Result<()> {
    let emulator = emulator();
    let half = r#"{"Images": [{"ImageId": "0123"#;
    for answer in [
        // Whether the length gives it away or not.
        Reply::normal().truncated(),
        Reply::json(half),
        Reply::json(half).with_header("Connection", "close"),
        Reply::raw(502, r#"{"Code": "Bad"#),
        Reply::raw(200, ""),
        Reply::raw(429, ""),
    ] {
        emulator.reply_next(answer);
        let provider = patient(&emulator).await?;
        let images = state(&provider, &json!({})).await?;
        assert_ne!(images["ids"], json!([]));
        provider.end().await?;
    }
    assert_eq!(emulator.requests().len(), 12);
    Ok(())
}
