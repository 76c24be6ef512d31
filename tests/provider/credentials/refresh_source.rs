//! A refresh of temporary credentials stays with the source that gave the first ones.

use std::fs;

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::machine::sources::ram_role_arn;
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, profile, secret};
use crate::support::{read_state, with};

const CLI: &str = ".aliyun/config.json";

/// A profile that assumes a role, and working keys in the INI file behind it.
fn machine() -> Result<(Machine, Value)> {
    let role = with(&ram_role_arn(), "name", "default");
    let keys = format!(
        "access_key_id = LTAIini\naccess_key_secret = {}\n",
        secret("LTAIini")
    );
    let machine = Machine::new()?.cli_file("default", &json!([role])).file(
        ".alibabacloud/credentials.ini",
        format!("[default]\n{keys}"),
    );
    Ok((machine, role))
}

#[tokio::test]
async fn refresh_without_the_first_source_is_an_error_and_no_fallback() -> Result<()> {
    let (machine, _) = machine()?;
    let provider = machine.start().await?;
    read_state(&provider, &json!({"image_type": "system"})).await?;
    fs::remove_file(machine.path(CLI))?;
    machine.emulator.expire_issued_keys();
    let response = provider
        .read("swas_images", &json!({"image_type": "app"}))
        .await?;
    let text = shown(&response.diagnostics);
    assert!(text.contains("config.json does not exist"), "{text}");
    assert_eq!(response.state, None);
    let keys = machine.keys_of("ListImages");
    assert!(
        keys.iter().all(|key| key.starts_with("STS.role-")),
        "{keys:?}"
    );
    Ok(())
}

#[tokio::test]
async fn refresh_stays_with_the_profile_that_was_current_at_first() -> Result<()> {
    let (machine, role) = machine()?;
    let provider = machine.start().await?;
    read_state(&provider, &json!({"image_type": "system"})).await?;
    let machine = machine.cli_file("other", &json!([role, profile("other", "LTAIcurrent")]));
    machine.emulator.expire_issued_keys();
    read_state(&provider, &json!({"image_type": "app"})).await?;
    let keys = machine.keys_of("ListImages");
    assert!(
        keys.iter().all(|key| key.starts_with("STS.role-")),
        "{keys:?}"
    );
    Ok(())
}

#[tokio::test]
async fn refresh_stays_with_the_role_that_the_ecs_instance_had_at_first() -> Result<()> {
    let profile = json!([{"name": "default", "mode": "EcsRamRole"}]);
    for machine in [
        Machine::new()?.ecs(),
        Machine::new()?.ecs().cli_file("default", &profile),
    ] {
        let provider = machine.start().await?;
        read_state(&provider, &json!({"image_type": "system"})).await?;
        machine.emulator.set_ecs_role("another");
        machine.emulator.expire_issued_keys();
        let response = provider
            .read("swas_images", &json!({"image_type": "app"}))
            .await?;
        let text = shown(&response.diagnostics);
        assert!(text.contains("/testrole"), "{text}");
        let keys = machine.keys_of("ListImages");
        assert!(
            keys.iter().all(|key| key.starts_with("STS.ecs-testrole.")),
            "{keys:?}"
        );
    }
    Ok(())
}
