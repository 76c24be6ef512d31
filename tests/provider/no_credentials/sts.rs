//! STS rejects the request for credentials.

use serde_json::json;
use swas_testing::emulator::Reply;
use swas_testing::machine::sources::ram_role_arn;
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::machine::{CLOSED_ENDPOINT, Machine, OIDC_PROVIDER, OIDC_TOKEN, Run, role};
use crate::support::{error_text, with};

#[tokio::test]
async fn assume_role_failure_error_names_role() -> Result<()> {
    let repeats = "server string to sign is:swordfish";
    let no_token = r#"{"Credentials": {"AccessKeyId": "a", "AccessKeySecret": "swordfish",
                       "Expiration": "2124-05-25T11:45:17Z"}}"#;
    let no_end = r#"{"Credentials": {"AccessKeyId": "a", "AccessKeySecret": "swordfish",
                     "SecurityToken": "swordfish", "Expiration": "swordfish"}}"#;
    let denied = |denial, policy| {
        let detail = json!({
            "AuthAction": "sts:AssumeRole", "AuthPrincipalType": "SubUser",
            "AuthPrincipalDisplayName": "2***", "AuthPrincipalOwnerId": "1***",
            "NoPermissionType": denial, "PolicyType": policy,
            "EncodedDiagnosticMessage": "AQEAAAAAexample",
        });
        let body = json!({"Code": "NoPermission", "RequestId": "R", "AccessDeniedDetail": detail});
        Reply::raw(403, body.to_string())
    };
    let mut golden = Golden::default();
    for (case, response) in [
        (
            "denied, implicit, identity policy",
            denied("ImplicitDeny", "AccountLevelIdentityBasedPolicy"),
        ),
        (
            "denied, implicit, trust policy",
            denied("ImplicitDeny", "AssumeRolePolicy"),
        ),
        (
            "denied, explicit, control policy",
            denied("ExplicitDeny", "ControlPolicy"),
        ),
        (
            "unlisted code",
            Reply::error(400, "Something.New", "It is new."),
        ),
        ("throttled", Reply::throttled(400, None)),
        (
            "no permission",
            Reply::error(
                403,
                "NoPermission",
                "You are not authorized to do this action.",
            ),
        ),
        (
            "no such role",
            Reply::error(404, "EntityNotExist.Role", "The role does not exist."),
        ),
        (
            "wrong secret",
            Reply::error(400, "SignatureDoesNotMatch", repeats),
        ),
        ("failure", Reply::error(503, "ServiceUnavailable", "")),
        ("page", Reply::html(200, "<html>swordfish</html>")),
        ("nothing", Reply::raw(200, "")),
        ("no credentials", Reply::json(r#"{"Credentials": null}"#)),
        ("no token", Reply::json(no_token)),
        ("end that is none", Reply::json(no_end)),
    ] {
        let machine = Machine::with_key()?.assume("reader");
        machine.emulator.reply_always(response);
        golden.add(case, &machine.error_text().await?);
    }
    let unreachable = Machine::with_key()?.assume("reader");
    let unreachable = unreachable.env("ALIBABA_CLOUD_STS_ENDPOINT", CLOSED_ENDPOINT);
    golden.add("unreachable", &unreachable.error_text().await?);
    let unnamed = Machine::with_key()?.set("assume_role", json!([{}]));
    golden.add("no name", &unnamed.error_text().await?);
    let retried = Machine::with_key()?.assume("reader");
    let retried = retried.set("max_retry_timeout", 60);
    retried
        .emulator
        .reply_next(Reply::error(503, "ServiceUnavailable", ""));
    retried.emulator.reply_next(Reply::raw(200, ""));
    let missing = Reply::error(404, "EntityNotExist.Role", "The role does not exist.");
    retried.emulator.reply_next(missing);
    golden.add("no such role after retries", &retried.error_text().await?);
    golden.assert("roles_not_assumed");
    Ok(())
}

#[tokio::test]
async fn denied_role_error_is_short_after_the_first_block() -> Result<()> {
    let machine = Machine::with_key()?.assume("reader");
    let denied = Reply::error(403, "NoPermission", "Not authorized.");
    machine.emulator.reply_always(denied);
    let provider = machine.start().await?;
    machine.configure(&provider).await?;
    let mut golden = Golden::default();
    for region in ["cn-hangzhou", "us-west-1"] {
        let block = json!({"region_id": region});
        golden.add(region, &error_text(&provider, &block).await?);
    }
    golden.assert("role_denied_to_several_blocks");
    Ok(())
}

#[tokio::test]
async fn rejected_oidc_token_error_names_source_and_redacts_token() -> Result<()> {
    let role = role("reader");
    let mut golden = Golden::default();
    for (case, name, value, file) in [
        ("rejected", "oidc_token", "swordfish-of-yesterday", None),
        ("missing file", "oidc_token_file", "~/token", None),
        ("empty file", "oidc_token_file", "~/token", Some("\n")),
    ] {
        let block = json!({"role_arn": role, "oidc_provider_arn": OIDC_PROVIDER, name: value});
        let machine = Machine::new()?.set("assume_role_with_oidc", json!([block]));
        let machine = match file {
            Some(text) => machine.file("token", text),
            None => machine,
        };
        golden.add(case, &machine.error_text().await?);
    }
    golden.assert("oidc_tokens_not_accepted");
    Ok(())
}

/// The maximum session duration of the role is a setting of the role.
#[tokio::test]
async fn session_duration_error_of_sts_points_at_session_expiration() -> Result<()> {
    let code = "InvalidParameter.DurationSeconds";
    let message = "The Min/Max value of DurationSeconds is 15min/1hr.";
    let rejected = Reply::error(400, code, message);
    let old_code = Reply::error(400, "InvalidParameter", message);
    let role_arn = role("reader");
    let block = json!([{"role_arn": role_arn, "session_expiration": 43200}]);
    let oidc = json!([{
        "role_arn": role_arn, "session_expiration": 43200, "oidc_token": OIDC_TOKEN,
        "oidc_provider_arn": OIDC_PROVIDER,
    }]);
    let profile = with(&ram_role_arn(), "name", "work");
    let profile = with(&profile, "expired_seconds", 43200);
    let mut golden = Golden::default();
    for (case, machine) in [
        (
            "assume_role",
            Machine::with_key()?.set("assume_role", block),
        ),
        (
            "assume_role_with_oidc",
            Machine::new()?.set("assume_role_with_oidc", oidc),
        ),
        (
            "environment",
            Machine::with_key()?.env("ALIBABA_CLOUD_ROLE_ARN", role("env")),
        ),
        (
            "profile",
            Machine::new()?.cli_file("work", &json!([profile])),
        ),
    ] {
        for reply in [&old_code, &rejected] {
            machine.emulator.reply_always(reply.clone());
            let text = machine.error_text().await?;
            assert!(text.contains("\"session_expiration\""), "{case}: {text}");
        }
        golden.add(case, &machine.error_text().await?);
    }
    golden.assert("session_durations_not_allowed");
    Ok(())
}
