//! A metadata service or a sidecar that gives nothing.

use swas_testing::emulator::Answer;
use swas_testing::running_provider::Result;

use crate::scene::{NOBODY, Scene};

const METADATA: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";

/// Answers of something else, or of a service that fails. They hold what should
/// not be shown.
fn rubbish() -> [(&'static str, Answer); 6] {
    [
        ("page", Answer::html(200, "<html>swordfish</html>")),
        ("error", Answer::raw(500, "swordfish")),
        (
            "redirect",
            Answer::redirect("http://evil.example/swordfish"),
        ),
        (
            "other_json",
            Answer::json(r#"{"Code": "swordfish", "swordfish": "swordfish"}"#),
        ),
        (
            "incomplete",
            Answer::json(
                r#"{"Code": "Success", "AccessKeyId": "a", "AccessKeySecret": "swordfish"}"#,
            ),
        ),
        (
            "end_that_is_none",
            Answer::json(
                r#"{"Code": "Success", "AccessKeyId": "a", "AccessKeySecret": "swordfish",
                    "SecurityToken": "swordfish", "Expiration": "swordfish"}"#,
            ),
        ),
    ]
}

#[tokio::test]
async fn a_sidecar_that_answers_rubbish_is_named() -> Result<()> {
    for (name, answer) in rubbish() {
        let scene = Scene::new()?;
        scene.emulator.answer_always(answer);
        let uri = format!("{}?key=swordfish", scene.emulator.credentials_uri());
        let scene = scene.set("credentials_uri", uri);
        scene.assert_fails(&format!("sidecar_{name}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_sidecar_that_is_not_there_is_named() -> Result<()> {
    let scene = Scene::new()?.set("credentials_uri", format!("{NOBODY}/credentials"));
    scene.assert_fails("sidecar_unreachable").await
}

#[tokio::test]
async fn a_metadata_service_that_answers_rubbish_is_named() -> Result<()> {
    for (name, answer) in rubbish() {
        let scene = Scene::new()?;
        let url = scene.emulator.url();
        scene.emulator.answer_next(Answer::normal());
        scene.emulator.answer_always(answer);
        let scene = scene.env(METADATA, &url).set("ecs_role_name", "testrole");
        scene.assert_fails(&format!("metadata_{name}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_metadata_service_without_the_role_is_named() -> Result<()> {
    let scene = Scene::new()?;
    let url = scene.emulator.url();
    let scene = scene.env(METADATA, &url).set("ecs_role_name", "ghost");
    scene.assert_fails("metadata_without_the_role").await?;

    let scene = Scene::new()?.set("ecs_role_name", "testrole");
    scene.assert_fails("metadata_unreachable").await?;

    let scene = Scene::new()?.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let scene = scene.set("ecs_role_name", "testrole");
    scene.assert_fails("metadata_turned_off").await
}
