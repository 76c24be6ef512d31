//! Nobody says where credentials are.

use std::time::{Duration, Instant};

use swas_testing::emulator::Answer;
use swas_testing::running_provider::Result;

use crate::scene::{SECRET, Scene};

/// How long it may take to find out that this is no ECS instance.
const LIMIT: Duration = Duration::from_secs(3);

#[tokio::test]
async fn every_place_is_named() -> Result<()> {
    Scene::new()?.assert_fails("nothing_anywhere").await
}

#[tokio::test]
async fn a_metadata_service_that_is_a_mere_guess_costs_little_time() -> Result<()> {
    let scene = Scene::new()?;
    let url = scene.emulator.url();
    // It takes the request and never answers, which takes longest.
    scene.emulator.answer_always(Answer::hang());
    let scene = scene.env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", &url);
    let begin = Instant::now();
    scene.assert_fails("silent_metadata_service").await?;
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_place_that_holds_half_of_it_is_an_error() -> Result<()> {
    for (name, set) in [
        (
            "key_without_secret",
            &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAItestid")][..],
        ),
        (
            "secret_without_key",
            &[("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET)],
        ),
        (
            "oidc_provider_without_token",
            &[
                (
                    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
                    "acs:ram::1:oidc-provider/a",
                ),
                ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/a"),
            ],
        ),
        (
            "oidc_token_without_role",
            &[
                (
                    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
                    "acs:ram::1:oidc-provider/a",
                ),
                ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/nonexistent/token"),
            ],
        ),
    ] {
        let scene = Scene::new()?;
        let scene = set
            .iter()
            .fold(scene, |scene, (name, value)| scene.env(name, value));
        scene.assert_fails(name).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_profile_that_is_named_is_not_looked_for_elsewhere() -> Result<()> {
    let scene = Scene::new()?.env("ALIBABA_CLOUD_PROFILE", "prod");
    let url = scene.emulator.url();
    scene
        .env("ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT", &url)
        .profile(r#""mode": "AK""#)
        .assert_fails("profile_of_the_environment_nowhere")
        .await
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_not_passed_over() -> Result<()> {
    let scene = Scene::new()?.file(".aliyun/config.json", r#"{"profiles": [{"swordfish"#);
    let uri = scene.emulator.credentials_uri();
    let scene = scene.env("ALIBABA_CLOUD_CREDENTIALS_URI", &uri);
    scene.assert_fails("broken_cli_file").await?;

    let scene = Scene::new()?.file(".alibabacloud/credentials.ini", "[default]\nswordfish\n");
    scene.assert_fails("broken_ini_file").await?;

    let scene = Scene::new()?.file(".alibabacloud/credentials.ini", "[default]\ntype=bearer\n");
    scene.assert_fails("ini_type_not_supported").await
}

#[tokio::test]
async fn what_is_named_in_the_environment_and_is_not_there_is_an_error() -> Result<()> {
    for (name, variable, value) in [
        (
            "file_of_the_environment_missing",
            "ALIBABA_CLOUD_CREDENTIALS_FILE",
            "/nonexistent/config.json",
        ),
        (
            "ecs_role_of_the_environment_unreachable",
            "ALIBABA_CLOUD_ECS_METADATA",
            "reader",
        ),
        (
            "uri_of_the_environment_unreachable",
            "ALIBABA_CLOUD_CREDENTIALS_URI",
            "http://127.0.0.1:1/credentials?token=swordfish",
        ),
        (
            "uri_of_the_environment_malformed",
            "ALIBABA_CLOUD_CREDENTIALS_URI",
            "swordfish",
        ),
    ] {
        Scene::new()?
            .env(variable, value)
            .assert_fails(name)
            .await?;
    }
    Ok(())
}
