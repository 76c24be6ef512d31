//! Every mode of a CLI profile.

use std::fs;

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::{MODES, chained, ram_role_arn};
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, SECRET, profile};
use crate::support::{read_state, with};

#[tokio::test]
async fn every_profile_mode_gives_credentials() -> Result<()> {
    for mode in MODES {
        let key = (mode.set)(Machine::new()?).listing_key().await?;
        assert!(key.starts_with(mode.key), "{}: {key}", mode.name);
    }
    Ok(())
}

/// The refresh token and the CLI's file are left to the CLI.
#[tokio::test]
async fn sign_in_token_is_exchanged_once_and_file_is_not_written() -> Result<()> {
    for name in ["OAuth in China", "CloudSSO"] {
        let mode = MODES.iter().find(|mode| mode.name == name);
        let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
        let file = machine.path(".aliyun/config.json");
        let before = fs::read(&file)?;
        let provider = machine.start().await?;
        for region in ["cn-hangzhou", "us-west-1"] {
            read_state(&provider, &json!({"region_id": region})).await?;
        }
        let requests = machine.emulator.requests();
        let exchanges: Vec<_> = requests.iter().filter(|one| one.action() == "").collect();
        let [exchange] = exchanges[..] else {
            return Err(format!("{name}: {exchanges:?}").into());
        };
        assert!(!format!("{exchange:?}").contains("refresh"), "{exchange:?}");
        assert!(!exchange.target.contains(SECRET), "{exchange:?}");
        assert_eq!(fs::read(&file)?, before, "{name}");
    }
    Ok(())
}

/// Retries as for other credentials calls. Permanent failures are not retried.
#[tokio::test]
async fn sign_in_exchange_retries_transient_failures_only() -> Result<()> {
    let throttled = Reply::raw(429, "").with_header("retry-after", "1");
    let no_keys = Reply::json("{}");
    for name in ["OAuth in China", "CloudSSO"] {
        for (failure, attempts) in [
            (Reply::raw(503, "busy"), 2),
            (Reply::raw(500, r#"{"error": "internal"}"#), 2),
            (throttled.clone(), 2),
            (Reply::reset(), 2),
            (Reply::close(), 2),
            (Reply::raw(401, ""), 1),
            (Reply::raw(404, ""), 1),
            (no_keys.clone(), 1),
        ] {
            let mode = MODES.iter().find(|mode| mode.name == name);
            let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
            let machine = machine.set("max_retry_timeout", 60);
            machine.emulator.reply_next(failure.clone());
            let provider = machine.start().await?;
            let response = provider.read("swas_images", &json!({})).await?;
            let text = shown(&response.diagnostics);
            assert_eq!(text.is_empty(), attempts > 1, "{name} {failure:?}: {text}");
            let requests = machine.emulator.requests().into_iter();
            let exchanges = requests.filter(|request| request.action().is_empty());
            assert_eq!(exchanges.count(), attempts, "{name} {failure:?}");
        }
        let mode = MODES.iter().find(|mode| mode.name == name);
        let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
        // There is no time for another attempt.
        machine.emulator.reply_always(Reply::raw(503, ""));
        let text = machine.set("max_retry_timeout", 0).error_text().await?;
        assert!(text.contains("HTTP 503"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn profile_role_is_assumed_with_ecs_instance_role() -> Result<()> {
    let mode = MODES
        .iter()
        .find(|mode| mode.name == "RamRoleArnWithRoleName");
    let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
    machine.listing_key().await?;
    let with = machine.keys_of("AssumeRole");
    assert!(
        with.len() == 1 && with[0].starts_with("STS.ecs-testrole."),
        "{with:?}"
    );
    Ok(())
}

/// The key assumes the first role, whose credentials assume the second.
#[tokio::test]
async fn chained_profiles_assume_each_role_in_turn() -> Result<()> {
    let profiles = [
        with(&ram_role_arn(), "name", "middle"),
        with(&chained("middle"), "name", "last"),
    ];
    let machine = Machine::new()?.cli_file("last", &json!(profiles));
    assert_eq!(machine.listing_key().await?, "STS.role-last.2");
    assert_eq!(
        machine.keys_of("AssumeRole"),
        ["LTAIother", "STS.role-reader.1"]
    );
    let calls = machine.calls("AssumeRole");
    assert_eq!(calls[0].parameter("DurationSeconds"), Some("900"));
    Ok(())
}

/// The profile's region is the default, also if the credentials come from another
/// source.
#[tokio::test]
async fn region_precedence_block_environment_profile() -> Result<()> {
    for (variable, block, expected) in [
        ("", None, "us-west-1"),
        ("ap-southeast-1", None, "ap-southeast-1"),
        ("ap-southeast-1", Some("cn-hangzhou"), "cn-hangzhou"),
    ] {
        let machine = Machine::with_key()?
            .cli_file("default", &json!([profile("default", "LTAIcurrent")]))
            .env("ALIBABA_CLOUD_REGION", variable)
            .set("region", block);
        assert_eq!(machine.listing_key().await?, "LTAIenv");
        let calls = machine.calls("ListImages");
        assert_eq!(calls[0].parameter("RegionId"), Some(expected));
    }
    Ok(())
}
