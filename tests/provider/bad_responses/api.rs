//! Errors that the API reports.

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::running_provider::Result;

use super::{assert_errors, machine};
use crate::golden::Golden;
use crate::machine::{Run, TOKEN};
use crate::support::error_text;

#[tokio::test]
async fn api_error_diagnostic_says_what_to_do() -> Result<()> {
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
    let responses = errors.map(|(status, code, message)| Reply::error(status, code, message));
    let names = names.iter().map(String::as_str);
    let cases: Vec<_> = names.zip(responses).collect();
    assert_errors("errors_of_the_api", cases).await
}

/// An error with the reason of a denial.
fn denied(denial: &str, policy: &str, message: &str) -> Reply {
    let body = json!({
        "RequestId": "R", "Code": "Forbidden.RAM",
        "Message": "User not authorized to operate on the specified resource.",
        "AccessDeniedDetail": {
            "AuthAction": "swas-open:ListImages", "AuthPrincipalType": "SubUser",
            "AuthPrincipalDisplayName": "2***", "AuthPrincipalOwnerId": "1***",
            "NoPermissionType": denial, "PolicyType": policy, "EncodedDiagnosticMessage": message,
        },
    });
    Reply::raw(403, body.to_string())
}

#[tokio::test]
async fn access_denied_error_names_policy_principal_and_diagnostic_message() -> Result<()> {
    let message = "AQEAAAAAexample";
    let untyped = r#"{"Code": "Forbidden.RAM", "AccessDeniedDetail": "swordfish"}"#;
    let cases = [
        (
            "explicit, control policy",
            denied("ExplicitDeny", "ControlPolicy", message),
        ),
        (
            "implicit, identity policy",
            denied("ImplicitDeny", "AccountLevelIdentityBasedPolicy", message),
        ),
        (
            "explicit, identity policy",
            denied("ExplicitDeny", "AccountLevelIdentityBasedPolicy", message),
        ),
        (
            "implicit, control policy",
            denied("ImplicitDeny", "ControlPolicy", message),
        ),
        (
            "implicit, session policy",
            denied("ImplicitDeny", "SessionPolicy", ""),
        ),
        (
            "implicit, policy of a resource group",
            denied("ImplicitDeny", "ResourceGroupLevelIdentityBasedPolicy", ""),
        ),
        (
            "implicit, trust policy",
            denied("ImplicitDeny", "AssumeRolePolicy", ""),
        ),
        ("another policy", denied("", "NewPolicy", "not\ngraphic")),
        ("no detail", Reply::raw(403, untyped)),
    ];
    assert_errors("access_denied", cases).await
}

#[tokio::test]
async fn access_denied_error_names_the_operation_of_each_data_source() -> Result<()> {
    let machine = machine()?;
    let provider = machine.start().await?;
    machine.configure(&provider).await?;
    let mut golden = Golden::default();
    for (data_source, action) in [
        ("swas_plans", "ListPlans"),
        ("swas_regions", "ListRegions"),
        ("swas_custom_images", "ListCustomImages"),
    ] {
        let body = json!({
            "RequestId": "R", "Code": "NoPermission",
            "Message": "You are not authorized to do this operation.",
            "AccessDeniedDetail": {
                "AuthAction": format!("swas-open:{action}"), "NoPermissionType": "ImplicitDeny",
                "PolicyType": "AccountLevelIdentityBasedPolicy",
            },
        });
        machine
            .emulator
            .reply_always(Reply::raw(403, body.to_string()));
        let response = provider.read(data_source, &json!({})).await?;
        golden.add(data_source, &shown(&response.diagnostics));
    }
    golden.assert("access_denied_to_each_data_source");
    Ok(())
}

#[tokio::test]
async fn access_denied_error_is_short_after_the_first_block() -> Result<()> {
    let machine = machine()?;
    let provider = machine.start().await?;
    machine.configure(&provider).await?;
    let mut golden = Golden::default();
    for region in ["cn-hangzhou", "cn-beijing"] {
        let message = format!("AQEAAAAA-{region}");
        machine
            .emulator
            .reply_always(denied("ExplicitDeny", "ControlPolicy", &message));
        let block = json!({"region_id": region});
        golden.add(region, &error_text(&provider, &block).await?);
    }
    golden.assert("access_denied_to_several_blocks");
    Ok(())
}

#[tokio::test]
async fn endpoint_of_another_region_error_points_at_endpoints() -> Result<()> {
    let message = "The parameter regionId does not match the endpoint host.";
    let cases = [
        "RegionIdNotMatchHost",
        "InvalidOperation.NotSupportedEndpoint",
    ]
    .map(|code| (code, Reply::error(400, code, message)));
    assert_errors("endpoints_of_another_region", cases).await
}

#[tokio::test]
async fn unlisted_code_error_names_recommendation_and_error_center() -> Result<()> {
    let body = json!({
        "RequestId": "R", "Code": "Something.New", "Message": "It is new.",
        "Recommend": "https://api.example/troubleshoot",
    });
    let odd = r#"{"Code": "a b/?c", "Message": "It is odd."}"#;
    let cases = [
        ("with a recommendation", Reply::raw(400, body.to_string())),
        ("odd code", Reply::raw(400, odd)),
    ];
    assert_errors("unlisted_codes", cases).await
}

/// The emulator reports these errors by itself.
#[tokio::test]
async fn wrong_argument_is_named_in_api_error() -> Result<()> {
    let mut golden = Golden::default();
    for (argument, wrong) in [
        ("access_key", "LTAIwrong"),
        ("secret_key", "swordfish-of-others"),
        ("security_token", "swordfish-of-yesterday"),
        ("region", "cn-atlantis"),
    ] {
        let machine = machine()?.set(argument, wrong);
        golden.add(argument, &machine.error_text().await?);
        // Listing the regions is allowed. The failed call is not retried.
        assert_eq!(machine.calls("ListImages").len(), 1, "{argument}");
    }
    let machine = machine()?;
    let provider = machine.start().await?;
    let elsewhere = json!({"region_id": "cn-atlantis"});
    golden.add("region_id", &error_text(&provider, &elsewhere).await?);
    golden.assert("wrong_arguments");
    Ok(())
}

#[tokio::test]
async fn misspelled_region_error_names_the_closest_regions_without_a_further_request() -> Result<()>
{
    let mut golden = Golden::default();
    // The emulator does not have the last one, which other accounts may use.
    for region in [
        "cn-atlantis",
        "cn-hangzou",
        "eu-west-2",
        "us-west1",
        "cn-beijing",
    ] {
        let machine = machine()?.set("region", region);
        golden.add(region, &machine.error_text().await?);
        assert_eq!(machine.emulator.requests().len(), 1);
    }
    golden.assert("misspelled_regions");
    Ok(())
}
