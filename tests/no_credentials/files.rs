//! A profile that is asked for and cannot be used.

use swas_testing::running_provider::Result;

use crate::scene::Scene;

#[tokio::test]
async fn a_missing_file_is_named() -> Result<()> {
    let scene = Scene::new()?.set("shared_credentials_file", "~/elsewhere.json");
    scene.assert_fails("missing_file").await?;
    Scene::new()?
        .set("profile", "prod")
        .assert_fails("missing_cli_file")
        .await
}

#[tokio::test]
async fn a_missing_profile_is_named_with_its_file() -> Result<()> {
    let scene = Scene::new()?.profile(r#""mode": "AK""#);
    scene
        .set("profile", "prod")
        .assert_fails("missing_profile")
        .await
}

#[tokio::test]
async fn a_file_of_another_form_is_named() -> Result<()> {
    for (name, text) in [
        (
            "broken_json",
            r#"{"profiles": [{"name": "default", "access_key_secret": "swordfish""#,
        ),
        ("json_of_another_form", r#"{"profiles": {"swordfish": 1}}"#),
        (
            "json_with_a_number_for_a_text",
            r#"{"profiles": [{"name": "default", "access_key_secret": 7}]}"#,
        ),
    ] {
        let scene = Scene::new()?.file(".aliyun/config.json", text);
        scene.set("profile", "default").assert_fails(name).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_profile_that_cannot_be_used_is_named() -> Result<()> {
    for (name, fields) in [
        (
            "mode_not_supported",
            r#""mode": "CloudSSO", "access_token": "swordfish""#,
        ),
        ("mode_deprecated", r#""mode": "RamRoleArnWithRoleName""#),
        ("no_access_key", r#""mode": "AK", "access_key_id": """#),
        (
            "no_secret",
            r#""mode": "AK", "access_key_id": "LTAItestid""#,
        ),
        (
            "no_token",
            r#""mode": "StsToken", "access_key_id": "a", "access_key_secret": "swordfish""#,
        ),
        (
            "no_role",
            r#""mode": "RamRoleArn", "access_key_id": "a", "access_key_secret": "swordfish""#,
        ),
        (
            "no_source_profile",
            r#""mode": "ChainableRamRoleArn", "ram_role_arn": "a""#,
        ),
        (
            "source_profile_missing",
            r#""mode": "ChainableRamRoleArn", "ram_role_arn": "a", "source_profile": "other""#,
        ),
        (
            "source_profile_is_itself",
            r#""mode": "ChainableRamRoleArn", "ram_role_arn": "a", "source_profile": "default""#,
        ),
        ("no_uri", r#""mode": "CredentialsURI""#),
        ("no_command", r#""mode": "External""#),
        (
            "no_oidc_provider",
            r#""mode": "OIDC", "oidc_token_file": "a", "ram_role_arn": "a""#,
        ),
        (
            "duration_out_of_range",
            r#""mode": "RamRoleArn", "access_key_id": "a", "access_key_secret": "swordfish",
               "ram_role_arn": "a", "expired_seconds": 60"#,
        ),
        (
            "sts_region_malformed",
            r#""mode": "RamRoleArn", "access_key_id": "a", "access_key_secret": "swordfish",
               "ram_role_arn": "a", "sts_region": "evil.example/#""#,
        ),
    ] {
        let name = format!("profile_{name}");
        let scene = Scene::new()?.profile(fields).set("profile", "default");
        scene.assert_fails(&name).await?;
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_that_gives_nothing_is_named_without_its_arguments() -> Result<()> {
    for (name, command) in [
        ("missing", "/nonexistent/sso --password swordfish"),
        (
            "fails",
            "sh -c 'echo swordfish; echo swordfish >&2; exit 3'",
        ),
        ("prints_no_json", "echo swordfish"),
        ("prints_a_list", r#"echo '[\"swordfish\"]'"#),
        (
            "prints_no_secret",
            r#"echo '{\"mode\": \"AK\", \"access_key_id\": \"a\"}'"#,
        ),
        (
            "prints_another_command",
            r#"echo '{\"mode\": \"External\", \"process_command\": \"swordfish\"}'"#,
        ),
        (
            "prints_an_end_that_is_none",
            r#"echo '{\"access_key_id\": \"a\", \"access_key_secret\": \"swordfish\", \"expiration\": \"soon\"}'"#,
        ),
        ("has_an_open_quote", "echo 'swordfish"),
    ] {
        let fields = format!(r#""mode": "External", "process_command": "{command}""#);
        let scene = Scene::new()?.profile(&fields).set("profile", "default");
        scene.assert_fails(&format!("command_{name}")).await?;
    }
    Ok(())
}
