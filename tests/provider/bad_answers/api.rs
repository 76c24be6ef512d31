//! The errors that the API reports.

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use super::{assert_told, machine};
use crate::golden::Golden;
use crate::machine::{Run, TOKEN};
use crate::support::told;

#[tokio::test]
async fn every_error_of_the_api_says_what_to_do() -> Result<()> {
    let repeated = format!("Not good:\n{TOKEN}");
    let errors = [
        (
            400,
            "InvalidImageType.ValueNotSupported",
            "The specified ImageType is not supported.",
        ),
        (403, "InvalidParam", "The specified parameter is invalid."),
        (500, "InternalError", "The request processing has failed."),
        (
            503,
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
        ),
        (
            400,
            "Throttling.User",
            "Request was denied due to user flow control.",
        ),
        (
            400,
            "InvalidAccessKeyId.Inactive",
            "Specified access key is disabled.",
        ),
        (
            400,
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        ),
        (
            400,
            "SignatureNonceUsed",
            "Specified signature nonce was used already.",
        ),
        (
            400,
            "InvalidSecurityToken.Expired",
            "Specified SecurityToken is expired.",
        ),
        (
            403,
            "Forbidden.RAM",
            "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
        ),
        (
            403,
            "NoPermission",
            "You are not authorized to do this operation.",
        ),
        (400, "Something.New", "It is new."),
        (409, "Something.New", ""),
        (400, "Something.New", &repeated),
        (200, "Something.New", "It came with the wrong status."),
    ];
    let names = errors.map(|(status, code, message)| format!("{status} {code} {message:?}"));
    let answers = errors.map(|(status, code, message)| Reply::error(status, code, message));
    let names = names.iter().map(String::as_str);
    let cases: Vec<_> = names.zip(answers).collect();
    assert_told("errors_of_the_api", cases).await
}

/// The emulator finds these out by itself.
#[tokio::test]
async fn a_wrong_argument_is_to_blame() -> Result<()> {
    let mut golden = Golden::default();
    for (argument, wrong) in [
        ("access_key", "LTAIwrong"),
        ("secret_key", "swordfish-of-others"),
        ("security_token", "swordfish-of-yesterday"),
        ("region", "cn-atlantis"),
    ] {
        let machine = machine()?.set(argument, wrong);
        golden.add(argument, &machine.told().await?);
        // The regions there are may be asked for, and nothing is asked twice.
        assert_eq!(machine.calls("ListImages").len(), 1, "{argument}");
    }
    let machine = machine()?;
    let provider = machine.start().await?;
    let elsewhere = json!({"region_id": "cn-atlantis"});
    golden.add("region_id", &told(&provider, &elsewhere).await?);
    golden.assert("wrong_arguments");
    Ok(())
}

#[tokio::test]
async fn a_list_of_regions_has_an_end() -> Result<()> {
    let regions: Vec<_> = (0..500)
        .map(|number| json!({"RegionId": format!("r-{number}"), "LocalName": "x".repeat(1000)}))
        .collect();
    let machine = machine()?.set("region", "cn-atlantis");
    let answer = Reply::json(json!({"Regions": regions}).to_string());
    machine.emulator.reply_to("ListRegions", answer);
    let told = machine.told().await?;
    assert!(told.contains("- and 400 more"), "{told}");
    assert!(told.len() < 64 * 1024, "{} bytes", told.len());
    Ok(())
}

#[tokio::test]
async fn without_the_regions_the_error_about_a_region_stands() -> Result<()> {
    for answer in [
        Reply::error(403, "Forbidden.RAM", "No."),
        Reply::json(r#"{"Regions": []}"#),
        Reply::html(502, "<html>"),
    ] {
        let machine = machine()?.set("region", "cn-atlantis");
        machine.emulator.reply_to("ListRegions", answer);
        let mut golden = Golden::default();
        golden.add("region", &machine.told().await?);
        assert_eq!(machine.calls("ListRegions").len(), 1);
        golden.assert("wrong_region_without_regions");
    }
    Ok(())
}
