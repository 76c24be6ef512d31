//! A profile that is asked for and cannot be used.

use serde_json::{Value, json};
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::{CLOUD_SSO, signed_in};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run, secret};

/// The CLI's file with a profile that the provider block asks for.
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
async fn what_is_missing_is_named_with_its_file() -> Result<()> {
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
        golden.add(case, &machine.told().await?);
    }
    golden.assert("missing_files");
    Ok(())
}

#[tokio::test]
async fn a_file_of_another_form_is_named() -> Result<()> {
    let mut golden = Golden::default();
    for text in [
        r#"{"profiles": [{"name": "default", "access_key_secret": "swordfish""#,
        r#"{"profiles": {"swordfish": 1}}"#,
        r#"{"profiles": [{"name": "default", "access_key_secret": 7}]}"#,
    ] {
        let machine = Machine::new()?.file(".aliyun/config.json", text);
        golden.add(text, &machine.set("profile", "default").told().await?);
    }
    golden.assert("malformed_files");
    Ok(())
}

#[tokio::test]
async fn a_profile_that_cannot_be_used_is_named() -> Result<()> {
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
        golden.add(&fields, &profile(&fields)?.told().await?);
    }
    golden.assert("unusable_profiles");
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_has_ended_is_told_with_the_command_that_renews_it() -> Result<()> {
    let mut golden = Golden::default();
    for mode in ["OAuth", "CloudSSO"] {
        let machine = profile(&signed_in(mode, -1, -1))?;
        golden.add(format!("{mode}, expired"), &machine.told().await?);
    }
    for (mode, host) in [("OAuth", "oauth.aliyun.com"), ("CloudSSO", CLOUD_SSO)] {
        let unauthorized = Reply::raw(401, r#"{"error": "swordfish"}"#);
        let no_token = r#"{"accessKeyId": "a", "accessKeySecret": "swordfish"}"#;
        let empty = r#"{"accessKeyId": "a", "accessKeySecret": "swordfish", "securityToken": "",
                        "expiration": "2124-05-25T11:45:17Z"}"#;
        for (case, answer) in [
            ("refused", unauthorized),
            (
                "redirected",
                Reply::redirect("http://evil.example/swordfish"),
            ),
            ("without a token", Reply::json(no_token)),
            ("with an empty token", Reply::json(empty)),
        ] {
            let machine = profile(&signed_in(mode, -1, 3600))?.https(host);
            machine.emulator.reply_always(answer);
            golden.add(format!("{mode}, {case}"), &machine.told().await?);
        }
    }
    golden.assert("sign_ins_that_give_nothing");
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_that_gives_nothing_is_named_without_its_arguments() -> Result<()> {
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
        golden.add(command, &machine.told().await?);
    }
    golden.assert("commands_that_give_nothing");
    Ok(())
}
