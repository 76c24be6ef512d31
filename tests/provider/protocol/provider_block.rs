//! The provider block: `ValidateProviderConfig` returns it, `Configure` uses it.

use serde_json::json;
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::{UNKNOWN, decode};
use swas_testing::plugin_client::wire::tfplugin::DynamicValue;
use swas_testing::running_provider::Result;

use crate::support::{
    PROTOCOLS, configure, emulator, expect_state, provider_config, read_state, start_configured,
    start_provider,
};

#[tokio::test]
async fn validate_provider_returns_the_block_unchanged() -> Result<()> {
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        for block in [
            json!({}),
            json!({"region": "cn-hangzhou", "protocol": UNKNOWN}),
            json!({"region": "Not A Region"}),
            // Messages far above gRPC's default limit of 4 MiB are accepted and
            // returned.
            json!({"access_key": "LTAItestid", "secret_key": "x".repeat(20 << 20)}),
        ] {
            let config = provider.provider_block(&block)?;
            let response = provider.client.validate_provider(config.clone()).await?;
            assert!(response.prepared_config == Some(config), "{protocol:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn last_configuration_replaces_earlier_ones() -> Result<()> {
    let (old, new) = (emulator(), emulator());
    let provider = start_configured(Protocol::V6, &old).await?;
    configure(&provider, &provider_config(&new)).await?;
    read_state(&provider, &json!({})).await?;
    assert_eq!((old.requests().len(), new.requests().len()), (0, 1));
    Ok(())
}

#[tokio::test]
async fn json_values_are_accepted_without_messagepack() -> Result<()> {
    let json = |value: DynamicValue| -> Result<DynamicValue> {
        Ok(DynamicValue {
            msgpack: Vec::new(),
            json: serde_json::to_vec(&decode(&value)?)?,
        })
    };
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        let block = json(provider.provider_block(&provider_config(&emulator))?)?;
        let validated = provider.client.validate_provider(block.clone()).await?;
        assert_eq!(validated.diagnostics, []);
        assert_eq!(provider.client.configure(block).await?.diagnostics, []);
        let data = provider.data_block("swas_images", &json!({"image_type": "system"}))?;
        let read = provider
            .client
            .read_data_source("swas_images", json(data)?)
            .await?;
        // The response is in MessagePack even so.
        expect_state(&read)?;
    }
    Ok(())
}
