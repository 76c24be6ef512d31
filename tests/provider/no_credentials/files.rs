//! Missing and unusable profiles and credentials files.

use serde_json::{Value, json};
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::{CLOUD_SSO, signed_in};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run, secret};

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
    ] {
        let machine = profile(&json!({"mode": "External", "process_command": command}))?;
        golden.add(command, &machine.error_text().await?);
    }
    golden.assert("commands_that_give_nothing");
    Ok(())
}
