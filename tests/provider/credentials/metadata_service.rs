//! The ECS metadata service: tokens (IMDSv2), requests without one (IMDSv1), and responses
//! without credentials.

use std::time::{Duration, Instant};

use serde_json::json;
use swas_testing::emulator::{Reply, Request};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{Machine, Run};
use crate::support::with;

const IMDSV1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";
const ROLE: &str = "ALIBABA_CLOUD_ECS_METADATA";
const TOKEN_HEADER: &str = "x-aliyun-ecs-metadata-token";

/// The time limit for the response to the request for a token.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(1);

/// Replies without a token that the service accepts.
fn failures() -> Vec<(&'static str, Vec<Reply>)> {
    let put = |reply| vec![reply];
    let get = |reply| vec![Reply::normal(), reply];
    vec![
        ("no response to PUT", put(Reply::hang())),
        ("PUT: connection closed", put(Reply::close())),
        ("PUT: 403", put(Reply::raw(403, ""))),
        ("PUT: 404", put(Reply::raw(404, ""))),
        ("PUT: 405", put(Reply::raw(405, ""))),
        ("PUT: an empty token", put(Reply::raw(200, ""))),
        (
            "PUT: a token over 32 KiB",
            put(Reply::raw(200, "t".repeat(32 * 1024 + 1))),
        ),
        (
            "PUT: a page",
            put(Reply::html(200, "<html> swordfish </html>")),
        ),
        ("GET with the token: 401", get(Reply::raw(401, ""))),
        ("GET with the token: 403", get(Reply::raw(403, ""))),
    ]
}

/// A machine on an ECS instance whose metadata service sends these replies first.
fn machine(replies: &[Reply]) -> Result<Machine> {
    let machine = Machine::new()?.ecs();
    machine.emulator.allow_imdsv1();
    let replies = replies.iter().cloned();
    replies.for_each(|reply| machine.emulator.reply_next(reply));
    Ok(machine)
}

/// The GET requests to the metadata service without a token.
fn plain_requests(machine: &Machine) -> Vec<Request> {
    let requests = machine.emulator.requests().into_iter();
    let is_plain = |request: &Request| {
        request.method == "GET"
            && request.target.starts_with("/latest/")
            && request.header(TOKEN_HEADER).is_none()
    };
    requests.filter(is_plain).collect()
}

/// The name of the role is requested too, unless a variable names it.
#[tokio::test]
async fn imdsv1_requests_follow_a_metadata_token_that_is_missing_or_rejected() -> Result<()> {
    for (case, replies) in failures() {
        for name in ["", "testrole"] {
            let machine = machine(&replies)?.env(ROLE, name);
            let key = machine.listing_key().await;
            let key = key.map_err(|error| format!("{case}: {error}"))?;
            assert!(key.starts_with("STS.ecs-testrole."), "{case}: {key}");
            let count = if name.is_empty() { 2 } else { 1 };
            assert_eq!(plain_requests(&machine).len(), count, "{case}");
            let requests = machine.emulator.requests();
            let puts = requests.iter().filter(|request| request.method == "PUT");
            assert_eq!(puts.count(), 1, "{case}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn imdsv1_requests_follow_one_second_after_a_metadata_token_request() -> Result<()> {
    let machine = machine(&[Reply::hang()])?.env(ROLE, "testrole");
    let begin = Instant::now();
    machine.listing_key().await?;
    let elapsed = begin.elapsed();
    assert!(elapsed >= TOKEN_TIMEOUT, "{elapsed:?}");
    // All requests together have ten seconds.
    assert!(elapsed < 5 * TOKEN_TIMEOUT, "{elapsed:?}");
    Ok(())
}

#[tokio::test]
async fn imdsv1_disabled_error_names_the_variable_and_no_plain_request_is_sent() -> Result<()> {
    let mut golden = Golden::default();
    for (case, replies) in failures() {
        let machine = machine(&replies)?.env(IMDSV1_DISABLED, "true");
        let text = machine.error_text().await?;
        assert!(text.starts_with("error: No credentials\n"), "{text}");
        assert!(text.contains(IMDSV1_DISABLED), "{case}: {text}");
        assert_eq!(plain_requests(&machine), [], "{case}");

        let machine = self::machine(&replies)?.env(IMDSV1_DISABLED, "true");
        let text = machine.env(ROLE, "testrole").error_text().await?;
        golden.add(case, &text);
    }
    golden.assert("imdsv1_disabled");
    Ok(())
}

#[tokio::test]
async fn metadata_token_is_sent_if_the_service_issues_one() -> Result<()> {
    for variable in ["", "true"] {
        let machine = machine(&[])?.env(IMDSV1_DISABLED, variable);
        machine.listing_key().await?;
        assert_eq!(plain_requests(&machine), [], "{variable}");
    }
    Ok(())
}

/// The advice is the same for the argument and for a profile of mode `EcsRamRole`.
#[tokio::test]
async fn metadata_error_of_a_profile_has_the_advice_of_the_block() -> Result<()> {
    let code = Reply::json(r#"{"Code": "Failed.NoRole", "Message": "swordfish"}"#);
    let mut golden = Golden::default();
    for (case, replies) in [
        ("error code", vec![Reply::normal(), code]),
        ("no role", vec![Reply::normal(), Reply::raw(404, "")]),
    ] {
        let block = machine(&replies)?.set("ecs_role_name", "testrole");
        let fields = json!({"mode": "EcsRamRole", "ram_role_name": "testrole"});
        let profiles = json!([with(&fields, "name", "work")]);
        let profile = machine(&replies)?.cli_file("work", &profiles);
        let texts = [block.error_text().await?, profile.error_text().await?];
        let [of_block, of_profile] = texts.each_ref().map(|text| text.split_once("\n\n"));
        let advice = of_block.map(|(_, advice)| advice);
        assert!(advice.is_some(), "{texts:?}");
        assert_eq!(of_profile.map(|(_, advice)| advice), advice);
        golden.add(format!("{case}, block"), &texts[0]);
        golden.add(format!("{case}, profile"), &texts[1]);
    }
    golden.assert("metadata_errors_of_block_and_profile");
    Ok(())
}

#[tokio::test]
async fn metadata_role_name_that_is_not_a_name_is_an_error() -> Result<()> {
    let profiles = json!([{"name": "default", "mode": "EcsRamRole"}]);
    let mut golden = Golden::default();
    let long = "a".repeat(65);
    for (case, name) in [
        ("path", "../../swordfish"),
        ("parent of a path", ".."),
        ("page", "<html>swordfish</html>"),
        ("two names", "swordfish\nswordfish"),
        ("too long", &long),
        ("empty", ""),
    ] {
        let machine = machine(&[Reply::normal(), Reply::raw(200, name)])?;
        let machine = machine.cli_file("default", &profiles);
        let text = machine.error_text().await?;
        assert_eq!(machine.emulator.requests().len(), 2, "{case}");
        golden.add(case, &text);
    }
    // A service that echoes the request.
    let token = "swordfish";
    let machine = machine(&[Reply::raw(200, token), Reply::raw(200, token)])?;
    let machine = machine.cli_file("default", &profiles);
    golden.add("the token", &machine.error_text().await?);
    golden.assert("metadata_role_names_that_are_none");
    Ok(())
}
