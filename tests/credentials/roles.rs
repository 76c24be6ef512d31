//! Roles that are assumed with what was found.

use libtest_mimic::Failed;
use swas_testing::terraform::{Client, TerraformTest};

use super::scene::{Scene, secret};
use super::sources::{OIDC_PROVIDER, SOURCES, role};

type Outcome = std::result::Result<(), Failed>;

pub fn tests() -> Vec<TerraformTest> {
    let on_top = SOURCES.into_iter().map(|source| {
        TerraformTest::new(format!("assume_role_on::{}", source.name), move |client| {
            let mut scene = Scene::new(client)?;
            (source.set)(&mut scene);
            let role = role("top");
            scene.block(&format!("assume_role {{\n  role_arn = \"{role}\"\n}}"));
            assert!(scene.key()?.starts_with("STS.role-top."));
            let with = scene.keys_of("AssumeRole");
            assert!(
                with.len() == 1 && with[0].starts_with(source.key),
                "{with:?}"
            );
            Ok(())
        })
    });
    let more = [
        TerraformTest::new("assume_role_sends_what_the_block_says", sends_the_block),
        TerraformTest::new("assume_role_of_the_environment", of_the_environment),
        TerraformTest::new("oidc_sends_what_the_block_says", oidc_sends_the_block),
        TerraformTest::new("oidc_is_completed_by_the_environment", oidc_of_both),
    ];
    on_top.chain(more).collect()
}

fn scene_with_keys(client: &Client) -> std::result::Result<Scene, Failed> {
    let mut scene = Scene::new(client)?;
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv");
    scene.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &secret("LTAIenv"));
    Ok(scene)
}

fn sends_the_block(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    let role = role("reader");
    scene.block(&format!(
        "assume_role {{\n\
           role_arn           = \"{role}\"\n\
           session_name       = \"ci@build-7\"\n\
           session_expiration = 900\n\
           external_id        = \"partner/1\"\n\
           policy             = jsonencode({{ Version = \"1\", Statement = [] }})\n\
         }}"
    ));
    assert!(scene.key()?.starts_with("STS.role-reader."));
    let calls = scene.calls("AssumeRole");
    for (name, expected) in [
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "ci@build-7"),
        ("DurationSeconds", "900"),
        ("ExternalId", "partner/1"),
        ("Policy", r#"{"Statement":[],"Version":"1"}"#),
        ("Version", "2015-04-01"),
        ("AccessKeyId", "LTAIenv"),
    ] {
        assert_eq!(calls[0].parameter(name), Some(expected), "{name}");
    }
    assert_eq!(
        (calls[0].method.as_str(), calls[0].target.as_str()),
        ("POST", "/")
    );
    Ok(())
}

fn of_the_environment(client: &Client) -> Outcome {
    let mut scene = scene_with_keys(client)?;
    scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("env"));
    assert!(scene.key()?.starts_with("STS.role-env."));
    let calls = scene.calls("AssumeRole");
    for (name, expected) in [
        ("RoleSessionName", "terraform"),
        ("DurationSeconds", "3600"),
    ] {
        assert_eq!(calls[0].parameter(name), Some(expected));
    }
    assert_eq!(calls[0].parameter("ExternalId"), None);
    assert_eq!(calls[0].parameter("Policy"), None);

    // The block goes before it, and is completed by it.
    let mut scene = scene_with_keys(client)?;
    scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("env"));
    scene.env("ALIBABA_CLOUD_ROLE_SESSION_NAME", "from-env");
    scene.block(&format!(
        "assume_role {{\n  role_arn = \"{}\"\n}}",
        role("block")
    ));
    assert!(scene.key()?.starts_with("STS.role-block."));
    let calls = scene.calls("AssumeRole");
    assert_eq!(calls[0].parameter("RoleSessionName"), Some("from-env"));
    Ok(())
}

fn oidc_sends_the_block(client: &Client) -> Outcome {
    let mut scene = Scene::new(client)?;
    let file = scene.home_file("oidc/token", " testtoken\n");
    let role = role("reader");
    scene.block(&format!(
        "assume_role_with_oidc {{\n\
           role_arn           = \"{role}\"\n\
           oidc_provider_arn  = \"{OIDC_PROVIDER}\"\n\
           oidc_token_file    = \"{file}\"\n\
           role_session_name  = \"pod-1\"\n\
           session_expiration = 1800\n\
           policy             = jsonencode({{ Version = \"1\" }})\n\
         }}"
    ));
    assert!(scene.key()?.starts_with("STS.oidc-reader."));
    let calls = scene.calls("AssumeRoleWithOIDC");
    for (name, expected) in [
        ("RoleArn", role.as_str()),
        ("OIDCProviderArn", OIDC_PROVIDER),
        ("OIDCToken", "testtoken"),
        ("RoleSessionName", "pod-1"),
        ("DurationSeconds", "1800"),
        ("Policy", r#"{"Version":"1"}"#),
    ] {
        assert_eq!(calls[0].parameter(name), Some(expected), "{name}");
    }
    // The token is in the body: URLs end up in the logs of proxies.
    assert_eq!(
        (calls[0].method.as_str(), calls[0].target.as_str()),
        ("POST", "/")
    );
    assert_eq!(calls[0].parameter("Signature"), None);
    Ok(())
}

fn oidc_of_both(client: &Client) -> Outcome {
    let mut scene = Scene::new(client)?;
    let file = scene.home_file("oidc/token", "testtoken");
    scene.env("ALIBABA_CLOUD_ROLE_ARN", &role("env"));
    scene.env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", OIDC_PROVIDER);
    scene.env("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &file);
    scene.block("assume_role_with_oidc {\n  role_session_name = \"pod-2\"\n}");
    assert!(scene.key()?.starts_with("STS.oidc-env."));
    let calls = scene.calls("AssumeRoleWithOIDC");
    assert_eq!(calls[0].parameter("RoleSessionName"), Some("pod-2"));
    // The role goes with the token. Nobody assumes it once more.
    assert_eq!(scene.calls("AssumeRole").len(), 0);
    Ok(())
}
