//! The format of requests to the API: minimal, with nothing in the URL.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use swas_testing::emulator::{Catalog, Request};
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, TOKEN, secret};
use crate::support::read_state;

/// Reads once and returns the only request.
async fn request_of(machine: &Machine, block: &Value) -> Result<Request> {
    let provider = machine.start().await?;
    // A warning about missing IDs is possible.
    let read = provider.read("swas_images", block).await?;
    assert!(read.state.is_some(), "{:?}", read.diagnostics);
    let mut requests = machine.emulator.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    Ok(requests.remove(0))
}

/// The parameters, with those masked that differ from request to request.
fn parameters(request: &Request) -> BTreeMap<&str, &str> {
    let masked = ["Signature", "SignatureNonce", "Timestamp"];
    let parameters = request.parameters.iter();
    parameters
        .map(|(name, value)| {
            let differs = masked.contains(&name.as_str());
            (name.as_str(), if differs { "…" } else { value.as_str() })
        })
        .collect()
}

/// The parameters of a `ListImages` call, with these additions or changes.
fn list_images<'a>(others: &[(&'a str, &'a str)]) -> BTreeMap<&'a str, &'a str> {
    let common = [
        ("AccessKeyId", "LTAIenv"),
        ("Action", "ListImages"),
        ("Format", "JSON"),
        ("RegionId", "cn-hangzhou"),
        ("Signature", "…"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "…"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "…"),
        ("Version", "2020-06-01"),
    ];
    common.into_iter().chain(others.iter().copied()).collect()
}

#[tokio::test]
async fn request_is_a_post_with_empty_query_and_minimal_headers() -> Result<()> {
    let request = request_of(&Machine::with_key()?, &json!({})).await?;
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/")
    );
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let needed = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, needed);
    let content_type = request.header("content-type");
    assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
    assert!(!format!("{request:?}").contains(&secret("LTAIenv")));
    Ok(())
}

#[tokio::test]
async fn request_parameters_match_configuration() -> Result<()> {
    for (block, others) in [
        (json!({}), &[][..]),
        (
            json!({"region_id": "us-west-1"}),
            &[("RegionId", "us-west-1")],
        ),
        (json!({"image_type": "system"}), &[("ImageType", "system")]),
        (
            json!({"image_ids": ["0123456789abcdef0123456789abcdef", "a b*~+&=\""]}),
            &[(
                "ImageIds",
                r#"["0123456789abcdef0123456789abcdef","a b*~+&=\""]"#,
            )],
        ),
        (
            json!({"region_id": "ap-southeast-1", "image_type": "custom", "image_ids": ["镜像"]}),
            &[
                ("RegionId", "ap-southeast-1"),
                ("ImageType", "custom"),
                ("ImageIds", r#"["镜像"]"#),
            ],
        ),
    ] {
        let request = request_of(&Machine::with_key()?, &block).await?;
        assert_eq!(parameters(&request), list_images(others), "{block}");
    }
    Ok(())
}

#[tokio::test]
async fn request_with_temporary_credentials_sends_security_token() -> Result<()> {
    let machine = Machine::new()?.key_in_environment("STS.static");
    let machine = machine.env("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN);
    let request = request_of(&machine, &json!({})).await?;
    let expected = list_images(&[("AccessKeyId", "STS.static"), ("SecurityToken", TOKEN)]);
    assert_eq!(parameters(&request), expected);
    Ok(())
}

#[tokio::test]
async fn reads_reuse_one_connection_with_unique_nonces() -> Result<()> {
    let machine = Machine::with_key()?;
    let provider = machine.start().await?;
    let catalog = Catalog::builtin();
    for image in catalog.images("cn-hangzhou").iter().take(12) {
        let state = read_state(&provider, &json!({"image_ids": [image.id]})).await?;
        assert_eq!(state["ids"], json!([image.id]));
    }
    let requests = machine.emulator.requests();
    let mut nonces: Vec<_> = requests
        .iter()
        .map(|one| one.parameter("SignatureNonce"))
        .collect();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!((nonces.len(), machine.emulator.connections()), (12, 1));
    Ok(())
}
