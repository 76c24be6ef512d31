//! What the process writes to its log: nothing unless asked, and in the form
//! that Terraform reads.

use serde_json::json;
use swas_testing::emulator::{Emulator, Reply};
use swas_testing::running_provider::{Result, RunningProvider};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::{configure, emulator, ended, log_lines, settings, start};

/// The bound above which go-plugin cuts a line in two.
const LONGEST_LINE: usize = 64 * 1024;

/// All that a process writes while it is configured, reads once with success
/// and once without, and is told to stop and to end.
async fn log_of(environment: &[(&str, &str)], emulator: &Emulator) -> Result<String> {
    let set = environment.iter();
    let start = set.fold(start(), |start, (name, value)| start.env(name, value));
    let mut provider = RunningProvider::start(start).await?;
    configure(&provider, &settings(emulator)).await?;
    provider.read("swas_images", &json!({})).await?;
    emulator.reply_next(Reply::error(403, "Forbidden.RAM", "Not allowed."));
    provider
        .read("swas_images", &json!({"region_id": "us-west-1"}))
        .await?;
    provider.client.stop().await?;
    provider.connection.shutdown().await?;
    ended(&mut provider.process).await;
    // Nothing but the handshake line goes there, whatever is logged.
    assert_eq!(provider.process.stdout(), "");
    Ok(provider.process.stderr())
}

#[tokio::test]
async fn nothing_is_written_unless_asked() -> Result<()> {
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
async fn the_most_specific_variable_decides() -> Result<()> {
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
async fn every_line_is_what_terraform_reads() -> Result<()> {
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
async fn calls_and_their_failures_are_told() -> Result<()> {
    let emulator = emulator();
    let log = log_of(&[("TF_LOG", "debug")], &emulator).await?;
    for told in [
        "ListImages",
        "cn-hangzhou",
        &emulator.address().to_string(),
        "Forbidden.RAM",
    ] {
        assert!(log.contains(told), "{told} is not in {log}");
    }
    Ok(())
}

#[tokio::test]
async fn no_line_is_too_long_for_terraform() -> Result<()> {
    let emulator = emulator();
    for key in [
        "k".repeat(100_000),
        "\u{1}".repeat(50_000),
        "镜".repeat(30_000),
    ] {
        // What does not look like an ID is not shown.
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
        let log = provider.end().await?;
        // What is too long is cut, and not left out.
        let mut lines = log_lines(&log).into_iter();
        let called = lines.find(|line| line["@message"] == "called the API");
        let shown = called.ok_or("no call")?["access_key_id"].clone();
        let shown = shown.as_str().ok_or("no text")?.trim_end_matches('…');
        assert!(shown.len() > 1000 && key.starts_with(shown), "{shown}");
        for line in log.lines() {
            assert!(line.len() < LONGEST_LINE, "{} bytes", line.len());
        }
    }
    Ok(())
}
