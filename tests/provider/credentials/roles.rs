//! Assumed roles, by the source of their base credentials.

use serde_json::json;
use swas_testing::emulator::Request;
use swas_testing::machine::sources::SOURCES;
use swas_testing::running_provider::Result;

use crate::machine::{Machine, OIDC_PROVIDER, Run, SECRET, TOKEN, role};

#[tokio::test]
async fn assume_role_uses_credentials_of_every_source() -> Result<()> {
    for source in SOURCES {
        let machine = (source.set)(Machine::new()?).assume("top");
        assert!(
            machine.listing_key().await?.starts_with("STS.role-top."),
            "{source:?}"
        );
        let with = machine.keys_of("AssumeRole");
        assert!(
            with.len() == 1 && with[0].starts_with(source.key),
            "{source:?}: {with:?}"
        );
    }
    Ok(())
}

/// Asserts that the parameters are in the body. URLs end up in the logs of proxies.
fn assert_sent<const N: usize>(call: &Request, parameters: [(&str, Option<&str>); N]) {
    assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/"));
    for (name, expected) in parameters {
        assert_eq!(call.parameter(name), expected, "{name}");
    }
}

#[tokio::test]
async fn assume_role_sends_block_arguments() -> Result<()> {
    let role = role("reader");
    let machine = Machine::with_key()?.set(
        "assume_role",
        json!([{
            "role_arn": role, "session_name": "ci@build-7", "session_expiration": 900,
            "external_id": "partner/1", "policy": r#"{"Statement":[],"Version":"1"}"#,
        }]),
    );
    assert!(machine.listing_key().await?.starts_with("STS.role-reader."));
    assert_sent(
        &machine.calls("AssumeRole")[0],
        [
            ("RoleArn", Some(&role)),
            ("RoleSessionName", Some("ci@build-7")),
            ("DurationSeconds", Some("900")),
            ("ExternalId", Some("partner/1")),
            ("Policy", Some(r#"{"Statement":[],"Version":"1"}"#)),
            ("Version", Some("2015-04-01")),
            ("AccessKeyId", Some("LTAIenv")),
        ],
    );
    Ok(())
}

/// A security token means that a role is assumed already.
#[tokio::test]
async fn environment_role_is_assumed_only_with_long_term_keys() -> Result<()> {
    for source in SOURCES {
        let machine = (source.set)(Machine::new()?).env("ALIBABA_CLOUD_ROLE_ARN", role("env"));
        let expected = if source.key.starts_with("LTAI") {
            "STS.role-env."
        } else {
            source.key
        };
        let key = machine.listing_key().await?;
        assert!(key.starts_with(expected), "{source:?}: {key}");
    }
    // An `assume_role` block assumes the role even with a security token.
    for (block, expected) in [
        (json!([]), "STS.static"),
        (json!([{"session_name": "block"}]), "STS.role-env."),
    ] {
        let machine = Machine::new()?
            .key_in_environment("STS.static")
            .env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN)
            .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
            .set("assume_role", block);
        assert!(machine.listing_key().await?.starts_with(expected));
    }
    Ok(())
}

#[tokio::test]
async fn environment_role_is_assumed_with_default_session() -> Result<()> {
    let machine = Machine::with_key()?.env("ALIBABA_CLOUD_ROLE_ARN", role("env"));
    assert!(machine.listing_key().await?.starts_with("STS.role-env."));
    assert_sent(
        &machine.calls("AssumeRole")[0],
        [
            ("RoleSessionName", Some("terraform")),
            ("DurationSeconds", Some("3600")),
            ("ExternalId", None),
            ("Policy", None),
        ],
    );

    // The block takes precedence, and the environment supplies the rest.
    let machine = Machine::with_key()?
        .env("ALIBABA_CLOUD_ROLE_ARN", role("env"))
        .env("ALIBABA_CLOUD_ROLE_SESSION_NAME", "from-env")
        .assume("block");
    assert!(machine.listing_key().await?.starts_with("STS.role-block."));
    assert_sent(
        &machine.calls("AssumeRole")[0],
        [("RoleSessionName", Some("from-env"))],
    );
    Ok(())
}

#[tokio::test]
async fn assume_role_with_oidc_sends_block_arguments() -> Result<()> {
    let token = format!("{SECRET}-token");
    let role = role("reader");
    let machine = Machine::new()?.file("oidc/token", format!(" {token}\n"));
    let file = machine.path("oidc/token");
    let machine = machine.set("assume_role_with_oidc", json!([{
        "role_arn": role, "oidc_provider_arn": OIDC_PROVIDER, "oidc_token_file": file,
        "role_session_name": "pod-1", "session_expiration": 1800, "policy": r#"{"Version":"1"}"#,
    }]));
    assert!(machine.listing_key().await?.starts_with("STS.oidc-reader."));
    assert_sent(
        &machine.calls("AssumeRoleWithOIDC")[0],
        [
            ("RoleArn", Some(&role)),
            ("OIDCProviderArn", Some(OIDC_PROVIDER)),
            ("OIDCToken", Some(&token)),
            ("RoleSessionName", Some("pod-1")),
            ("DurationSeconds", Some("1800")),
            ("Policy", Some(r#"{"Version":"1"}"#)),
            ("Signature", None),
        ],
    );
    Ok(())
}

#[tokio::test]
async fn assume_role_with_oidc_falls_back_to_environment() -> Result<()> {
    let of_environment = SOURCES.iter().find(|source| source.name == "env oidc");
    let machine = (of_environment.ok_or("no such source")?.set)(Machine::new()?);
    let block = json!([{"role_session_name": "pod-2"}]);
    let machine = machine.set("assume_role_with_oidc", block);
    assert!(machine.listing_key().await?.starts_with("STS.oidc-env."));
    assert_sent(
        &machine.calls("AssumeRoleWithOIDC")[0],
        [("RoleSessionName", Some("pod-2"))],
    );
    // The role is assumed with the token and not a second time.
    assert_eq!(machine.calls("AssumeRole").len(), 0);
    Ok(())
}

/// Partners that assume a role of a customer have to send it.
#[tokio::test]
async fn external_id_precedence_block_over_environment() -> Result<()> {
    let variable = ("ALIBABA_CLOUD_EXTERNAL_ID", "partner/env");
    let deprecated = ("ALICLOUD_EXTERNAL_ID", "partner/old");
    let arn = ("ALIBABA_CLOUD_ROLE_ARN", &*role("env"));
    let block = |id: Option<&str>| json!([{"role_arn": role("env"), "external_id": id}]);
    for (variables, block, expected) in [
        (&[variable][..], block(None), Some("partner/env")),
        (
            &[variable],
            block(Some("partner/block")),
            Some("partner/block"),
        ),
        (&[variable, arn], json!([]), Some("partner/env")),
        (&[variable, arn], json!([{}]), Some("partner/env")),
        (&[variable, deprecated], block(None), Some("partner/env")),
        (&[arn], json!([]), None),
        (&[arn, (variable.0, " ")], json!([]), None),
    ] {
        let machine = Machine::with_key()?.set("assume_role", block);
        let set = |machine: Machine, (name, value): &(&str, &str)| machine.env(name, value);
        let machine = variables.iter().fold(machine, set);
        assert!(machine.listing_key().await?.starts_with("STS.role-env."));
        assert_sent(
            &machine.calls("AssumeRole")[0],
            [("ExternalId", expected), ("AccessKeyId", Some("LTAIenv"))],
        );
    }
    let machine = Machine::with_key()?.env(arn.0, arn.1);
    let machine = machine.env(variable.0, "partner\n");
    let text = machine.config_error_text().await?;
    assert!(text.contains(variable.0), "{text}");
    assert_eq!(machine.emulator.connections(), 0);
    Ok(())
}
