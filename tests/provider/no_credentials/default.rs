//! The default credential chain finds no credentials.

use std::time::{Duration, Instant};

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run, profile, secret};

/// Time limit for detecting that this is not an ECS instance.
const LIMIT: Duration = Duration::from_secs(3);

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const OIDC_PROVIDER: (&str, &str) = (
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "acs:ram::1:oidc-provider/a",
);

#[tokio::test]
async fn missing_credentials_error_names_incomplete_variables() -> Result<()> {
    let secret = secret("LTAIenv");
    let secret = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret.as_str());
    let mut golden = Golden::default();
    for (case, variables) in [
        ("nothing anywhere", vec![]),
        (
            "nothing anywhere, and no metadata service",
            vec![("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")],
        ),
        ("key without secret", vec![(ID, "LTAIenv")]),
        ("secret without key", vec![secret]),
        ("secret with a blank key", vec![(ID, " "), secret]),
        (
            "no region",
            vec![(ID, "LTAIenv"), secret, ("ALIBABA_CLOUD_REGION", "")],
        ),
        (
            "OIDC provider without token",
            vec![
                OIDC_PROVIDER,
                ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/a"),
            ],
        ),
        (
            "OIDC token without role",
            vec![
                OIDC_PROVIDER,
                ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/nonexistent/token"),
            ],
        ),
        (
            "file missing",
            vec![("ALIBABA_CLOUD_CREDENTIALS_FILE", "/nonexistent/config.json")],
        ),
        (
            "ECS role unreachable",
            vec![("ALIBABA_CLOUD_ECS_METADATA", "reader")],
        ),
        (
            "URI unreachable",
            vec![(
                "ALIBABA_CLOUD_CREDENTIALS_URI",
                "http://127.0.0.1:1/credentials?token=swordfish",
            )],
        ),
        (
            "URI malformed",
            vec![("ALIBABA_CLOUD_CREDENTIALS_URI", "swordfish")],
        ),
    ] {
        let machine = Machine::new()?;
        let set = |machine: Machine, (name, value)| machine.env(name, value);
        let machine = variables.into_iter().fold(machine, set);
        golden.add(case, &machine.error_text().await?);
        assert_eq!(machine.emulator.connections(), 0, "{case}");
    }
    golden.assert("no_credentials_in_the_environment");
    Ok(())
}

#[tokio::test]
async fn metadata_probe_of_silent_service_times_out_early() -> Result<()> {
    let machine = Machine::new()?.ecs();
    // A service that accepts the request and never responds takes longest.
    machine.emulator.reply_always(Reply::hang());
    let begin = Instant::now();
    let mut golden = Golden::default();
    golden.add("silent metadata service", &machine.error_text().await?);
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
    golden.assert("silent_metadata_service");
    Ok(())
}

#[tokio::test]
async fn unusable_credentials_file_is_an_error_and_not_skipped() -> Result<()> {
    let ini = ".alibabacloud/credentials.ini";
    let named = Machine::new()?.env("ALIBABA_CLOUD_PROFILE", "prod").ecs();
    let broken = Machine::new()?.file(".aliyun/config.json", r#"{"profiles": [{"swordfish"#);
    let uri = broken.emulator.credentials_uri();
    let mut golden = Golden::default();
    for (case, machine) in [
        (
            "profile nowhere",
            named.cli_file("default", &json!([profile("default", "LTAIcurrent")])),
        ),
        (
            "broken CLI file",
            broken.env("ALIBABA_CLOUD_CREDENTIALS_URI", uri),
        ),
        (
            "broken INI file",
            Machine::new()?.file(ini, "[default]\nswordfish\n"),
        ),
        (
            "type not supported",
            Machine::new()?.file(ini, "[default]\ntype=bearer\nbearer_token=a\n"),
        ),
    ] {
        golden.add(case, &machine.error_text().await?);
    }
    golden.assert("unusable_files");
    Ok(())
}
