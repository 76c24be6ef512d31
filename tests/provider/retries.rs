//! Retries of transient failures, and the log of retries and canceled calls.

use std::time::Duration;

use serde_json::{Map, Value, json};
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::{
    configure, emulator, log_lines, provider_config, read_state, start, wait_for_requests, with,
};

/// Starts a provider that retries for up to a minute, at the most verbose log level.
async fn with_retries(emulator: &Emulator) -> Result<RunningProvider> {
    let provider = RunningProvider::start(start().env("TF_LOG", "trace")).await?;
    configure(
        &provider,
        &with(&provider_config(emulator), "max_retry_timeout", 60),
    )
    .await?;
    Ok(provider)
}

fn lines(log: &str, level: &str) -> Vec<Map<String, Value>> {
    let mut lines = log_lines(log);
    lines.retain(|line| line["@level"] == level);
    lines
}

#[tokio::test]
async fn each_retry_is_logged_as_warning() -> Result<()> {
    let emulator = emulator();
    for response in [
        Reply::throttled(400, Some(Duration::from_millis(30))),
        Reply::throttled(429, Some(Duration::from_millis(40))),
        Reply::error(500, "InternalError", "Not today."),
        Reply::reset(),
    ] {
        emulator.reply_next(response);
    }
    let provider = with_retries(&emulator).await?;
    read_state(&provider, &json!({})).await?;
    assert_eq!(emulator.requests().len(), 5);
    let log = provider.end().await?;
    let waits = lines(&log, "warn");
    assert_eq!(waits.len(), 4, "{log}");
    let throttled = "a call was throttled: all calls of the operation wait";
    let retried = "a call failed and will be retried";
    for (number, (reason, message, shortest)) in [
        ("Throttling.User", throttled, 20),
        ("Throttling.User", throttled, 30),
        ("the API returned InternalError (HTTP 500", retried, 0),
        ("the connection broke", retried, 0),
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
        // Part of the wait has passed when it is logged.
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
async fn retry_after_over_max_retry_timeout_fails_at_once() -> Result<()> {
    let emulator = emulator();
    let provider = with_retries(&emulator).await?;
    let too_long = Duration::from_secs(61);
    emulator.reply_next(Reply::throttled(400, Some(too_long)));
    let response = provider.read("swas_images", &json!({})).await?;
    assert_eq!(response.diagnostics.len(), 1);
    assert_eq!(lines(&provider.end().await?, "warn"), []);
    Ok(())
}

#[tokio::test]
async fn canceled_call_is_logged() -> Result<()> {
    let emulator = emulator();
    emulator.reply_next(Reply::hang());
    let provider = with_retries(&emulator).await?;
    let (block, stopped) = (json!({}), async {
        wait_for_requests(&emulator, 1).await;
        provider.client.stop().await
    });
    let (response, stopped) = tokio::join!(provider.read("swas_images", &block), stopped);
    stopped?;
    assert_eq!(response?.diagnostics.len(), 1);
    let log = provider.end().await?;
    let calls = lines(&log, "debug");
    let call = calls
        .iter()
        .find(|line| line["@message"] == "called the API");
    let call = call.ok_or_else(|| format!("no call in {log}"))?;
    assert_eq!(call["error"], "canceled");
    assert_eq!(call["action"], "ListImages");
    assert_eq!(call["reads"], 1);
    Ok(())
}

#[tokio::test]
async fn truncated_response_is_retried() -> Result<()> {
    let emulator = emulator();
    let half = r#"{"Images": [{"ImageId": "0123"#;
    for response in [
        // With and without a matching Content-Length.
        Reply::normal().truncated(),
        Reply::json(half),
        Reply::json(half).with_header("Connection", "close"),
        Reply::raw(502, r#"{"Code": "Bad"#),
        Reply::raw(200, ""),
        Reply::raw(429, ""),
    ] {
        emulator.reply_next(response);
        let provider = with_retries(&emulator).await?;
        let images = read_state(&provider, &json!({})).await?;
        assert_ne!(images["ids"], json!([]));
        provider.end().await?;
    }
    assert_eq!(emulator.requests().len(), 12);
    Ok(())
}
