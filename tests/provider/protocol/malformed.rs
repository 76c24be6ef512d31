//! Malformed requests of a client: each gets a diagnostic, and the process keeps
//! serving.

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::plugin_client::values::encode;
use swas_testing::plugin_client::wire::tfplugin::{
    Diagnostic, DynamicValue, configure_provider, read_data_source,
};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::support::{PROTOCOLS, emulator, read_state, start_configured, start_provider};

/// Values that are not a block.
fn malformed() -> Vec<(&'static str, DynamicValue)> {
    let msgpack = |bytes: &[u8]| DynamicValue {
        msgpack: bytes.to_vec(),
        json: vec![],
    };
    let text = |text: &str| DynamicValue {
        msgpack: vec![],
        json: text.as_bytes().to_vec(),
    };
    vec![
        ("empty", DynamicValue::default()),
        ("garbage", msgpack(b"\xc1\xff\x00garbage")),
        ("truncated", msgpack(&[0x87, 0xa6, b'r'])),
        (
            "a length beyond all memory",
            msgpack(&[0xdd, 0xff, 0xff, 0xff, 0xff]),
        ),
        ("deeply nested", msgpack(&[0x91; 100_000])),
        ("text", encode(&json!("region"))),
        ("a list", encode(&json!([]))),
        ("null", encode(&json!(null))),
        ("a block without arguments", encode(&json!({}))),
        (
            "a block without some arguments",
            encode(&json!({"region": null, "region_id": null})),
        ),
        ("invalid JSON", text("{")),
        ("JSON array", text("[1]")),
        ("deeply nested JSON", text(&"[".repeat(100_000))),
    ]
}

/// The text of the only diagnostic, which is an error.
fn only_error(diagnostics: &[Diagnostic]) -> String {
    let shown = shown(diagnostics);
    assert!(
        diagnostics.len() == 1 && shown.starts_with("error"),
        "{shown}"
    );
    shown
}

#[tokio::test]
async fn malformed_block_is_a_diagnostic() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let RunningProvider { client, .. } = &provider;
        for (case, value) in malformed() {
            let value = || value.clone();
            for diagnostics in [
                client.validate_provider(value()).await?.diagnostics,
                client.configure(value()).await?.diagnostics,
                client
                    .validate_data_source("swas_images", value())
                    .await?
                    .diagnostics,
                client
                    .read_data_source("swas_images", value())
                    .await?
                    .diagnostics,
            ] {
                let text = only_error(&diagnostics);
                assert!(text.contains(": Malformed value"), "{case}: {text}");
            }
        }
        // The process still serves, with the previous configuration.
        read_state(&provider, &json!({})).await?;
    }
    Ok(())
}

#[tokio::test]
async fn missing_block_is_a_diagnostic() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let RunningProvider { client, .. } = &start_configured(protocol, &emulator).await?;
        let configured = client.configure_as(configure_provider::Request::default());
        only_error(&configured.await?.diagnostics);
        let read = client.read_data_source_as(read_data_source::Request {
            type_name: "swas_images".to_owned(),
            ..Default::default()
        });
        only_error(&read.await?.diagnostics);
    }
    Ok(())
}

#[tokio::test]
async fn argument_of_wrong_type_is_reported_at_its_path_and_redacted() -> Result<()> {
    for protocol in PROTOCOLS {
        let provider = start_provider(protocol).await?;
        for (data_source, block, place) in [
            (Some("swas_images"), json!({"region_id": 7}), "region_id"),
            (Some("swas_images"), json!({"image_type": []}), "image_type"),
            (
                Some("swas_images"),
                json!({"image_ids": "swordfish"}),
                "image_ids",
            ),
            (
                Some("swas_images"),
                json!({"image_ids": ["a", []]}),
                "image_ids[1]",
            ),
            (None, json!({"region": true}), "region"),
            (None, json!({"secret_key": ["swordfish"]}), "secret_key"),
            (
                None,
                json!({"endpoints": [{"swas": 7}]}),
                "endpoints[0].swas",
            ),
        ] {
            let text = only_error(&match data_source {
                Some(name) => provider.validate(name, &block).await?,
                None => provider.validate_provider(&block).await?,
            });
            assert!(
                text.starts_with(&format!("error at {place}: ")),
                "{block}: {text}"
            );
            assert!(!text.contains("swordfish"), "{text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn unknown_data_source_diagnostic_names_it() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let block = || provider.data_block("swas_images", &json!({}));
        let client = &provider.client;
        for diagnostics in [
            client
                .validate_data_source("swas_unknown", block()?)
                .await?
                .diagnostics,
            client
                .read_data_source("swas_unknown", block()?)
                .await?
                .diagnostics,
        ] {
            let text = only_error(&diagnostics);
            assert!(text.contains("\"swas_unknown\""), "{protocol:?}: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn read_before_configure_is_a_diagnostic() -> Result<()> {
    for protocol in PROTOCOLS {
        let response = start_provider(protocol)
            .await?
            .read("swas_images", &json!({}))
            .await?;
        let text = only_error(&response.diagnostics);
        assert!(text.contains("not configured"), "{protocol:?}: {text}");
        assert_eq!(response.state, None, "{protocol:?}");
    }
    Ok(())
}
