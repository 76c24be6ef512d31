//! The errors that the API reports.

use rmpv::Value;
use swas_testing::emulator::Answer;
use swas_testing::running_provider::Result;

use crate::golden::assert_golden;
use crate::scene::{
    Failing, TOKEN, assert_secrets_kept, assert_told, emulator, provider_block, start,
};

#[tokio::test]
async fn every_error_of_the_api_says_what_to_do() -> Result<()> {
    let error = Answer::error;
    let expired = "Specified SecurityToken is expired.";
    let denied = "User not authorized to operate on the specified resource, or this API doesn't \
                  support RAM.";
    let unavailable = "The request has failed due to a temporary failure of the server.";
    let throttled = "Request was denied due to user flow control.";
    assert_told([
        (
            "invalid_image_type",
            error(
                400,
                "InvalidImageType.ValueNotSupported",
                "The specified ImageType is not supported.",
            ),
        ),
        (
            "invalid_param",
            error(403, "InvalidParam", "The specified parameter is invalid."),
        ),
        (
            "internal_error",
            error(500, "InternalError", "The request processing has failed."),
        ),
        (
            "service_unavailable",
            error(503, "ServiceUnavailable", unavailable),
        ),
        ("throttling", error(400, "Throttling.User", throttled)),
        (
            "access_key_inactive",
            error(
                400,
                "InvalidAccessKeyId.Inactive",
                "Specified access key is disabled.",
            ),
        ),
        (
            "timestamp_expired",
            error(
                400,
                "InvalidTimeStamp.Expired",
                "Specified time stamp or date value is expired.",
            ),
        ),
        (
            "nonce_used",
            error(
                400,
                "SignatureNonceUsed",
                "Specified signature nonce was used already.",
            ),
        ),
        (
            "security_token_expired",
            error(400, "InvalidSecurityToken.Expired", expired),
        ),
        ("forbidden_ram", error(403, "Forbidden.RAM", denied)),
        (
            "no_permission",
            error(
                403,
                "NoPermission",
                "You are not authorized to do this operation.",
            ),
        ),
        ("unknown_code", error(400, "Something.New", "It is new.")),
        (
            "unknown_code_without_message",
            error(409, "Something.New", ""),
        ),
        (
            "message_that_repeats_the_token",
            error(400, "Something.New", &format!("Not good:\n{TOKEN}")),
        ),
        (
            "error_with_200",
            error(200, "Something.New", "It came with the wrong status."),
        ),
    ])
    .await
}

/// The emulator finds these out by itself.
#[tokio::test]
async fn a_wrong_argument_is_to_blame() -> Result<()> {
    for (name, argument, wrong) in [
        ("access_key_not_found", "access_key", "LTAIwrong"),
        ("signature_does_not_match", "secret_key", "starfish"),
        ("security_token_malformed", "security_token", "jellyfish"),
        ("region_not_found", "region", "cn-atlantis"),
    ] {
        let emulator = emulator()?;
        let block: Vec<(&str, Value)> = provider_block(emulator.url())
            .into_iter()
            .map(|(key, value)| (key, if key == argument { wrong.into() } else { value }))
            .collect();
        let failing = Failing::start(start(), &block).await?;
        let text = failing.read(&[]).await?;
        let log = failing.end().await?;
        // The regions there are may be asked for, and nothing is asked twice.
        let lists = emulator.requests().into_iter();
        let lists = lists.filter(|request| request.action() == "ListImages");
        assert_eq!(lists.count(), 1, "{name}");
        for text in [&text, &log] {
            assert_secrets_kept(text, &emulator);
            for secret in ["starfish", "jellyfish"] {
                assert!(!text.contains(secret), "{name}: {text}");
            }
        }
        assert_golden("bad_answers", name, &text);
    }
    Ok(())
}

#[tokio::test]
async fn without_the_regions_the_error_about_a_region_stands() -> Result<()> {
    for answer in [
        Answer::error(403, "Forbidden.RAM", "No."),
        Answer::json(r#"{"Regions": []}"#),
        Answer::html(502, "<html>"),
    ] {
        let emulator = emulator()?;
        emulator.answer_action("ListRegions", answer);
        let failing = Failing::start(start(), &provider_block(emulator.url())).await?;
        let text = failing.read(&[("region_id", "cn-atlantis".into())]).await?;
        failing.end().await?;
        let asked = emulator.requests().into_iter();
        let asked = asked.filter(|request| request.action() == "ListRegions");
        assert_eq!(asked.count(), 1);
        assert_golden("bad_answers", "region_id_not_found_without_regions", &text);
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_region_of_a_data_block_is_to_blame() -> Result<()> {
    let emulator = emulator()?;
    let failing = Failing::start(start(), &provider_block(emulator.url())).await?;
    let text = failing.read(&[("region_id", "cn-atlantis".into())]).await?;
    failing.end().await?;
    assert_golden("bad_answers", "region_id_not_found", &text);
    Ok(())
}
