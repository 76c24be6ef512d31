//! Responses that do not come from the API or violate its format.

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::signature::percent_encode;
use swas_testing::emulator::{Emulator, Length, Options, Reply};
use swas_testing::running_provider::Result;

use super::{assert_errors, machine};
use crate::machine::{Run, TOKEN};
use crate::support::read_state;

#[tokio::test]
async fn response_that_is_not_json_is_an_error() -> Result<()> {
    let page = "<html><body><h1>Sign in to the guest network</h1></body></html>";
    assert_errors(
        "answers_that_are_not_json",
        [
            ("html_with_200", Reply::html(200, page)),
            ("html_with_502", Reply::html(502, page)),
            ("text_with_200", Reply::raw(200, "It works!")),
            ("empty_with_200", Reply::raw(200, "")),
            ("empty_with_204", Reply::raw(204, "")),
            ("empty_with_502", Reply::raw(502, "")),
            (
                "truncated_json",
                Reply::json(r#"{"Images":[{"ImageId":"a""#),
            ),
            ("json_and_more", Reply::json(r#"{"Images":[]} goldfish"#)),
            (
                "content_type_that_is_none",
                Reply::raw(200, "?").with_header("content-type", &"long ".repeat(1000)),
            ),
            (
                "content_type_that_repeats_the_token",
                Reply::raw(200, "?").with_header("content-type", &format!("text/html; {TOKEN}")),
            ),
        ],
    )
    .await
}

#[tokio::test]
async fn response_without_image_list_is_an_error_not_an_empty_list() -> Result<()> {
    let bodies = [
        r#"{"Images":null}"#,
        r#"{"RequestId":"R"}"#,
        r#"{"Images":{}}"#,
        r#"{"Images":"goldfish"}"#,
        r#"{"Images":[{"ImageId":"a"},{}]}"#,
        r#"{"Images":[{"ImageId":null}]}"#,
        r#"{"Images":[{"ImageId":""}]}"#,
        r#"{"Images":[{"ImageId":7}]}"#,
        r#"{"Images":[["a"]]}"#,
        r#"{"Images":[null]}"#,
        "[]",
        "null",
    ];
    let responses = bodies.map(|body| (body, Reply::json(body)));
    let error = r#"{"error":"goldfish"}"#;
    let part = r#"{"Images":[]}"#;
    let responses = responses.into_iter().chain([
        (error, Reply::raw(404, error)),
        (part, Reply::raw(206, part)),
    ]);
    let cases: Vec<_> = responses.collect();
    assert_errors("answers_that_are_no_list", cases).await
}

#[tokio::test]
async fn response_with_error_code_and_empty_list_is_an_error() -> Result<()> {
    let bodies = [
        r#"{"Code":"Throttling.User","Message":"Too many.","RequestId":"R","Images":[]}"#,
        r#"{"Images":[{"ImageId":"a"}],"Code":"InternalError"}"#,
        r#"{"Code":"A","Code":"B","Images":[]}"#,
        r#"{"Code":"A","Message":{},"Images":[]}"#,
        r#"{"Code":{},"Images":[]}"#,
        r#"{"code":"InternalError","message":"Broken.","requestId":"R","Images":[]}"#,
        r#"{"Success":false,"Images":[]}"#,
        r#"{"Success":"False","Images":[]}"#,
        r#"{"success":false,"Code":"InternalError","Message":"Broken.","Images":[]}"#,
        r#"{"ErrorCode":"InternalError","ErrorMessage":"Broken.","Images":[]}"#,
        r#"{"Code":"200","errorCode":"InternalError","errorMessage":"Broken.","Images":[]}"#,
        r#"{"Error":{"Code":"InternalError"},"Images":[]}"#,
        r#"{"error":"denied","Images":[]}"#,
        r#"{"errors":["denied"],"Images":[]}"#,
        r#"{"HttpStatusCode":403,"Images":[]}"#,
        r#"{"StatusCode":"500","Images":[]}"#,
    ];
    let responses = Vec::from(bodies.map(|body| (body, Reply::json(body))));
    assert_errors("errors_beside_a_list", responses).await
}

#[tokio::test]
async fn incomplete_list_is_an_error() -> Result<()> {
    let bodies = [
        r#"{"TotalCount":5,"Images":[]}"#,
        r#"{"TotalCount":"2","Images":[{"ImageId":"a"}]}"#,
        r#"{"totalCount":"3.0","Images":[]}"#,
        r#"{"NextToken":["a"],"Images":[]}"#,
        r#"{"NextToken":"goldfish","Images":[{"ImageId":"a"}]}"#,
        r#"{"IsTruncated":true,"Images":[{"ImageId":"a"}]}"#,
    ];
    let responses = bodies.map(|body| (body, Reply::json(body)));
    assert_errors("incomplete_lists", responses).await?;
    let machine = machine()?;
    let whole = r#"{"TotalCount":1,"NextToken":"","IsTruncated":false,
        "Images":[{"ImageId":"a"},{"ImageId":"a"}]}"#;
    machine.emulator.reply_always(Reply::json(whole));
    assert_eq!(machine.listing_key().await?, "STS.static");
    // The other operations without pages.
    let provider = machine.start().await?;
    machine.configure(&provider).await?;
    for (data_source, list) in [("swas_plans", "Plans"), ("swas_regions", "Regions")] {
        let body = json!({"TotalCount": 5, list: []}).to_string();
        machine.emulator.reply_always(Reply::json(body));
        let response = provider.read(data_source, &json!({})).await?;
        let text = shown(&response.diagnostics);
        assert!(text.contains("TotalCount is 5"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn response_with_success_code_is_accepted() -> Result<()> {
    for code in [
        json!(null),
        json!(""),
        json!("200"),
        json!(200),
        json!("OK"),
    ] {
        let machine = machine()?;
        let body = json!({"Code": code, "Images": [{"ImageId": "a"}]});
        machine.emulator.reply_always(Reply::json(body.to_string()));
        assert_eq!(machine.listing_key().await?, "STS.static", "{code}");
    }
    Ok(())
}

#[tokio::test]
async fn images_of_another_type_are_filtered_out() -> Result<()> {
    let machine = machine()?;
    let images = json!({"Images": [
        {"ImageId": "a", "ImageType": "custom"},
        {"ImageId": "b", "ImageType": "system"},
        {"ImageId": "c"},
    ]});
    machine
        .emulator
        .reply_always(Reply::json(images.to_string()));
    let provider = machine.start().await?;
    // An image without a type may have the requested type.
    for (block, expected) in [
        (json!({"image_type": "system"}), json!(["b", "c"])),
        (
            json!({"image_type": "system", "image_ids": ["b"]}),
            json!(["b"]),
        ),
    ] {
        assert_eq!(
            read_state(&provider, &block).await?["ids"],
            expected,
            "{block}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn platform_in_another_form_gives_a_warning_and_not_only_an_empty_list() -> Result<()> {
    for (platform, warning) in [
        (json!({"Name": "Linux"}), "No match for \"platform\""),
        (json!("Linux 64"), "Available values:\n  - \"Linux 64\"\n"),
        (json!("Windows"), ""),
    ] {
        let machine = machine()?;
        let images = json!({"Images": [{"ImageId": "a", "Platform": platform}]});
        machine
            .emulator
            .reply_always(Reply::json(images.to_string()));
        let provider = machine.start().await?;
        machine.configure(&provider).await?;
        let block = json!({"platform": "Linux"});
        let text = shown(&provider.read("swas_images", &block).await?.diagnostics);
        assert_eq!(text.is_empty(), warning.is_empty(), "{text}");
        assert!(text.contains(warning), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn redirect_response_is_not_followed() -> Result<()> {
    let target = Emulator::start(Options::default())?;
    let token = percent_encode(TOKEN);
    let elsewhere = format!("http://user:{token}@{}/?token={token}", target.address());
    assert_errors(
        "redirects",
        [
            ("redirect", Reply::redirect(&target.url())),
            (
                "redirect_that_repeats_the_token",
                Reply::redirect(&elsewhere),
            ),
            (
                "redirect_permanent",
                Reply::raw(308, "").with_header("location", &target.url()),
            ),
            ("redirect_on_the_same_host", Reply::redirect("/elsewhere")),
            ("redirect_to_nowhere", Reply::raw(302, "")),
        ],
    )
    .await?;
    assert_eq!(target.connections(), 0, "a connection to the target");
    assert_eq!(target.requests(), []);
    Ok(())
}

#[tokio::test]
async fn response_over_size_limit_is_an_error() -> Result<()> {
    const TEBIBYTE: u64 = 1 << 40;
    const ONE_TOO_MANY: u64 = 4 * 1024 * 1024 + 1;
    for length in [TEBIBYTE, ONE_TOO_MANY] {
        for announced in [Length::Announced, Length::Unannounced] {
            let response = Reply::blanks(length, announced);
            assert_errors("answer_too_long", [("too long", response)]).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn connection_closed_mid_response_is_an_error() -> Result<()> {
    let half = Reply::json(r#"{"Images":["#).with_header("content-length", "100");
    assert_errors(
        "broken_connections",
        [
            ("closed_before_the_answer", Reply::close()),
            ("closed_within_the_answer", half),
        ],
    )
    .await
}
