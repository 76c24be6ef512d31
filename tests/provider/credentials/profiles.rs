//! Every mode of the CLI's profiles and every type of the INI file.

use std::fs;

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::{MODES, chained, ram_role_arn};
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, SECRET, TOKEN, profile, role, secret};
use crate::support::{state, with};

#[tokio::test]
async fn every_mode_of_a_profile_gives_credentials() -> Result<()> {
    for mode in MODES {
        let key = (mode.set)(Machine::new()?).key().await?;
        assert!(key.starts_with(mode.key), "{}: {key}", mode.name);
    }
    Ok(())
}

/// Nobody but the CLI uses up the refresh token, and only its file has the keys.
#[tokio::test]
async fn a_sign_in_is_exchanged_once_and_its_file_stays_as_it_is() -> Result<()> {
    for name in ["OAuth in China", "CloudSSO"] {
        let mode = MODES.iter().find(|mode| mode.name == name);
        let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
        let file = machine.path(".aliyun/config.json");
        let before = fs::read(&file)?;
        let provider = machine.start().await?;
        for region in ["cn-hangzhou", "us-west-1"] {
            state(&provider, &json!({"region_id": region})).await?;
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

/// As roles are assumed again. What will not pass is not tried twice.
#[tokio::test]
async fn a_sign_in_is_exchanged_again_where_a_failure_may_pass() -> Result<()> {
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
            let answer = provider.read("swas_images", &json!({})).await?;
            let told = shown(&answer.diagnostics);
            assert_eq!(told.is_empty(), attempts > 1, "{name} {failure:?}: {told}");
            let requests = machine.emulator.requests().into_iter();
            let exchanges = requests.filter(|request| request.action().is_empty());
            assert_eq!(exchanges.count(), attempts, "{name} {failure:?}");
        }
        let mode = MODES.iter().find(|mode| mode.name == name);
        let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
        // Time for no further attempt.
        machine.emulator.reply_always(Reply::raw(503, ""));
        let told = machine.set("max_retry_timeout", 0).told().await?;
        assert!(told.contains("HTTP 503"), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_role_is_assumed_with_the_role_of_the_instance() -> Result<()> {
    let mode = MODES
        .iter()
        .find(|mode| mode.name == "RamRoleArnWithRoleName");
    let machine = (mode.ok_or("no such mode")?.set)(Machine::new()?);
    machine.key().await?;
    let with = machine.keys_of("AssumeRole");
    assert!(
        with.len() == 1 && with[0].starts_with("STS.ecs-testrole."),
        "{with:?}"
    );
    Ok(())
}

/// A role that is assumed with a role that is assumed with a key.
#[tokio::test]
async fn a_chain_of_three_profiles_gives_credentials() -> Result<()> {
    let profiles = [
        with(&ram_role_arn(), "name", "middle"),
        with(&chained("middle"), "name", "last"),
    ];
    let machine = Machine::new()?.cli_file("last", &json!(profiles));
    assert_eq!(machine.key().await?, "STS.role-last.2");
    assert_eq!(
        machine.keys_of("AssumeRole"),
        ["LTAIother", "STS.role-reader.1"]
    );
    let calls = machine.calls("AssumeRole");
    assert_eq!(calls[0].parameter("DurationSeconds"), Some("900"));
    Ok(())
}

#[tokio::test]
async fn every_type_of_the_ini_file_gives_credentials() -> Result<()> {
    let keys = |id| format!("access_key_id = {id}\naccess_key_secret = {}\n", secret(id));
    let sts = format!(
        "type = sts\n{}security_token = {TOKEN}\n",
        keys("STS.static")
    );
    let role = format!(
        "type = ram_role_arn\n{}role_arn = {}\nrole_session_name = session\n",
        keys("LTAIini"),
        role("reader")
    );
    for (fields, expected) in [
        (sts.as_str(), "STS.static"),
        (
            "type = ecs_ram_role\nrole_name = testrole\n",
            "STS.ecs-testrole.",
        ),
        (&role, "STS.role-reader."),
    ] {
        let text = format!("[default]\n{fields}");
        let machine = Machine::new()?
            .ecs()
            .file(".alibabacloud/credentials.ini", text);
        let key = machine.key().await?;
        assert!(key.starts_with(expected), "{key}");
    }
    Ok(())
}

/// Also to those whose keys are elsewhere, and only where nobody names one.
#[tokio::test]
async fn a_profile_gives_the_region() -> Result<()> {
    for (variable, block, expected) in [
        ("", None, "us-west-1"),
        ("ap-southeast-1", None, "ap-southeast-1"),
        ("ap-southeast-1", Some("cn-hangzhou"), "cn-hangzhou"),
    ] {
        let machine = Machine::with_key()?
            .cli_file("default", &json!([profile("default", "LTAIcurrent")]))
            .env("ALIBABA_CLOUD_REGION", variable)
            .set("region", block);
        assert_eq!(machine.key().await?, "LTAIenv");
        let calls = machine.calls("ListImages");
        assert_eq!(calls[0].parameter("RegionId"), Some(expected));
    }
    Ok(())
}
