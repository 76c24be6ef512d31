//! Signature V3, which `signature_method` selects. The emulator verifies every signature.

use std::time::Duration;

use serde_json::json;
use swas_testing::emulator::signature::percent_encode;
use swas_testing::emulator::{Reply, Request};
use swas_testing::machine::sources::{MODES, SOURCES};
use swas_testing::running_provider::Result;

use crate::machine::{Machine, OIDC_PROVIDER, Run, TOKEN, role, secret};
use crate::support::read_state;

const METHODS: [&str; 2] = ["HMAC-SHA1", "ACS3-HMAC-SHA256"];

/// Selects signature V3.
fn v3(machine: Machine) -> Machine {
    machine.set("signature_method", METHODS[1])
}

fn temporary() -> Result<Machine> {
    let machine = Machine::new()?.key_in_environment("STS.static");
    Ok(machine.env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN))
}

#[tokio::test]
async fn v3_request_has_operation_parameters_in_body_and_the_rest_in_headers() -> Result<()> {
    let machine = v3(temporary()?);
    let provider = machine.start().await?;
    let block = json!({"image_type": "system", "image_ids": ["镜像 +"]});
    provider.read("swas_images", &block).await?;
    let request = &machine.calls("ListImages")[0];
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/")
    );
    let ids = percent_encode(r#"["镜像 +"]"#);
    let body = format!("ImageIds={ids}&ImageType=system&RegionId=cn-hangzhou");
    assert_eq!(request.body, body);
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let signed = [
        "content-type",
        "host",
        "x-acs-action",
        "x-acs-content-sha256",
        "x-acs-date",
        "x-acs-security-token",
        "x-acs-signature-nonce",
        "x-acs-version",
    ];
    let unsigned = ["accept", "authorization", "content-length", "user-agent"];
    let mut expected = [&signed[..], &unsigned].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
    for (name, expected) in [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("host", &machine.emulator.address().to_string()),
        ("x-acs-security-token", TOKEN),
        ("x-acs-version", "2020-06-01"),
    ] {
        assert_eq!(request.header(name), Some(expected), "{name}");
    }
    let expected = format!(
        "ACS3-HMAC-SHA256 Credential=STS.static,SignedHeaders={},Signature=",
        signed.join(";")
    );
    let authorization = request.header("authorization").ok_or("no header")?;
    assert!(authorization.starts_with(&expected), "{authorization}");
    assert!(!format!("{request:?}").contains(&secret("STS.static")));
    Ok(())
}

#[tokio::test]
async fn v3_signs_swas_and_sts_with_every_credentials_source() -> Result<()> {
    for source in SOURCES.into_iter().chain(MODES) {
        let machine = v3((source.set)(Machine::new()?));
        let key = machine.listing_key().await?;
        assert!(key.starts_with(source.key), "{}: {key}", source.name);
        let machine = v3((source.set)(Machine::new()?)).assume("top");
        let key = machine.listing_key().await?;
        assert!(key.starts_with("STS.role-top."), "{}: {key}", source.name);
        for action in ["AssumeRole", "ListImages"] {
            let calls = machine.calls(action);
            assert!(!calls.is_empty(), "{}: {action}", source.name);
            assert!(
                calls.iter().all(Request::is_v3),
                "{}: {calls:?}",
                source.name
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn oidc_token_is_sent_unsigned_and_the_same_with_each_signature_method() -> Result<()> {
    let mut sent = Vec::new();
    for method in METHODS {
        let block = json!([{
            "role_arn": role("reader"), "oidc_provider_arn": OIDC_PROVIDER,
            "oidc_token": "swordfish-token",
        }]);
        let machine = Machine::new()?.set("assume_role_with_oidc", block);
        let machine = machine.set("signature_method", method);
        assert!(machine.listing_key().await?.starts_with("STS.oidc-reader."));
        let request = machine.calls("AssumeRoleWithOIDC").remove(0);
        assert_eq!(request.header("authorization"), None);
        let mut parameters = request.parameters;
        for name in ["SignatureNonce", "Timestamp"] {
            parameters.remove(name).ok_or("missing")?;
        }
        sent.push(parameters);
    }
    assert_eq!(sent[0], sent[1]);
    Ok(())
}

#[tokio::test]
async fn retry_has_another_nonce_and_date_with_each_signature_method() -> Result<()> {
    for method in METHODS {
        let machine = Machine::with_key()?.set("signature_method", method);
        let machine = machine.set("max_retry_timeout", 60);
        // Dates have seconds.
        let wait = Some(Duration::from_millis(1100));
        machine.emulator.reply_next(Reply::throttled(400, wait));
        let read = machine
            .start()
            .await?
            .read("swas_images", &json!({}))
            .await?;
        assert!(read.state.is_some(), "{:?}", read.diagnostics);
        let calls = machine.calls("ListImages");
        for name in ["SignatureNonce", "Timestamp"] {
            let values = [0, 1].map(|number: usize| calls[number].common(name));
            assert!(values[0].is_some(), "{method}: {name}");
            assert_ne!(values[0], values[1], "{method}: {name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn rejected_security_token_is_refreshed_with_v3() -> Result<()> {
    let machine = v3(Machine::with_key()?).assume("reader");
    let provider = machine.start().await?;
    read_state(&provider, &json!({})).await?;
    machine.emulator.expire_issued_keys();
    read_state(&provider, &json!({"region_id": "us-west-1"})).await?;
    let keys = machine.keys_of("ListImages");
    assert_eq!((keys.len(), machine.calls("AssumeRole").len()), (3, 2));
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
    Ok(())
}

/// Reads with each signature method. Both have the same error, which is returned.
async fn error_of_both(reply: Option<&Reply>, secret: &str) -> Result<String> {
    let mut texts = Vec::new();
    for method in METHODS {
        let machine = Machine::with_key()?.set("signature_method", method);
        let machine = machine
            .set("max_retry_timeout", 0)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret);
        if let Some(reply) = reply {
            machine.emulator.reply_always(reply.clone());
        }
        let text = machine.error_text().await?;
        let text = text.replace(&machine.emulator.address().to_string(), "ENDPOINT");
        // The rest of the line has the request ID.
        let lines = text.lines().map(|line| line.split("request ID").next());
        texts.push(
            lines
                .map(Option::unwrap_or_default)
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    assert_eq!(texts[0], texts[1]);
    Ok(texts.remove(0))
}

#[tokio::test]
async fn errors_are_the_same_with_each_signature_method() -> Result<()> {
    let correct = secret("LTAIenv");
    for (reply, expected) in [
        (Reply::redirect("http://elsewhere.example/"), "redirect"),
        (Reply::raw(401, ""), "401"),
        (
            Reply::error(500, "InternalError", "Not today."),
            "InternalError",
        ),
    ] {
        let text = error_of_both(Some(&reply), &correct).await?;
        assert!(text.contains(expected), "{text}");
    }
    let text = error_of_both(None, &secret("another")).await?;
    assert!(text.contains("SignatureDoesNotMatch"), "{text}");
    Ok(())
}
