//! Deprecated environment variables. A diagnostic names the replacement if the value is
//! missing, or if another source is used instead.

use std::time::Duration;

use serde_json::{Value, json};
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{
    CLOSED_ENDPOINT, Machine, OIDC_PROVIDER, OIDC_TOKEN, Run, SECRET, profile, role, secret,
};

const KEYS: [(&str, &str); 2] = [
    ("ALICLOUD_ACCESS_KEY", SECRET),
    ("ALICLOUD_SECRET_KEY", SECRET),
];

fn with_variables(machine: Machine, variables: &[(&str, &str)]) -> Machine {
    let variables = variables.iter();
    variables.fold(machine, |machine, (name, value)| machine.env(name, value))
}

fn with_cli_file() -> Result<Machine> {
    let profiles = json!([
        profile("default", "LTAIcurrent"),
        profile("other", "LTAIother")
    ]);
    Ok(Machine::new()?.cli_file("default", &profiles))
}

fn with_block(machine: Machine, block: &Value) -> Machine {
    let arguments = block.as_object().into_iter().flatten();
    arguments.fold(machine, |machine, (name, value)| {
        machine.set(name, value.clone())
    })
}

#[tokio::test]
async fn deprecated_variable_is_named_when_its_value_is_missing() -> Result<()> {
    let (role, key) = (role("reader"), secret("LTAIenv"));
    let (role, key) = (role.as_str(), key.as_str());
    let half = |old| vec![("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv"), (old, key)];
    let assume = json!({"assume_role": [{}]});
    let oidc = json!({"assume_role_with_oidc": [{}]});
    let region = ("ALIBABA_CLOUD_REGION", "");
    let mut golden = Golden::default();
    for (case, block, variables) in [
        (
            "region",
            json!({}),
            vec![region, ("ALICLOUD_REGION", "cn-beijing")],
        ),
        (
            "credentials",
            json!({}),
            [&KEYS[..], &[("ALIBABACLOUD_PROFILE", " ")]].concat(),
        ),
        (
            "half a key of alicloud",
            json!({}),
            half("ALICLOUD_SECRET_KEY"),
        ),
        (
            "half a key of the CLI",
            json!({}),
            half("ALIBABACLOUD_ACCESS_KEY_SECRET"),
        ),
        (
            "role of alicloud",
            assume.clone(),
            vec![("ALICLOUD_ASSUME_ROLE_ARN", role)],
        ),
        (
            "role of the CLI",
            assume,
            vec![("ALIBABACLOUD_ROLE_ARN", role)],
        ),
        (
            "OIDC in the block",
            oidc,
            vec![
                ("ALIBABACLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER),
                ("ALICLOUD_ASSUME_ROLE_ARN", role),
                ("ALIBABACLOUD_OIDC_TOKEN", OIDC_TOKEN),
            ],
        ),
        (
            "OIDC in the environment",
            json!({}),
            vec![
                ("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN),
                ("ALIBABA_CLOUD_ROLE_ARN", role),
                ("ALIBABACLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER),
            ],
        ),
    ] {
        let machine = with_variables(Machine::new()?, &variables);
        golden.add(case, &with_block(machine, &block).all_diagnostics().await?);
    }
    golden.assert("old_names_of_what_is_missing");
    Ok(())
}

#[tokio::test]
async fn deprecated_timeout_variable_is_named_when_timeout_is_exceeded() -> Result<()> {
    let limits = [
        ("CLIENT_CONNECT_TIMEOUT", "60000"),
        ("CLIENT_READ_TIMEOUT", "60000"),
        ("MAX_RETRY_TIMEOUT", "900"),
    ];
    let wait = Duration::from_secs(400).as_millis().to_string();
    let refusal = Reply::error(400, "Throttling.User", "").with_header("x-acs-retry-after", &wait);
    for (limit, is_named) in [(Value::Null, true), (300.into(), false)] {
        let machine = with_variables(Machine::with_key()?, &limits);
        machine.emulator.reply_always(refusal.clone());
        let text = machine.set("max_retry_timeout", limit).error_text().await?;
        let line = "MAX_RETRY_TIMEOUT is set, and is not read: set \"max_retry_timeout\" in the";
        assert_eq!(text.contains(line), is_named, "{text}");
        assert!(!text.contains("CLIENT_"), "{text}");
    }
    Ok(())
}

/// The replacements would change the result, so a warning names them.
#[tokio::test]
async fn deprecated_variable_that_is_ignored_gives_a_warning() -> Result<()> {
    let file = ("ALICLOUD_SHARED_CREDENTIALS_FILE", "~/elsewhere");
    let token = ("ALICLOUD_SECURITY_TOKEN", SECRET);
    let region = ("ALIBABACLOUD_REGION_ID", "cn-beijing");
    let session = [
        ("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "alice"),
        ("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "900"),
    ];
    let mut golden = Golden::default();
    for (case, machine, variables) in [
        ("current profile", with_cli_file()?, &KEYS[..]),
        (
            "named profile",
            with_cli_file()?.env("ALIBABA_CLOUD_PROFILE", "other"),
            &KEYS,
        ),
        (
            "profile of the block",
            with_cli_file()?.set("profile", "other"),
            &[file],
        ),
        ("token of the keys", Machine::with_key()?, &[token]),
        (
            "region",
            with_cli_file()?.env("ALIBABA_CLOUD_REGION", ""),
            &[region],
        ),
        ("session", Machine::with_key()?.assume("reader"), &session),
        (
            "session of the role in the environment",
            Machine::with_key()?.env("ALIBABA_CLOUD_ROLE_ARN", role("env")),
            &session,
        ),
    ] {
        golden.add(
            case,
            &with_variables(machine, variables).all_diagnostics().await?,
        );
    }
    let role = role("env");
    let oidc = Machine::new()?
        .env("ALIBABA_CLOUD_ROLE_ARN", role)
        .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
        .env("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN);
    golden.add(
        "OIDC token",
        &with_variables(oidc, &KEYS).all_diagnostics().await?,
    );
    let uri = Machine::new()?.env("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true");
    let address = uri.emulator.credentials_uri();
    let uri = uri.env("ALIBABA_CLOUD_CREDENTIALS_URI", address);
    golden.add(
        "no profile",
        &with_variables(uri, &KEYS).all_diagnostics().await?,
    );
    golden.assert("old_names_that_change_nothing");
    Ok(())
}

#[tokio::test]
async fn deprecated_variable_without_effect_gives_no_warning() -> Result<()> {
    let profile = [("ALICLOUD_PROFILE", "other")];
    let region = [("ALICLOUD_REGION", "cn-beijing")];
    let role = role("env");
    let role = [("ALICLOUD_ASSUME_ROLE_ARN", role.as_str())];
    let blank = [("ALICLOUD_ACCESS_KEY", " ")];
    let limits = [("CLIENT_READ_TIMEOUT", "1"), ("MAX_RETRY_TIMEOUT", "1")];
    let in_block = Machine::new()?
        .set("access_key", "LTAIblock")
        .set("secret_key", secret("LTAIblock"));
    let with_session = json!([{
        "role_arn": crate::machine::role("reader"), "session_name": "bob", "session_expiration": 900,
    }]);
    for (machine, variables) in [
        // The replacements are set too.
        (Machine::with_key()?, &KEYS[..]),
        (
            Machine::with_key()?,
            &[KEYS[0], KEYS[1], ("ALICLOUD_SECURITY_TOKEN", SECRET)],
        ),
        // Keys take precedence over a profile, deprecated or not.
        (Machine::with_key()?, &profile),
        (in_block, &KEYS),
        (with_cli_file()?.set("profile", "other"), &KEYS),
        (with_cli_file()?, &region),
        (with_cli_file()?, &blank),
        // A role is assumed only if there is an `assume_role` block.
        (Machine::with_key()?, &role),
        (
            Machine::with_key()?.set("assume_role", with_session),
            &[("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "alice")],
        ),
        (Machine::with_key()?, &limits),
        (
            with_cli_file()?
                .env("ALIBABA_CLOUD_REGION", "")
                .set("region", "cn-hangzhou"),
            &region,
        ),
    ] {
        let machine = with_variables(machine, variables);
        assert_eq!(machine.all_diagnostics().await?, "", "{variables:?}");
    }
    // The endpoint is unreachable, so no timeout is at fault.
    let machine = Machine::with_key()?.env("ALIBABA_CLOUD_SWAS_ENDPOINT", CLOSED_ENDPOINT);
    let machine = with_variables(machine.set("max_retry_timeout", 0), &limits[..1]);
    assert!(!machine.error_text().await?.contains("CLIENT_READ_TIMEOUT"));
    Ok(())
}
