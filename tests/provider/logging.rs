//! The log: empty by default, in the JSON format that Terraform reads.

use serde_json::json;
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::running_provider::{Result, RunningProvider};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::{configure, emulator, log_lines, provider_config, start, wait_for_exit};

/// The limit at which go-plugin splits a line, in bytes.
const LINE_LIMIT: usize = 64 * 1024;

/// Returns the log of a process through configure, a successful read, a failed read,
/// stop and shutdown.
async fn log_of(environment: &[(&str, &str)], emulator: &Emulator) -> Result<String> {
    let set = environment.iter();
    let start = set.fold(start(), |start, (name, value)| start.env(name, value));
    let mut provider = RunningProvider::start(start).await?;
    configure(&provider, &provider_config(emulator)).await?;
    provider.read("swas_images", &json!({})).await?;
    emulator.reply_next(Reply::error(403, "Forbidden.RAM", "Not allowed."));
    provider
        .read("swas_images", &json!({"region_id": "us-west-1"}))
        .await?;
    provider.client.stop().await?;
    provider.connection.shutdown().await?;
    wait_for_exit(&mut provider.process).await;
    // stdout has only the handshake line at every log level.
    assert_eq!(provider.process.stdout(), "");
    Ok(provider.process.stderr())
}

#[tokio::test]
async fn log_is_empty_by_default() -> Result<()> {
    let emulator = emulator();
    for environment in [
        &[][..],
        &[("TF_LOG", "")],
        &[("TF_LOG", "off")],
        &[("TF_LOG", "OFF")],
        &[("TF_LOG_CORE", "trace")],
    ] {
        assert_eq!(log_of(environment, &emulator).await?, "", "{environment:?}");
    }
    Ok(())
}

#[tokio::test]
async fn log_level_precedence_most_specific_variable() -> Result<()> {
    let (all, ours, only) = ("TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SWAS");
    let emulator = emulator();
    for (environment, expected) in [
        (&[(all, "debug")][..], true),
        (&[(all, "DEBUG")], true),
        (&[(all, "trace")], true),
        (&[(all, "json")], true),
        (&[(all, "info")], false),
        (&[(all, "warn")], false),
        (&[(all, "error")], false),
        (&[(ours, "debug")], true),
        (&[(only, "debug")], true),
        (&[(all, "debug"), (ours, "off")], false),
        (&[(all, "off"), (ours, "debug")], true),
        (&[(ours, "debug"), (only, "error")], false),
        (&[(ours, "error"), (only, "debug")], true),
        (&[(all, "debug"), (only, "")], true),
    ] {
        let log = log_of(environment, &emulator).await?;
        let found = log.contains(r#""@level":"debug""#);
        assert_eq!(found, expected, "{environment:?}: {log}");
    }
    Ok(())
}

#[tokio::test]
async fn log_lines_have_terraform_json_format() -> Result<()> {
    let log = log_of(&[("TF_LOG", "trace")], &emulator()).await?;
    let lines = log_lines(&log);
    assert!(!lines.is_empty());
    for line in lines {
        let field = |name: &str| line[name].as_str().expect("text");
        let levels = ["trace", "debug", "info", "warn", "error"];
        assert!(levels.contains(&field("@level")), "{line:?}");
        assert!(!field("@message").is_empty(), "{line:?}");
        assert_eq!(field("@module"), "provider.terraform-provider-swas");
        let timestamp = field("@timestamp");
        OffsetDateTime::parse(timestamp, &Rfc3339)?;
        assert_eq!(timestamp.len(), "2024-10-31T08:15:30.123456Z".len());
    }
    Ok(())
}

#[tokio::test]
async fn log_contains_calls_and_their_errors() -> Result<()> {
    let emulator = emulator();
    let log = log_of(&[("TF_LOG", "debug")], &emulator).await?;
    for expected in [
        "ListImages",
        "cn-hangzhou",
        &emulator.address().to_string(),
        "Forbidden.RAM",
    ] {
        assert!(log.contains(expected), "{expected} is not in {log}");
    }
    let mut calls = log_lines(&log);
    calls.retain(|line| line["@message"] == "called the API");
    assert_eq!(calls.len(), 2, "{log}");
    for call in calls {
        assert_eq!((&call["attempt"], &call["reads"]), (&json!(1), &json!(1)));
        assert_eq!(call["access_key_id"], "LTAI…stid");
    }
    // One line for each request, and none for each block.
    assert!(!log.contains("served a request"), "{log}");
    Ok(())
}

#[tokio::test]
async fn log_lines_are_truncated_to_terraform_limit() -> Result<()> {
    let emulator = emulator();
    for key in [
        "k".repeat(100_000),
        // Doubled by the escapes of JSON.
        "\\".repeat(50_000),
        "镜".repeat(30_000),
    ] {
        let key = format!("LTAI{key}");
        let start = start()
            .env("TF_LOG", "trace")
            .env("ALIBABA_CLOUD_REGION", "cn-hangzhou")
            .env("ALIBABA_CLOUD_SWAS_ENDPOINT", emulator.url())
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &key)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret");
        let provider = RunningProvider::start(start).await?;
        configure(&provider, &json!({})).await?;
        provider.read("swas_images", &json!({})).await?;
        let config = provider.data_block("swas_images", &json!({}))?;
        provider.client.read_data_source(&key, config).await?;
        let log = provider.end().await?;
        // Long values are truncated, not dropped.
        let types = log_lines(&log).into_iter();
        let types = types.filter_map(|mut line| line.remove("tf_data_source_type"));
        let longest = types.filter_map(|it| it.as_str().map(str::to_owned));
        let longest = longest.max_by_key(String::len).ok_or("no type")?;
        let shown = longest.trim_end_matches('…');
        assert!(shown.len() > 1000 && key.starts_with(shown), "{shown}");
        for line in log.lines() {
            assert!(line.len() < LINE_LIMIT, "{} bytes", line.len());
        }
    }
    Ok(())
}
