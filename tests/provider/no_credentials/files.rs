//! Missing and unusable profiles and credentials files.

use std::fs;
use std::io::Error;
#[cfg(unix)]
use std::process::Command;

use serde_json::{Value, json};
use swas_testing::emulator::Reply;
use swas_testing::machine::files::{CLI, INI};
use swas_testing::machine::sources::{CLOUD_SSO, signed_in};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, OIDC_PROVIDER, Run, role, secret};
use crate::support::with;

/// A machine with a CLI profile that the provider block names.
fn profile(fields: &Value) -> Result<Machine> {
    let mut profile = json!({"name": "default"});
    for (name, value) in fields.as_object().into_iter().flatten() {
        profile[name] = value.clone();
    }
    Ok(Machine::new()?
        .cli_file("default", &json!([profile]))
        .set("profile", "default"))
}

#[tokio::test]
async fn missing_profile_error_names_file_and_profile() -> Result<()> {
    let elsewhere = Machine::new()?.set("shared_credentials_file", "~/elsewhere.json");
    let mut golden = Golden::default();
    for (case, machine) in [
        ("missing file", elsewhere),
        ("missing CLI file", Machine::new()?.set("profile", "prod")),
        (
            "missing profile",
            profile(&json!({"mode": "AK"}))?.set("profile", "prod"),
        ),
    ] {
        golden.add(case, &machine.error_text().await?);
    }
    golden.assert("missing_files");
    Ok(())
}

/// Without a region the profile is read for it first.
#[tokio::test]
async fn missing_explicit_profile_without_region_is_not_reported_as_no_region() -> Result<()> {
    let machine = || Ok::<_, Error>(Machine::with_key()?.env("ALIBABA_CLOUD_REGION", ""));
    let with_file = || {
        let profiles = json!([{"name": "default", "mode": "AK", "region_id": "us-west-1"}]);
        Ok::<_, Error>(machine()?.cli_file("default", &profiles))
    };
    let ini = "[default]\nenable = false\nregion_id = us-west-1\n";
    let file = ("ALIBABA_CLOUD_CREDENTIALS_FILE", "~/elsewhere.json");
    let mut golden = Golden::default();
    for (case, machine) in [
        ("profile, no file", machine()?.set("profile", "prod")),
        ("profile, no profile", with_file()?.set("profile", "prod")),
        (
            "shared_credentials_file",
            with_file()?.set("shared_credentials_file", file.1),
        ),
        (
            "shared_credentials_file, disabled section",
            machine()?
                .file("disabled.ini", ini)
                .set("shared_credentials_file", "~/disabled.ini"),
        ),
        (
            "ALIBABA_CLOUD_PROFILE, no file",
            machine()?.env("ALIBABA_CLOUD_PROFILE", "prod"),
        ),
        (
            "ALIBABA_CLOUD_PROFILE, no profile",
            with_file()?.env("ALIBABA_CLOUD_PROFILE", "prod"),
        ),
        (
            "ALIBABA_CLOUD_CREDENTIALS_FILE",
            with_file()?.env(file.0, file.1),
        ),
        (
            "ALIBABA_CLOUD_CONFIG_FILE",
            with_file()?.env("ALIBABA_CLOUD_CONFIG_FILE", file.1),
        ),
        (
            "ALICLOUD_SHARED_CREDENTIALS_FILE",
            with_file()?.env("ALICLOUD_SHARED_CREDENTIALS_FILE", file.1),
        ),
    ] {
        let text = machine.all_diagnostics().await?;
        let expected = "error at region_id: Cannot read the profile\n";
        assert!(text.contains(expected), "{case}: {text}");
        assert_eq!(machine.emulator.connections(), 0, "{case}");
        golden.add(case, &text);
    }
    golden.assert("missing_explicit_profiles_without_region");
    Ok(())
}

#[tokio::test]
async fn missing_region_without_explicit_profile_is_reported_as_no_region() -> Result<()> {
    let machine = || Ok::<_, Error>(Machine::with_key()?.env("ALIBABA_CLOUD_REGION", ""));
    let fields = json!({"name": "default", "mode": "AK", "access_key_id": "a"});
    let profiles = json!([fields]);
    let invalid = json!([{"name": "default", "region_id": "Hangzhou!"}]);
    let disabled = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";
    let ini = "[work]\nregion_id = us-west-1\n";
    let mut golden = Golden::default();
    for (case, machine) in [
        ("no file", machine()?),
        ("empty file", machine()?.file(".aliyun/config.json", "{}")),
        (
            "profile without a region",
            machine()?.cli_file("default", &profiles),
        ),
        (
            "explicit profile without a region",
            machine()?
                .cli_file("default", &profiles)
                .env("ALIBABA_CLOUD_PROFILE", "default"),
        ),
        (
            "profile with an invalid region",
            machine()?.cli_file("default", &invalid),
        ),
        (
            "disabled profiles",
            machine()?
                .cli_file("default", &profiles)
                .env(disabled, "true"),
        ),
        (
            "another section",
            machine()?.file(".alibabacloud/credentials.ini", ini),
        ),
    ] {
        let text = machine.error_text().await?;
        let expected = "error at region_id: No region\n";
        assert!(text.starts_with(expected), "{case}: {text}");
        golden.add(case, &text);
    }
    golden.assert("no_region");
    Ok(())
}

#[tokio::test]
async fn malformed_credentials_file_error_names_file() -> Result<()> {
    let mut golden = Golden::default();
    for text in [
        r#"{"profiles": [{"name": "default", "access_key_secret": "swordfish""#,
        r#"{"profiles": {"swordfish": 1}}"#,
        r#"{"profiles": [{"name": "default", "access_key_secret": 7}]}"#,
    ] {
        let machine = Machine::new()?.file(".aliyun/config.json", text);
        golden.add(text, &machine.set("profile", "default").error_text().await?);
    }
    golden.assert("malformed_files");
    Ok(())
}

#[tokio::test]
async fn unusable_profile_error_names_profile_and_field() -> Result<()> {
    let mut golden = Golden::default();
    let keys = |mut fields: Value| {
        fields["access_key_id"] = "a".into();
        fields["access_key_secret"] = secret("a").into();
        fields
    };
    for fields in [
        json!({"mode": "BearerToken", "bearer_token": "swordfish"}),
        json!({"mode": "CloudSSO", "access_token": "swordfish"}),
        json!({"mode": "CloudSSO", "access_token": "swordfish", "cloud_sso_account_id": "1",
               "cloud_sso_access_config": "a", "cloud_sso_sign_in_url": "http://swordfish.example"}),
        json!({"mode": "OAuth", "oauth_refresh_token": "swordfish"}),
        json!({"mode": "OAuth", "oauth_access_token": "swordfish", "oauth_site_type": "swordfish"}),
        json!({"mode": "RamRoleArnWithRoleName"}),
        keys(json!({"mode": "RamRoleArn", "ram_role_arn": "a", "sts_endpoint": "evil.example/#"})),
        json!({"mode": "AK", "access_key_id": ""}),
        json!({"mode": "AK", "access_key_id": "LTAItestid"}),
        keys(json!({"mode": "StsToken"})),
        keys(json!({"mode": "RamRoleArn"})),
        json!({"mode": "ChainableRamRoleArn", "ram_role_arn": "a"}),
        json!({"mode": "ChainableRamRoleArn", "ram_role_arn": "a", "source_profile": "other"}),
        json!({"mode": "ChainableRamRoleArn", "ram_role_arn": "a", "source_profile": "default"}),
        json!({"mode": "CredentialsURI"}),
        json!({"mode": "External"}),
        json!({"mode": "OIDC", "oidc_token_file": "a", "ram_role_arn": "a"}),
        keys(json!({"mode": "RamRoleArn", "ram_role_arn": "a", "expired_seconds": 60})),
        keys(json!({"mode": "RamRoleArn", "ram_role_arn": "a", "sts_region": "evil.example/#"})),
        keys(json!({"mode": "RamRoleArn", "ram_role_arn": "a", "enable_vpc": "true"})),
        // These fields would imply another mode than that of keys.
        keys(json!({"ram_role_name": ["swordfish"]})),
        keys(json!({"process_command": {"swordfish": 1}})),
        json!({"mode": "AK", "access_key_id": " ", "access_key_secret": " "}),
    ] {
        golden.add(&fields, &profile(&fields)?.error_text().await?);
    }
    golden.assert("unusable_profiles");
    Ok(())
}

#[tokio::test]
async fn expired_sign_in_error_names_the_renewal_command() -> Result<()> {
    let mut golden = Golden::default();
    for mode in ["OAuth", "CloudSSO"] {
        let machine = profile(&signed_in(mode, -1, -1))?;
        golden.add(format!("{mode}, expired"), &machine.error_text().await?);
    }
    for (mode, host) in [("OAuth", "oauth.aliyun.com"), ("CloudSSO", CLOUD_SSO)] {
        let unauthorized = Reply::raw(401, r#"{"error": "swordfish"}"#);
        let no_token = r#"{"accessKeyId": "a", "accessKeySecret": "swordfish"}"#;
        let empty = r#"{"accessKeyId": "a", "accessKeySecret": "swordfish", "securityToken": "",
                        "expiration": "2124-05-25T11:45:17Z"}"#;
        for (case, response) in [
            ("rejected", unauthorized),
            (
                "redirected",
                Reply::redirect("http://evil.example/swordfish"),
            ),
            ("without a token", Reply::json(no_token)),
            ("with an empty token", Reply::json(empty)),
        ] {
            let machine = profile(&signed_in(mode, -1, 3600))?.https(host);
            machine.emulator.reply_always(response);
            golden.add(format!("{mode}, {case}"), &machine.error_text().await?);
        }
    }
    golden.assert("sign_ins_that_give_nothing");
    Ok(())
}

/// A name with a space is one word of the command.
#[tokio::test]
async fn sign_in_without_token_error_names_the_sign_in_command() -> Result<()> {
    let mut golden = Golden::default();
    for name in ["work", "my profile", "it's mine"] {
        for (mode, field) in [
            ("OAuth", "oauth_access_token"),
            ("OAuth", "oauth_site_type"),
            ("CloudSSO", "access_token"),
            ("CloudSSO", "cloud_sso_sign_in_url"),
        ] {
            let profile = with(&signed_in(mode, -1, 3600), "name", name);
            let profiles = json!([with(&profile, field, "")]);
            let machine = Machine::new()?.cli_file(name, &profiles);
            let text = machine.error_text().await?;
            let command = format!("\"aliyun configure --mode {mode} --profile ");
            assert!(text.contains(&command), "{text}");
            assert_eq!(machine.emulator.connections(), 0);
            if field.ends_with("token") {
                golden.add(format!("{mode}, {name}"), &text);
            }
        }
        let expired = with(&signed_in("OAuth", -1, -1), "name", name);
        let machine = Machine::new()?.cli_file(name, &json!([expired]));
        golden.add(format!("expired, {name}"), &machine.error_text().await?);
        let incomplete = json!([{"name": name, "mode": "AK", "access_key_id": "a"}]);
        let machine = Machine::new()?.cli_file(name, &incomplete);
        golden.add(format!("AK, {name}"), &machine.error_text().await?);
    }
    golden.assert("sign_ins_without_a_token");
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn failing_credentials_process_error_redacts_arguments() -> Result<()> {
    let mut golden = Golden::default();
    for command in [
        "/nonexistent/sso --password swordfish",
        "sh -c 'echo swordfish; echo swordfish >&2; exit 3'",
        "echo swordfish",
        r#"echo '["swordfish"]'"#,
        r#"echo '{"mode": "AK", "access_key_id": "a"}'"#,
        r#"echo '{"mode": "External", "process_command": "swordfish"}'"#,
        r#"echo '{"access_key_id": "a", "access_key_secret": "swordfish", "expiration": "soon"}'"#,
        "echo 'swordfish",
        "PASSWORD=swordfish sso",
    ] {
        let machine = profile(&json!({"mode": "External", "process_command": command}))?;
        golden.add(command, &machine.error_text().await?);
    }
    golden.assert("commands_that_give_nothing");
    Ok(())
}

/// A file on a disk that does not respond, or a pipe that nothing writes to.
#[cfg(unix)]
#[tokio::test]
async fn file_that_blocks_is_an_error_that_names_it() -> Result<()> {
    let mut golden = Golden::default();
    let pipe = |name: &str| {
        let machine = Machine::new()?.file(name, "");
        fs::remove_file(machine.path(name))?;
        let mkfifo = Command::new("mkfifo").arg(machine.path(name)).status()?;
        assert!(mkfifo.success());
        Ok::<_, Box<dyn std::error::Error>>(machine)
    };
    let oidc = json!([{
        "role_arn": role("reader"), "oidc_provider_arn": OIDC_PROVIDER, "oidc_token_file": "~/token",
    }]);
    let region = pipe(CLI)?.env("ALIBABA_CLOUD_REGION", "");
    for (case, machine) in [
        ("CLI file", pipe(CLI)?),
        ("region", region.key_in_environment("LTAIenv")),
        ("INI file", pipe(INI)?),
        ("token", pipe("token")?.set("assume_role_with_oidc", oidc)),
    ] {
        golden.add(case, &machine.error_text().await?);
        assert_eq!(machine.emulator.connections(), 0, "{case}");
    }
    golden.assert("files_that_block");
    Ok(())
}
