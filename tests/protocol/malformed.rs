//! Nothing that a client can send makes a call fail: it is answered with a
//! diagnostic, and the process serves on.

use rmpv::Value;
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::{dynamic, object};
use swas_testing::plugin_client::wire::tfplugin::{
    Diagnostic, DynamicValue, configure_provider, read_data_source,
};

use crate::support::provider::{Provider, endpoints};
use crate::support::told::{error_paths, only_error};
use crate::support::{BOTH, emulator};

fn msgpack(bytes: &[u8]) -> DynamicValue {
    DynamicValue {
        msgpack: bytes.to_vec(),
        json: vec![],
    }
}

/// Values that are no block.
fn malformed() -> Vec<(&'static str, DynamicValue)> {
    let json = |text: &str| DynamicValue {
        msgpack: vec![],
        json: text.as_bytes().to_vec(),
    };
    vec![
        ("empty", DynamicValue::default()),
        ("garbage", msgpack(b"\xc1\xff\x00garbage")),
        ("cut short", msgpack(&[0x87, 0xa6, b'r'])),
        (
            "a length beyond all memory",
            msgpack(&[0xdd, 0xff, 0xff, 0xff, 0xff]),
        ),
        ("nested without end", msgpack(&[0x91; 100_000])),
        ("text", dynamic(&"region".into())),
        ("a list", dynamic(&Value::Array(vec![]))),
        ("null", dynamic(&Value::Nil)),
        ("a block without arguments", dynamic(&object([]))),
        ("no JSON", json("{")),
        ("JSON of another form", json("[1]")),
        ("JSON nested without end", json(&"[".repeat(100_000))),
    ]
}

/// What each call that takes a block has to say about it.
async fn told(provider: &Provider, value: &DynamicValue) -> [Vec<Diagnostic>; 4] {
    let Provider { client, .. } = provider;
    let prepared = client.validate_provider(value.clone()).await;
    let configured = client.configure(value.clone()).await;
    let validated = client.validate_data_source("swas_images", value.clone());
    let validated = validated.await;
    let read = client.read_data_source("swas_images", value.clone()).await;
    [
        prepared.expect("an answer").diagnostics,
        configured.expect("an answer").diagnostics,
        validated.expect("an answer").diagnostics,
        read.expect("an answer").diagnostics,
    ]
}

#[tokio::test]
async fn a_malformed_block_is_a_diagnostic() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        for (case, value) in malformed() {
            for diagnostics in told(&provider, &value).await {
                let told = only_error(&diagnostics);
                assert!(told.starts_with("Malformed value"), "{case}: {told}");
            }
        }
        // It still serves, with the configuration from before.
        provider.state(&[]).await;
    }
}

#[tokio::test]
async fn a_missing_block_is_a_diagnostic() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        let client = &provider.client;
        let configured = client.configure_as(configure_provider::Request::default());
        only_error(&configured.await.expect("an answer").diagnostics);
        let read = client.read_data_source_as(read_data_source::Request {
            type_name: "swas_images".to_owned(),
            ..Default::default()
        });
        only_error(&read.await.expect("an answer").diagnostics);
    }
}

#[tokio::test]
async fn an_argument_of_another_type_is_found_at_its_place() {
    let wrong_ids = Value::Array(vec!["a".into(), Value::Array(vec![])]);
    let data_block = [
        (vec![("region_id", 7.into())], "region_id"),
        (vec![("image_type", Value::Array(vec![]))], "image_type"),
        (vec![("image_ids", "a".into())], "image_ids"),
        (vec![("image_ids", wrong_ids)], "image_ids[1]"),
    ];
    let provider_block = [
        (vec![("region", true.into())], "region"),
        (
            vec![("endpoints", endpoints(7.into()))],
            "endpoints[0].swas",
        ),
    ];
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        for (set, expected) in &data_block {
            let config = provider.images_config(set);
            let answer = provider.client.validate_data_source("swas_images", config);
            let diagnostics = answer.await.expect("an answer").diagnostics;
            assert_eq!(error_paths(&diagnostics), [*expected], "{protocol:?}");
        }
        for (set, expected) in &provider_block {
            let config = provider.provider_config(set);
            let answer = provider.client.validate_provider(config).await;
            let diagnostics = answer.expect("an answer").diagnostics;
            assert_eq!(error_paths(&diagnostics), [*expected], "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn an_unknown_data_source_is_a_diagnostic_that_names_it() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        let config = provider.images_config(&[]);
        let client = &provider.client;
        let validated = client.validate_data_source("swas_disks", config.clone());
        let read = client.read_data_source("swas_disks", config);
        for diagnostics in [
            validated.await.expect("an answer").diagnostics,
            read.await.expect("an answer").diagnostics,
        ] {
            let told = only_error(&diagnostics);
            assert!(told.contains("\"swas_disks\""), "{protocol:?}: {told}");
        }
    }
}

#[tokio::test]
async fn a_read_before_the_provider_is_configured_is_a_diagnostic() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let answer = provider.read(&[]).await;
        let told = only_error(&answer.diagnostics);
        assert!(told.contains("not configured"), "{protocol:?}: {told}");
        assert_eq!(answer.state, None, "{protocol:?}");
    }
}

#[tokio::test]
async fn what_is_malformed_is_not_repeated() {
    let provider = Provider::start(Protocol::V6).await;
    let config =
        provider.provider_config(&[("secret_key", Value::Array(vec!["swordfish".into()]))]);
    let answer = provider.client.validate_provider(config).await;
    let told = only_error(&answer.expect("an answer").diagnostics);
    assert!(!told.contains("swordfish"), "{told}");
}
