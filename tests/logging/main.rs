//! What the process writes to its log: nothing unless asked, in the form that
//! Terraform reads, and never a secret.

#[path = "../support/mod.rs"]
mod support;

mod secrets;

use serde_json::{Map, Value};
use support::provider::{Provider, settings};
use support::{emulator, ended, requested};
use swas_testing::emulator::{Answer, Emulator};
use swas_testing::plugin_client::{Protocol, Signal};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The bound above which go-plugin cuts a line in two.
const LONGEST_LINE: usize = 64 * 1024;

/// All that a process writes while it is configured, reads once with success
/// and once without, and is told to stop and to end.
async fn log_of(environment: &[(&str, &str)], emulator: &Emulator) -> String {
    let mut provider = Provider::start_as(Protocol::V6, |start| {
        environment
            .iter()
            .fold(start, |start, (name, value)| start.env(name, value))
    })
    .await;
    provider.configure(&settings(emulator)).await;
    provider.read(&[]).await;
    emulator.answer_next(Answer::error(403, "Forbidden.RAM", "Not allowed."));
    provider.read(&[]).await;
    provider.client.stop().await.expect("an answer");
    provider.connection.shutdown().await.expect("an answer");
    ended(&mut provider.process).await;
    // Nothing but the handshake line goes there, whatever is logged.
    assert_eq!(provider.process.stdout(), "");
    provider.process.stderr()
}

fn parsed(log: &str) -> Vec<Map<String, Value>> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

#[tokio::test]
async fn nothing_is_written_unless_asked() {
    let emulator = emulator();
    for environment in [
        &[][..],
        &[("TF_LOG", "")],
        &[("TF_LOG", "off")],
        &[("TF_LOG", "OFF")],
        &[("TF_LOG_CORE", "trace")],
    ] {
        assert_eq!(log_of(environment, &emulator).await, "", "{environment:?}");
    }
}

#[tokio::test]
async fn the_most_specific_variable_decides() {
    let emulator = emulator();
    for (environment, expected) in [
        (&[("TF_LOG", "debug")][..], true),
        (&[("TF_LOG", "DEBUG")], true),
        (&[("TF_LOG", "trace")], true),
        (&[("TF_LOG", "json")], true),
        (&[("TF_LOG", "info")], false),
        (&[("TF_LOG", "warn")], false),
        (&[("TF_LOG", "error")], false),
        (&[("TF_LOG_PROVIDER", "debug")], true),
        (&[("TF_LOG_PROVIDER_SWAS", "debug")], true),
        (&[("TF_LOG", "debug"), ("TF_LOG_PROVIDER", "off")], false),
        (&[("TF_LOG", "off"), ("TF_LOG_PROVIDER", "debug")], true),
        (
            &[
                ("TF_LOG_PROVIDER", "debug"),
                ("TF_LOG_PROVIDER_SWAS", "error"),
            ],
            false,
        ),
        (
            &[
                ("TF_LOG_PROVIDER", "error"),
                ("TF_LOG_PROVIDER_SWAS", "debug"),
            ],
            true,
        ),
        (&[("TF_LOG", "debug"), ("TF_LOG_PROVIDER_SWAS", "")], true),
    ] {
        let log = log_of(environment, &emulator).await;
        let found = log.contains(r#""@level":"debug""#);
        assert_eq!(found, expected, "{environment:?}: {log}");
    }
}

#[tokio::test]
async fn every_line_is_what_terraform_reads() {
    let log = log_of(&[("TF_LOG", "trace")], &emulator()).await;
    let lines = parsed(&log);
    assert!(!lines.is_empty());
    for line in lines {
        let field = |name: &str| line[name].as_str().expect("text");
        let levels = ["trace", "debug", "info", "warn", "error"];
        assert!(levels.contains(&field("@level")), "{line:?}");
        assert!(!field("@message").is_empty(), "{line:?}");
        assert_eq!(field("@module"), "provider.terraform-provider-swas");
        let timestamp = field("@timestamp");
        OffsetDateTime::parse(timestamp, &Rfc3339).expect(timestamp);
        assert_eq!(timestamp.len(), "2024-10-31T08:15:30.123456Z".len());
    }
}

#[tokio::test]
async fn calls_and_their_failures_are_told() {
    let emulator = emulator();
    let log = log_of(&[("TF_LOG", "debug")], &emulator).await;
    for told in [
        "ListImages",
        "cn-hangzhou",
        &emulator.url(),
        "Forbidden.RAM",
    ] {
        assert!(log.contains(told), "{told} is not in {log}");
    }
}

#[tokio::test]
async fn no_line_is_too_long_for_terraform() {
    let emulator = emulator();
    for key in [
        "k".repeat(100_000),
        "\u{1}".repeat(50_000),
        "镜".repeat(30_000),
    ]
    // What does not look like an ID is not shown.
    .map(|key| format!("LTAI{key}"))
    {
        let mut provider = Provider::start_as(Protocol::V6, |start| {
            start
                .env("TF_LOG", "trace")
                .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &key)
                .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret")
        })
        .await;
        let mut set = settings(&emulator);
        set.retain(|(name, _)| !name.ends_with("_key"));
        provider.configure(&set).await;
        let before = emulator.requests().len();
        provider.read(&[]).await;
        requested(&emulator, before + 1).await;
        provider.process.signal(Signal::SIGTERM).expect("a signal");
        ended(&mut provider.process).await;
        let log = provider.process.stderr();
        // What is too long is cut, and not left out.
        let mut lines = parsed(&log).into_iter();
        let calling = lines.find(|line| line["@message"] == "calling");
        let shown = calling.expect("a call")["access_key_id"].clone();
        let shown = shown.as_str().expect("text").trim_end_matches('…');
        assert!(shown.len() > 1000 && key.starts_with(shown), "{shown}");
        for line in log.lines() {
            assert!(line.len() < LONGEST_LINE, "{} bytes", line.len());
        }
    }
}
