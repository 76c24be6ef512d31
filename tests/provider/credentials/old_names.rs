//! Variables under names that Alibaba Cloud's tools once had: whatever they would
//! have been read for tells their new names, and what else is used in their place is
//! never used without a word.

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

fn set(machine: Machine, variables: &[(&str, &str)]) -> Machine {
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
async fn an_old_name_is_told_where_something_is_missing_without_it() -> Result<()> {
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
        let machine = set(Machine::new()?, &variables);
        golden.add(case, &with_block(machine, &block).told_of_all().await?);
    }
    golden.assert("old_names_of_what_is_missing");
    Ok(())
}

#[tokio::test]
async fn an_old_name_is_told_where_a_limit_ends_a_call() -> Result<()> {
    let limits = [
        ("CLIENT_CONNECT_TIMEOUT", "60000"),
        ("CLIENT_READ_TIMEOUT", "60000"),
        ("MAX_RETRY_TIMEOUT", "900"),
    ];
    let wait = Duration::from_secs(400).as_millis().to_string();
    let refusal = Reply::error(400, "Throttling.User", "").with_header("x-acs-retry-after", &wait);
    for (limit, is_told) in [(Value::Null, true), (300.into(), false)] {
        let machine = set(Machine::with_key()?, &limits);
        machine.emulator.reply_always(refusal.clone());
        let told = machine.set("max_retry_timeout", limit).told().await?;
        let line = "MAX_RETRY_TIMEOUT is set, and is not read: set \"max_retry_timeout\" in the";
        assert_eq!(told.contains(line), is_told, "{told}");
        assert!(!told.contains("CLIENT_"), "{told}");
    }
    Ok(())
}

/// Their new names would change what is done, so that a warning says so.
#[tokio::test]
async fn what_is_used_in_place_of_an_old_name_is_told() -> Result<()> {
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
        golden.add(case, &set(machine, variables).told_of_all().await?);
    }
    let role = role("env");
    let oidc = Machine::new()?
        .env("ALIBABA_CLOUD_ROLE_ARN", role)
        .env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER)
        .env("ALIBABA_CLOUD_OIDC_TOKEN", OIDC_TOKEN);
    golden.add("OIDC token", &set(oidc, &KEYS).told_of_all().await?);
    let uri = Machine::new()?.env("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true");
    let address = uri.emulator.credentials_uri();
    let uri = uri.env("ALIBABA_CLOUD_CREDENTIALS_URI", address);
    golden.add("no profile", &set(uri, &KEYS).told_of_all().await?);
    golden.assert("old_names_that_change_nothing");
    Ok(())
}

#[tokio::test]
async fn an_old_name_that_would_change_nothing_is_not_told() -> Result<()> {
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
        // The new names are set too.
        (Machine::with_key()?, &KEYS[..]),
        (
            Machine::with_key()?,
            &[KEYS[0], KEYS[1], ("ALICLOUD_SECURITY_TOKEN", SECRET)],
        ),
        // Keys win under every name.
        (Machine::with_key()?, &profile),
        (in_block, &KEYS),
        (with_cli_file()?.set("profile", "other"), &KEYS),
        (with_cli_file()?, &region),
        (with_cli_file()?, &blank),
        // Only a block that asks for a role has it assumed.
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
        let machine = set(machine, variables);
        assert_eq!(machine.told_of_all().await?, "", "{variables:?}");
    }
    // Where the endpoint is not reached, no limit of the block is to blame.
    let machine = Machine::with_key()?.env("ALIBABA_CLOUD_SWAS_ENDPOINT", CLOSED_ENDPOINT);
    let machine = set(machine.set("max_retry_timeout", 0), &limits[..1]);
    assert!(!machine.told().await?.contains("CLIENT_READ_TIMEOUT"));
    Ok(())
}
