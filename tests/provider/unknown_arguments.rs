//! Unknown values in the provider block fail only the reads that need them.

use serde_json::{Value, json};
use swas_testing::emulator::Emulator;
use swas_testing::plugin_client::values::{UNKNOWN, encode};
use swas_testing::plugin_client::wire::tfplugin::deferred::Reason;
use swas_testing::plugin_client::wire::tfplugin::{ClientCapabilities, read_data_source};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::machine::{OIDC_PROVIDER, SECRET, role};
use crate::support::{
    PROTOCOLS, configure, emulator, error_text, provider_config, read_state, start_provider, with,
};

/// A valid provider block with every argument that can be combined with the others.
pub fn all_arguments() -> Value {
    json!({
        "region": "cn-hangzhou",
        "access_key": "LTAItestid",
        "secret_key": SECRET,
        "security_token": SECRET,
        "protocol": "HTTP",
        "client_connect_timeout": 1000,
        "client_read_timeout": 300_000,
        "configuration_source": "x".repeat(1024),
        "assume_role": [{
            "role_arn": role("reader"),
            "session_name": "ci@build-7_a.b",
            "session_expiration": 43200,
            "policy": "{}",
            "external_id": "partner/1",
        }],
        "endpoints": [{"swas": "127.0.0.1:1", "sts": "127.0.0.1:1"}],
    })
}

/// Provider blocks with one unknown argument each, and the argument's name in
/// diagnostics.
fn unknown_arguments() -> Vec<(String, Value)> {
    let all = all_arguments();
    let mut blocks = Vec::new();
    for (name, value) in all.as_object().into_iter().flatten() {
        let Some(nested) = value.as_array() else {
            blocks.push((name.clone(), with(&all, name, UNKNOWN)));
            continue;
        };
        for argument in nested[0]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            let path = format!("{name}[0].{argument}");
            let nested = with(&nested[0], argument, UNKNOWN);
            blocks.push((path, with(&all, name, json!([nested]))));
        }
        blocks.push((name.clone(), with(&all, name, UNKNOWN)));
    }
    let region = json!({"region": "cn-hangzhou"});
    for name in [
        "profile",
        "shared_credentials_file",
        "ecs_role_name",
        "credentials_uri",
        "assume_role_with_oidc",
    ] {
        blocks.push((name.to_owned(), with(&region, name, UNKNOWN)));
    }
    for token in ["oidc_token", "oidc_token_file"] {
        let role = json!({"role_arn": role("reader"), "oidc_provider_arn": OIDC_PROVIDER});
        let role = with(&role, token, UNKNOWN);
        let block = with(&region, "assume_role_with_oidc", json!([role]));
        blocks.push((format!("assume_role_with_oidc[0].{token}"), block));
    }
    blocks
}

/// A provider with an unknown region.
async fn with_unknown_region(emulator: &Emulator) -> Result<RunningProvider> {
    let provider = start_provider(PROTOCOLS[1]).await?;
    configure(
        &provider,
        &with(&provider_config(emulator), "region", UNKNOWN),
    )
    .await?;
    Ok(provider)
}

#[tokio::test]
async fn read_with_unknown_provider_argument_names_it() -> Result<()> {
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        for (name, block) in unknown_arguments() {
            configure(&provider, &block).await?;
            let text = error_text(&provider, &json!({})).await?;
            let expected = format!("the provider's argument \"{name}\"");
            assert!(text.contains(&expected), "{name}: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn read_with_unknown_provider_argument_is_deferred_when_allowed() -> Result<()> {
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        for (name, block) in unknown_arguments() {
            configure(&provider, &block).await?;
            let request = read_data_source::Request {
                type_name: "swas_images".to_owned(),
                config: Some(provider.data_block("swas_images", &json!({}))?),
                client_capabilities: Some(ClientCapabilities {
                    deferral_allowed: true,
                    ..Default::default()
                }),
                ..Default::default()
            };
            let response = provider.client.read_data_source_as(request).await?;
            assert_eq!(response.diagnostics, [], "{name}");
            assert_eq!(response.state, Some(encode(&UNKNOWN.into())), "{name}");
            let reason = response.deferred.ok_or("no reason")?.reason();
            assert_eq!(reason, Reason::ProviderConfigUnknown, "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn read_with_unknown_region_sends_no_request() -> Result<()> {
    let emulator = emulator();
    error_text(&with_unknown_region(&emulator).await?, &json!({})).await?;
    assert_eq!(emulator.connections(), 0);
    Ok(())
}

#[tokio::test]
async fn data_block_region_overrides_unknown_provider_region() -> Result<()> {
    let emulator = emulator();
    let provider = with_unknown_region(&emulator).await?;
    let state = read_state(&provider, &json!({"region_id": "us-west-1"})).await?;
    assert_eq!(state["region_id"], "us-west-1");
    Ok(())
}
