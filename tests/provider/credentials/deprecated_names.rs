//! Every deprecated name of a variable, in the default credential chain.

use std::collections::BTreeSet;

use serde_json::json;
use swas_testing::machine::sources::SOURCES;
use swas_testing::running_provider::Result;

use crate::machine::{ENV_PREFIX, METADATA, Machine, Run, TOKEN, profile, role, secret};

const PREFIXES: [&str; 2] = ["ALICLOUD_", "ALIBABACLOUD_"];

/// Names that differ in more than the prefix, and their replacements.
const NAMES: [(&str, &str); 8] = [
    ("ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
    ("ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
    ("ALIBABA_CLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"),
    (
        "ALIBABA_CLOUD_SECRET_KEY",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    ),
    (
        "ALICLOUD_SHARED_CREDENTIALS_FILE",
        "ALIBABA_CLOUD_CREDENTIALS_FILE",
    ),
    ("ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"),
    ("ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
    (
        "ALICLOUD_ASSUME_ROLE_SESSION_NAME",
        "ALIBABA_CLOUD_ROLE_SESSION_NAME",
    ),
];

/// Replaces the prefix of all variables that are set. Returns the lines of the warning too.
fn deprecated(machine: Machine, prefix: &str) -> (Machine, BTreeSet<String>) {
    // The address of the metadata service is a variable of tests.
    let is_included = |name: &str| name.starts_with(ENV_PREFIX) && name != METADATA;
    let set = machine.environment().iter();
    let set = set.filter(|(name, value)| is_included(name) && !value.is_empty());
    let lines = set.map(|(name, _)| {
        let deprecated = name.replacen(ENV_PREFIX, prefix, 1);
        format!("{deprecated}: set {name}")
    });
    let lines = lines.collect();
    (machine.with_env_prefix(prefix, is_included), lines)
}

/// Asserts that images are listed with this key, and that there is one warning with these
/// lines.
async fn assert_used(machine: &Machine, key: &str, expected: &BTreeSet<String>) -> Result<()> {
    let text = machine.all_diagnostics().await?;
    let keys = machine.keys_of("ListImages");
    assert!(
        keys.len() == 1 && keys[0].starts_with(key),
        "{keys:?}, not {key}: {text}"
    );
    assert_eq!(text.matches("warning: ").count(), 1, "{text}");
    assert!(!text.contains("error"), "{text}");
    let lines = text.lines().filter_map(|line| line.strip_prefix("  - "));
    assert_eq!(&lines.map(str::to_owned).collect::<BTreeSet<_>>(), expected);
    Ok(())
}

/// Region and endpoints have deprecated names too.
#[tokio::test]
async fn every_source_is_used_with_deprecated_prefixes_alone() -> Result<()> {
    for prefix in PREFIXES {
        for source in SOURCES
            .iter()
            .filter(|source| source.name.starts_with("env "))
        {
            let (machine, lines) = deprecated((source.set)(Machine::new()?), prefix);
            assert_used(&machine, source.key, &lines).await?;
        }
    }
    Ok(())
}

/// The variables that modify a source.
#[tokio::test]
async fn every_modifying_variable_is_used_with_deprecated_prefixes_alone() -> Result<()> {
    for prefix in PREFIXES {
        let machine = Machine::new()?
            .key_in_environment("STS.static")
            .env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN)
            .env("ALIBABA_CLOUD_REGION", "")
            .env("ALIBABA_CLOUD_REGION_ID", "us-west-1")
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .env("ALIBABA_CLOUD_ROLE_SESSION_NAME", "alice")
            .env("ALIBABA_CLOUD_EXTERNAL_ID", "partner")
            .env("ALIBABA_CLOUD_STS_REGION", "us-west-1")
            .env("ALIBABA_CLOUD_SWAS_ENDPOINT", "")
            .set("assume_role", json!([{}]));
        let url = machine.emulator.url();
        let machine = machine.env("ALIBABA_CLOUD_ENDPOINT_SWAS_OPEN", url);
        let (machine, lines) = deprecated(machine, prefix);
        assert_used(&machine, "STS.role-env.", &lines).await?;
        let calls = machine.calls("AssumeRole");
        assert_eq!(calls[0].parameter("RoleSessionName"), Some("alice"));
        assert_eq!(calls[0].parameter("ExternalId"), Some("partner"));
        assert_eq!(calls[0].parameter("SecurityToken"), Some(TOKEN));
        let calls = machine.calls("ListImages");
        assert_eq!(calls[0].parameter("RegionId"), Some("us-west-1"));
    }
    Ok(())
}

#[tokio::test]
async fn every_deprecated_name_of_the_official_tools_is_used() -> Result<()> {
    let key_secret = secret("LTAIenv");
    let cli = || {
        let profiles = json!([profile("default", "LTAIcurrent")]);
        let machine = Machine::new()?.cli_file("default", &profiles);
        Ok::<_, std::io::Error>(machine)
    };
    let file = cli()?;
    let path = file.path("elsewhere/config");
    let text = json!({"profiles": [profile("default", "LTAIfile")]}).to_string();
    let file = file.file("elsewhere/config", text);
    let role = role("env");
    for (machine, variables, key) in [
        (
            cli()?,
            vec![(NAMES[0], "LTAIenv"), (NAMES[1], &*key_secret)],
            "LTAIenv",
        ),
        (
            cli()?,
            vec![(NAMES[2], "LTAIenv"), (NAMES[3], &*key_secret)],
            "LTAIenv",
        ),
        (file, vec![(NAMES[4], &*path)], "LTAIfile"),
        (
            Machine::new()?.ecs(),
            vec![(NAMES[5], "testrole")],
            "STS.ecs-testrole.",
        ),
        (
            cli()?,
            vec![(NAMES[6], &*role), (NAMES[7], "alice")],
            "STS.role-env.",
        ),
    ] {
        let set =
            |machine: Machine, ((name, _), value): &((&str, _), &str)| machine.env(name, value);
        let machine = variables.iter().fold(machine, set);
        let lines = variables.iter();
        let lines = lines.map(|((name, current), _)| format!("{name}: set {current}"));
        assert_used(&machine, key, &lines.collect()).await?;
    }
    Ok(())
}
