//! STS does not hand out credentials.

use rmpv::Value;
use swas_testing::emulator::Answer;
use swas_testing::running_provider::Result;

use crate::scene::{NOBODY, SECRET, Scene};

const ROLE: &str = "acs:ram::1234567890123456:role/reader";
const OIDC_PROVIDER: &str = "acs:ram::1234567890123456:oidc-provider/ci";

fn with_keys() -> Result<Scene> {
    Ok(Scene::new()?
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAItestid")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET)
        .with_block("assume_role", &[("role_arn", ROLE.into())]))
}

fn with_token(token: (&'static str, Value)) -> Result<Scene> {
    let block = [
        ("role_arn", ROLE.into()),
        ("oidc_provider_arn", OIDC_PROVIDER.into()),
        token,
    ];
    Ok(Scene::new()?.with_block("assume_role_with_oidc", &block))
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_named() -> Result<()> {
    for (name, answer) in [
        (
            "no_permission",
            Answer::error(
                403,
                "NoPermission",
                "You are not authorized to do this action.",
            ),
        ),
        (
            "no_such_role",
            Answer::error(404, "EntityNotExist.Role", "The role does not exist."),
        ),
        (
            "wrong_secret",
            Answer::error(
                400,
                "SignatureDoesNotMatch",
                "server string to sign is:swordfish",
            ),
        ),
        ("fails", Answer::error(503, "ServiceUnavailable", "")),
        ("page", Answer::html(200, "<html>swordfish</html>")),
        ("nothing", Answer::raw(200, "")),
        ("no_credentials", Answer::json(r#"{"Credentials": null}"#)),
        (
            "no_token",
            Answer::json(
                r#"{"Credentials": {"AccessKeyId": "a", "AccessKeySecret": "swordfish",
                    "Expiration": "2124-05-25T11:45:17Z"}}"#,
            ),
        ),
        (
            "end_that_is_none",
            Answer::json(
                r#"{"Credentials": {"AccessKeyId": "a", "AccessKeySecret": "swordfish",
                    "SecurityToken": "swordfish", "Expiration": "swordfish"}}"#,
            ),
        ),
    ] {
        let scene = with_keys()?;
        scene.emulator.answer_always(answer);
        scene.assert_fails(&format!("assume_role_{name}")).await?;
    }
    let scene = with_keys()?.env("ALIBABA_CLOUD_STS_ENDPOINT", NOBODY);
    scene.assert_fails("assume_role_unreachable").await
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_not_shown() -> Result<()> {
    let scene = with_token(("oidc_token", "swordfish-of-yesterday".into()))?;
    scene.assert_fails("oidc_token_refused").await
}

#[tokio::test]
async fn a_token_file_that_cannot_be_used_is_named() -> Result<()> {
    let scene = with_token(("oidc_token_file", "~/token".into()))?;
    scene.assert_fails("oidc_token_file_missing").await?;
    let scene = with_token(("oidc_token_file", "~/token".into()))?.file("token", "\n");
    scene.assert_fails("oidc_token_file_empty").await
}

#[tokio::test]
async fn what_the_block_lacks_is_named() -> Result<()> {
    let scene = Scene::new()?.with_block("assume_role_with_oidc", &[("role_arn", ROLE.into())]);
    scene.assert_fails("oidc_block_incomplete").await
}
