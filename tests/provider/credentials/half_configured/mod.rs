//! Partially configured sources of the default credential chain are errors. Skipping
//! one could select another identity.

mod cases;

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, profile, role, secret};
use crate::support::with;

use cases::{FILES, ROLE, VARIABLES, profiles};

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const SECURITY_TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";
const PROVIDER_ARN: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";
const TOKEN: &str = "ALIBABA_CLOUD_OIDC_TOKEN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
const SHARED_FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";
const CONFIG_FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";
const CLI_DISABLED: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";
const SESSION_NAME: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";
const METADATA_ROLE: &str = "ALIBABA_CLOUD_ECS_METADATA";
const METADATA_DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const URI: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

const CLI: &str = ".aliyun/config.json";
const INI: &str = ".alibabacloud/credentials.ini";
const OTHER_INI: &str = ".alibabacloud/credentials";

/// A machine with an access key in the second INI file, a credentials URI and a RAM
/// role of the instance.
fn machine() -> Result<Machine> {
    let ini = format!("[default]\n{}", keys("LTAIini"));
    Ok(with_uri_and_ecs_role(Machine::new()?).file(OTHER_INI, ini))
}

/// Adds a credentials URI and a RAM role of the instance.
fn with_uri_and_ecs_role(machine: Machine) -> Machine {
    let uri = machine.emulator.credentials_uri();
    machine.ecs().env(URI, uri)
}

/// An access key of an INI file.
fn keys(key: &str) -> String {
    let secret = secret(key);
    format!("type = access_key\naccess_key_id = {key}\naccess_key_secret = {secret}\n")
}

/// Asserts that a read fails with these texts and that no other source gets a request.
async fn assert_error_names(machine: Machine, case: &str, expected: &[&str]) -> Result<()> {
    let text = machine.error_text().await;
    let text = text.map_err(|error| format!("{case}: {error}"))?;
    for expected in expected {
        assert!(text.contains(expected), "{case}: no {expected:?} in {text}");
    }
    let requests = machine.emulator.requests();
    let other = requests.iter().find(|request| {
        request.target.starts_with("/credentials")
            || request.target.ends_with("/security-credentials/")
            || request.target.ends_with("/testrole")
            || !request.action().is_empty()
    });
    assert_eq!(other, None, "{case}");
    Ok(())
}

#[tokio::test]
async fn half_configured_source_is_an_error_and_never_skipped() -> Result<()> {
    assert_eq!(ROLE, role("env"));
    for (variables, expected) in VARIABLES {
        let is_service = matches!(variables[0].0, METADATA_ROLE | URI);
        let machine = if is_service {
            with_uri_and_ecs_role(Machine::new()?)
        } else {
            machine()?
        };
        let machine = machine
            .file("empty", "\n")
            .file("first-run.json", first_run().to_string())
            .file("disabled.ini", "[default]\nenable = false\n");
        let set = |machine: Machine, (name, value): &(&str, &str)| machine.env(name, value);
        let machine = variables.iter().fold(machine, set);
        assert_error_names(machine, &format!("{variables:?}"), expected).await?;
    }
    for (file, content, expected) in FILES {
        let machine = machine()?.file(file, content);
        let path = format!("HOME/{file}");
        assert_error_names(machine, content, &[&path, expected]).await?;
    }
    for (fields, expected) in profiles() {
        let profiles = json!([with(&fields, "name", "default")]);
        let machine = machine()?.cli_file("default", &profiles);
        let machine = match (expected, fields["mode"].as_str()) {
            (METADATA_DISABLED, _) => machine.env(METADATA_DISABLED, "on"),
            // This mode takes the URI from the variable.
            (_, Some("CredentialsURI")) => machine.env(URI, ""),
            _ => machine,
        };
        let named = ["HOME/.aliyun/config.json", expected];
        assert_error_names(machine, &fields.to_string(), &named).await?;
    }
    for file in [CLI, INI, OTHER_INI] {
        let machine = machine()?.file(file, "");
        fs::remove_file(machine.path(file))?;
        symlink("/nonexistent", machine.path(file))?;
        let path = format!("HOME/{file}");
        let expected = [&path, "a link to a file that does not exist"];
        assert_error_names(machine, "a link", &expected).await?;

        let machine = self::machine()?.file(file, "");
        fs::remove_file(machine.path(file))?;
        fs::create_dir(machine.path(file))?;
        let expected = [&path, "directory"];
        assert_error_names(machine, "a folder", &expected).await?;

        // A volume that is not mounted.
        let machine = self::machine()?.file(file, "");
        let (folder, _) = file.rsplit_once('/').ok_or("no folder")?;
        fs::remove_dir_all(machine.path(folder))?;
        symlink("/nonexistent", machine.path(folder))?;
        let expected = [&path, "a link to a file that does not exist"];
        assert_error_names(machine, "a link to a folder", &expected).await?;
    }
    Ok(())
}

/// The configuration that the CLI writes on its first run.
fn first_run() -> Value {
    json!({"current": "default", "meta_path": "", "profiles": [{
        "name": "default", "mode": "AK", "access_key_id": "", "access_key_secret": "",
        "sts_token": "", "ram_role_name": "", "ram_role_arn": "", "ram_session_name": "",
        "private_key": "", "key_pair_name": "", "expired_seconds": 0, "verified": "",
        "region_id": "us-west-1", "output_format": "json", "language": "en", "site": "",
        "retry_timeout": 0, "retry_count": 0, "enable_vpc": false,
    }]})
}

#[tokio::test]
async fn unconfigured_source_is_skipped_and_the_next_one_is_used() -> Result<()> {
    // Empty variables and missing files.
    let empty = [
        ID,
        KEY_SECRET,
        SECURITY_TOKEN,
        PROVIDER_ARN,
        TOKEN,
        TOKEN_FILE,
        SHARED_FILE,
        CONFIG_FILE,
        PROFILE,
        METADATA_ROLE,
        CLI_DISABLED,
        METADATA_DISABLED,
    ];
    for value in ["", " "] {
        let set = |machine: Machine, name: &&str| machine.env(name, value);
        let machine = empty
            .iter()
            .fold(with_uri_and_ecs_role(Machine::new()?), set);
        assert_used(machine.env(ROLE_ARN, ROLE), "STS.uri.").await?;
        let machine = empty.iter().fold(Machine::new()?.ecs(), set);
        assert_used(machine.env(URI, value), "STS.ecs-testrole.").await?;
    }
    for (file, content, expected) in [
        (
            CLI,
            r#"{"current": "default", "profiles": []}"#.to_owned(),
            "LTAIini",
        ),
        (CLI, "{}".to_owned(), "LTAIini"),
        (CLI, first_run().to_string(), "LTAIini"),
        (
            CLI,
            r#"{"current": "", "profiles": [{"name": "b", "mode": ""}]}"#.to_owned(),
            "LTAIini",
        ),
        (
            CLI,
            format!(
                "\u{feff}{}",
                json!({"profiles": [profile("default", "LTAIcli")]})
            ),
            "LTAIcli",
        ),
        (
            CLI,
            r#"{"profiles": [{"name": "default", "mode": "External", "region_id": "a"}]}"#
                .to_owned(),
            "LTAIini",
        ),
        (INI, String::new(), "LTAIini"),
        (
            INI,
            "[default]\ntype = access_key\nregion_id = a\naccess_key_id =\n".to_owned(),
            "LTAIini",
        ),
        (
            INI,
            format!(
                "[default]\nenable = Off\n{}[b]\nrole_name = b\n",
                keys("LTAIfile")
            ),
            "LTAIini",
        ),
        (
            INI,
            format!("[b]\nenable = 0\n{}", keys("LTAIfile")),
            "LTAIini",
        ),
        (
            INI,
            format!("\u{feff}[default]\nenable = yes\n{}", keys("LTAIfile")),
            "LTAIfile",
        ),
        (
            INI,
            format!("[default]\nenable = 1\n{}", keys("LTAIfile")),
            "LTAIfile",
        ),
        (
            OTHER_INI,
            format!("[default]\nenable = no\n{}", keys("LTAIini")),
            "STS.uri.",
        ),
    ] {
        assert_used(machine()?.file(file, content), expected).await?;
    }
    let disabled = json!([profile("default", "LTAIcurrent")]);
    let disabled = machine()?.cli_file("default", &disabled);
    assert_used(disabled.env(CLI_DISABLED, " YES "), "LTAIini").await
}

async fn assert_used(machine: Machine, expected: &str) -> Result<()> {
    let key = machine.listing_key().await?;
    assert!(key.starts_with(expected), "{key}, not {expected}");
    Ok(())
}

#[tokio::test]
async fn first_run_profile_supplies_region() -> Result<()> {
    let machine = machine()?.file(CLI, first_run().to_string());
    let machine = machine.env("ALIBABA_CLOUD_REGION", "");
    assert_eq!(machine.listing_key().await?, "LTAIini");
    let region = machine.calls("ListImages")[0]
        .parameter("RegionId")
        .map(str::to_owned);
    assert_eq!(region.as_deref(), Some("us-west-1"));
    Ok(())
}

#[tokio::test]
async fn disabled_sources_are_listed_when_nothing_is_found() -> Result<()> {
    let disabled = "[default]\nenable = false\n";
    let machine = Machine::new()?
        .ecs()
        .env(CLI_DISABLED, "1")
        .env(METADATA_DISABLED, "yes")
        .file(INI, disabled)
        .file(OTHER_INI, disabled);
    let text = machine.error_text().await?;
    for expected in [
        format!("the CLI's file is disabled by {CLI_DISABLED}"),
        format!("the profile \"default\" of HOME/{INI} is disabled by \"enable\""),
        format!("the profile \"default\" of HOME/{OTHER_INI} is disabled by \"enable\""),
        format!("the ECS metadata service is disabled by {METADATA_DISABLED}"),
    ] {
        assert!(text.contains(&expected), "no {expected:?} in {text}");
    }
    assert_eq!(machine.emulator.connections(), 0);
    Ok(())
}

/// The keys' own identity would be another one.
#[tokio::test]
async fn role_of_environment_with_incomplete_oidc_source_is_assumed() -> Result<()> {
    for (variable, value) in [
        (TOKEN_FILE, "/nonexistent"),
        (TOKEN, "swordfish"),
        (PROVIDER_ARN, "acs:ram::1234567890123456:oidc-provider/test"),
    ] {
        let machine = Machine::with_key()?.env(ROLE_ARN, role("env"));
        assert_used(machine.env(variable, value), "STS.role-env.").await?;
    }
    Ok(())
}
