//! Deprecated environment variables: they are read after their replacements, with one
//! warning.

use std::time::Duration;

use serde_json::{Value, json};
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{
    CLOSED_ENDPOINT, Machine, OIDC_PROVIDER, OIDC_TOKEN, Run, profile, role, secret,
};

type Variables<'a> = &'a [(&'a str, &'a str)];

const WARNING: &str = "warning: Deprecated environment variables";

fn with_variables(machine: Machine, variables: Variables<'_>) -> Machine {
    let variables = variables.iter();
    variables.fold(machine, |machine, (name, value)| machine.env(name, value))
}

/// A machine with two profiles, of which `LTAIcurrent` is the current one.
fn with_cli_file() -> Result<Machine> {
    let profiles = json!([
        profile("default", "LTAIcurrent"),
        profile("other", "LTAIother")
    ]);
    Ok(Machine::new()?.cli_file("default", &profiles))
}

/// Asserts that the images are listed with a key that starts with `expected`, and that
/// there is one warning, which names these variables and replacements and no others.
async fn assert_used(machine: &Machine, expected: &str, pairs: Variables<'_>) -> Result<()> {
    let text = machine.all_diagnostics().await?;
    let keys = machine.keys_of("ListImages");
    assert!(
        keys.len() == 1 && keys[0].starts_with(expected),
        "{keys:?} instead of {expected}: {text}"
    );
    let mut lines = text.lines();
    if pairs.is_empty() {
        assert_eq!(lines.next(), None, "{text}");
        return Ok(());
    }
    assert_eq!(lines.next(), Some(WARNING), "{text}");
    let found: Vec<_> = lines.filter_map(|line| line.strip_prefix("  - ")).collect();
    let pairs = pairs.iter().map(|(old, new)| format!("{old}: set {new}"));
    assert_eq!(found, pairs.collect::<Vec<_>>());
    Ok(())
}

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";

#[tokio::test]
async fn deprecated_access_key_is_used_with_a_warning() -> Result<()> {
    let key_secret = secret("LTAIenv");
    for (id, secret) in [
        ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
        ("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET"),
        (
            "ALIBABACLOUD_ACCESS_KEY_ID",
            "ALIBABACLOUD_ACCESS_KEY_SECRET",
        ),
        ("ALIBABA_CLOUD_ACCESS_KEY", "ALIBABA_CLOUD_SECRET_KEY"),
    ] {
        let variables = [(id, "LTAIenv"), (secret, &key_secret)];
        let machine = with_variables(Machine::new()?, &variables);
        assert_used(&machine, "LTAIenv", &[(id, ID), (secret, KEY_SECRET)]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn deprecated_variables_of_each_source_are_used_with_a_warning() -> Result<()> {
    let role = role("env");
    let uri = Machine::new()?;
    let address = uri.emulator.credentials_uri();
    let shared = with_cli_file()?;
    let file = shared.path(".aliyun/config.json");
    for (machine, variables, expected, pairs) in [
        (
            with_cli_file()?,
            &[("ALICLOUD_PROFILE", "other")][..],
            "LTAIother",
            &[("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE")][..],
        ),
        (
            shared,
            &[("ALICLOUD_SHARED_CREDENTIALS_FILE", file.as_str())],
            "LTAIcurrent",
            &[(
                "ALICLOUD_SHARED_CREDENTIALS_FILE",
                "ALIBABA_CLOUD_CREDENTIALS_FILE",
            )],
        ),
        (
            Machine::new()?.ecs(),
            &[("ALICLOUD_ECS_ROLE_NAME", "testrole")],
            "STS.ecs-testrole.",
            &[("ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA")],
        ),
        (
            uri,
            &[("ALICLOUD_CREDENTIALS_URI", address.as_str())],
            "STS.uri.",
            &[("ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI")],
        ),
        (
            Machine::with_key()?,
            &[("ALICLOUD_ASSUME_ROLE_ARN", &role)],
            "STS.role-env.",
            &[("ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN")],
        ),
        (
            Machine::new()?,
            &[
                ("ALIBABACLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER),
                ("ALIBABACLOUD_OIDC_TOKEN", OIDC_TOKEN),
                ("ALIBABACLOUD_ROLE_ARN", &role),
            ],
            "STS.oidc-env.",
            &[
                (
                    "ALIBABACLOUD_OIDC_PROVIDER_ARN",
                    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
                ),
                ("ALIBABACLOUD_OIDC_TOKEN", "ALIBABA_CLOUD_OIDC_TOKEN"),
                ("ALIBABACLOUD_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
            ],
        ),
    ] {
        assert_used(&with_variables(machine, variables), expected, pairs).await?;
    }
    Ok(())
}

#[tokio::test]
async fn deprecated_region_is_used_with_a_warning() -> Result<()> {
    let region = ("ALIBABA_CLOUD_REGION", "");
    for name in ["ALICLOUD_REGION", "ALIBABACLOUD_REGION_ID"] {
        let variables = [region, (name, "us-west-1")];
        let machine = with_variables(Machine::with_key()?, &variables);
        let text = machine.all_diagnostics().await?;
        assert!(text.contains(&format!("- {name}: set ALIBABA_")), "{text}");
        let calls = machine.calls("ListImages");
        assert_eq!(calls[0].parameter("RegionId"), Some("us-west-1"));
    }
    Ok(())
}

#[tokio::test]
async fn deprecated_session_variables_are_used_with_a_warning() -> Result<()> {
    let session = [
        ("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "alice"),
        ("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "900"),
    ];
    let pairs = [
        (
            "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",
            "\"session_expiration\" in the provider block",
        ),
        (
            "ALICLOUD_ASSUME_ROLE_SESSION_NAME",
            "ALIBABA_CLOUD_ROLE_SESSION_NAME",
        ),
    ];
    let role = role("env");
    for machine in [
        Machine::with_key()?.assume("env"),
        Machine::with_key()?.env("ALIBABA_CLOUD_ROLE_ARN", &role),
    ] {
        let machine = with_variables(machine, &session);
        assert_used(&machine, "STS.role-env.", &pairs).await?;
        let calls = machine.calls("AssumeRole");
        assert_eq!(calls[0].parameter("RoleSessionName"), Some("alice"));
        assert_eq!(calls[0].parameter("DurationSeconds"), Some("900"));
    }
    Ok(())
}

#[tokio::test]
async fn deprecated_timeout_variable_is_used_unless_the_block_sets_the_timeout() -> Result<()> {
    let wait = Duration::from_secs(400).as_millis().to_string();
    let throttled =
        Reply::error(400, "Throttling.User", "").with_header("x-acs-retry-after", &wait);
    for (argument, is_used) in [(Value::Null, true), (300.into(), false)] {
        let machine = Machine::with_key()?.env("MAX_RETRY_TIMEOUT", "0");
        machine.emulator.reply_always(throttled.clone());
        let text = machine
            .set("max_retry_timeout", argument)
            .all_diagnostics()
            .await?;
        let line = "- MAX_RETRY_TIMEOUT: set \"max_retry_timeout\" in the provider block";
        assert_eq!(text.contains(line), is_used, "{text}");
    }
    let machine = Machine::with_key()?.env("CLIENT_READ_TIMEOUT", "200");
    let machine = machine.env("CLIENT_CONNECT_TIMEOUT", "100");
    machine.emulator.reply_always(Reply::hang());
    let text = machine
        .set("max_retry_timeout", 0)
        .all_diagnostics()
        .await?;
    assert!(
        text.contains("the connection was silent for 200 ms"),
        "{text}"
    );
    assert!(
        text.contains("CLIENT_READ_TIMEOUT is 200 milliseconds."),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn invalid_deprecated_variable_error_names_it() -> Result<()> {
    let mut golden = Golden::default();
    for (name, value) in [
        ("ALICLOUD_REGION", "Hangzhou"),
        ("CLIENT_READ_TIMEOUT", "soon"),
        ("CLIENT_CONNECT_TIMEOUT", "60000"),
        ("MAX_RETRY_TIMEOUT", "-1"),
        ("ALICLOUD_ECS_METADATA_DISABLED", "maybe"),
    ] {
        let machine = Machine::with_key()?.env("ALIBABA_CLOUD_REGION", "");
        let machine = machine.set("max_retry_timeout", Value::Null);
        golden.add(name, &machine.env(name, value).config_error_text().await?);
    }
    golden.assert("invalid_deprecated_variables");
    Ok(())
}

/// Key ID, secret and token belong together.
#[tokio::test]
async fn access_key_from_new_and_deprecated_variables_is_an_error() -> Result<()> {
    let key_secret = secret("LTAIenv");
    let key_secret = key_secret.as_str();
    let mut golden = Golden::default();
    for variables in [
        [(ID, "LTAIenv"), ("ALICLOUD_SECRET_KEY", key_secret)],
        [
            ("ALICLOUD_ACCESS_KEY", "LTAIenv"),
            ("ALIBABACLOUD_ACCESS_KEY_SECRET", key_secret),
        ],
        [("ALICLOUD_ACCESS_KEY", "LTAIenv"), (KEY_SECRET, key_secret)],
        // The official provider's old names have the prefix of the new ones.
        [(ID, "LTAIenv"), ("ALIBABA_CLOUD_SECRET_KEY", key_secret)],
        [
            ("ALIBABA_CLOUD_ACCESS_KEY", "LTAIenv"),
            (KEY_SECRET, key_secret),
        ],
    ] {
        let machine = with_variables(Machine::new()?, &variables);
        let case = format!("{}, {}", variables[0].0, variables[1].0);
        golden.add(case, &machine.all_diagnostics().await?);
        assert_eq!(machine.emulator.connections(), 0);
    }
    let machine = Machine::with_key()?.env("ALICLOUD_SECURITY_TOKEN", "swordfish");
    golden.add("token", &machine.all_diagnostics().await?);
    golden.assert("access_keys_of_different_prefixes");
    Ok(())
}

#[tokio::test]
async fn precedence_of_current_variables_over_deprecated_ones() -> Result<()> {
    let old_secret = secret("LTAIold");
    let old: Variables<'_> = &[
        ("ALICLOUD_ACCESS_KEY", "LTAIold"),
        ("ALICLOUD_SECRET_KEY", &old_secret),
        ("ALICLOUD_SECURITY_TOKEN", "swordfish"),
    ];
    let profile = [("ALICLOUD_PROFILE", "other")];
    let region = [("ALICLOUD_REGION", "us-west-1")];
    let limits = [("CLIENT_READ_TIMEOUT", "1"), ("MAX_RETRY_TIMEOUT", "1")];
    let block_secret = secret("LTAIblock");
    let in_block = || {
        let machine = Machine::new()?.set("access_key", "LTAIblock");
        Ok::<_, Box<dyn std::error::Error>>(machine.set("secret_key", &*block_secret))
    };
    let with_session = json!([{
        "role_arn": role("reader"), "session_name": "bob", "session_expiration": 900,
    }]);
    for (machine, variables, expected) in [
        (Machine::with_key()?, old, "LTAIenv"),
        // Sources behind the one that is used are not read.
        (Machine::with_key()?, &profile, "LTAIenv"),
        (in_block()?, old, "LTAIblock"),
        (in_block()?, &profile, "LTAIblock"),
        (with_cli_file()?.set("profile", "other"), old, "LTAIother"),
        (with_cli_file()?, &region, "LTAIcurrent"),
        (
            with_cli_file()?,
            &[("ALICLOUD_ACCESS_KEY", " ")],
            "LTAIcurrent",
        ),
        (
            Machine::with_key()?.set("assume_role", with_session),
            &[("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "alice")],
            "STS.role-reader.",
        ),
        (
            Machine::with_key()?
                .set("client_read_timeout", 10_000)
                .set("max_retry_timeout", 10),
            &limits,
            "LTAIenv",
        ),
        (
            with_cli_file()?
                .env("ALIBABA_CLOUD_REGION", "")
                .set("region", "cn-hangzhou"),
            &region,
            "LTAIcurrent",
        ),
    ] {
        assert_used(&with_variables(machine, variables), expected, &[]).await?;
    }
    let closed = [("ALICLOUD_SWAS_ENDPOINT", CLOSED_ENDPOINT)];
    let machine = with_variables(Machine::with_key()?, &closed);
    assert_used(&machine, "LTAIenv", &[]).await
}

/// Variables that are read only with a profile are named by the first read.
#[tokio::test]
async fn deprecated_variable_that_only_a_profile_reads_is_named_once() -> Result<()> {
    let machine = Machine::new()?;
    let uri = format!("{}/old", machine.emulator.credentials_uri());
    let profile = json!({"name": "default", "mode": "CredentialsURI"});
    let machine = machine
        .cli_file("default", &json!([profile]))
        .env("ALICLOUD_CREDENTIALS_URI", uri);
    assert_used(
        &machine,
        "STS.uri-old.",
        &[("ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI")],
    )
    .await
}

#[tokio::test]
async fn deprecated_variables_without_effect_are_not_named() -> Result<()> {
    let variables = [
        ("ALIBABACLOUD_OIDC_PROVIDER_ARN", "x"),
        ("ALICLOUD_IMDSV1_DISABLED", "1"),
    ];
    let machine = with_variables(Machine::with_key()?, &variables);
    assert_used(&machine, "LTAIenv", &[]).await
}

#[tokio::test]
async fn error_names_the_deprecated_variable_of_the_profile() -> Result<()> {
    let machine = Machine::new()?.env("ALICLOUD_PROFILE", "ghost");
    let text = machine.all_diagnostics().await?;
    let expected = "No other source was checked, because ALICLOUD_PROFILE names a profile.";
    assert!(text.contains(expected), "{text}");
    Ok(())
}
