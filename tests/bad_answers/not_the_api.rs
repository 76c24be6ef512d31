//! Answers that the API does not give.

use swas_testing::emulator::signature::percent_encode;
use swas_testing::emulator::{Answer, Emulator, Length, Options};
use swas_testing::running_provider::Result;

use crate::scene::{TOKEN, assert_told};

#[tokio::test]
async fn an_answer_that_is_not_json_is_an_error() -> Result<()> {
    let page = "<html><body><h1>Sign in to the guest network</h1></body></html>";
    assert_told([
        ("html_with_200", Answer::html(200, page)),
        ("html_with_502", Answer::html(502, page)),
        ("text_with_200", Answer::raw(200, "It works!")),
        ("empty_with_200", Answer::raw(200, "")),
        ("empty_with_204", Answer::raw(204, "")),
        ("empty_with_502", Answer::raw(502, "")),
        (
            "truncated_json",
            Answer::json(r#"{"Images":[{"ImageId":"a""#),
        ),
        ("json_and_more", Answer::json(r#"{"Images":[]} goldfish"#)),
        (
            "content_type_that_is_none",
            Answer::raw(200, "?").with_header("content-type", &"long ".repeat(1000)),
        ),
        (
            "content_type_that_repeats_the_token",
            Answer::raw(200, "?").with_header("content-type", &format!("text/html; {TOKEN}")),
        ),
    ])
    .await
}

#[tokio::test]
async fn json_that_is_no_list_of_images_is_an_error_and_never_an_empty_list() -> Result<()> {
    assert_told([
        ("images_null", Answer::json(r#"{"Images":null}"#)),
        ("images_missing", Answer::json(r#"{"RequestId":"R"}"#)),
        ("images_an_object", Answer::json(r#"{"Images":{}}"#)),
        ("images_a_text", Answer::json(r#"{"Images":"goldfish"}"#)),
        (
            "image_without_id",
            Answer::json(r#"{"Images":[{"ImageId":"a"},{}]}"#),
        ),
        (
            "image_id_null",
            Answer::json(r#"{"Images":[{"ImageId":null}]}"#),
        ),
        (
            "image_id_empty",
            Answer::json(r#"{"Images":[{"ImageId":""}]}"#),
        ),
        (
            "image_id_a_number",
            Answer::json(r#"{"Images":[{"ImageId":7}]}"#),
        ),
        (
            "image_name_a_list",
            Answer::json(r#"{"Images":[{"ImageId":"a","ImageName":["goldfish"]}]}"#),
        ),
        ("image_a_list", Answer::json(r#"{"Images":[["a"]]}"#)),
        ("image_null", Answer::json(r#"{"Images":[null]}"#)),
        ("answer_a_list", Answer::json("[]")),
        ("answer_null", Answer::json("null")),
        (
            "error_without_a_code",
            Answer::raw(404, r#"{"error":"goldfish"}"#),
        ),
    ])
    .await
}

#[tokio::test]
async fn a_redirect_is_not_followed() -> Result<()> {
    let target = Emulator::start(Options::default())?;
    let token = percent_encode(TOKEN);
    let elsewhere = format!("http://user:{token}@{}/?token={token}", target.address());
    assert_told([
        ("redirect", Answer::redirect(&target.url())),
        (
            "redirect_that_repeats_the_token",
            Answer::redirect(&elsewhere),
        ),
        (
            "redirect_permanent",
            Answer::raw(308, "").with_header("location", &target.url()),
        ),
        ("redirect_on_the_same_host", Answer::redirect("/elsewhere")),
        ("redirect_to_nowhere", Answer::raw(302, "")),
    ])
    .await?;
    assert_eq!(target.connections(), 0, "a connection to the target");
    assert_eq!(target.requests(), []);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off() -> Result<()> {
    const TEBIBYTE: u64 = 1 << 40;
    const ONE_TOO_MANY: u64 = 64 * 1024 * 1024 + 1;
    assert_told([
        ("too_long", Answer::blanks(TEBIBYTE, Length::Announced)),
        ("too_long", Answer::blanks(TEBIBYTE, Length::Unannounced)),
        ("too_long", Answer::blanks(ONE_TOO_MANY, Length::Announced)),
        (
            "too_long",
            Answer::blanks(ONE_TOO_MANY, Length::Unannounced),
        ),
    ])
    .await
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_is_an_error() -> Result<()> {
    let half = Answer::json(r#"{"Images":["#).with_header("content-length", "100");
    assert_told([
        ("closed_before_the_answer", Answer::close()),
        ("closed_within_the_answer", half),
    ])
    .await
}
