//! Reads: their state, concurrency and cancellation.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Reply};
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::decode;
use swas_testing::plugin_client::wire::tfplugin::read_data_source;
use swas_testing::running_provider::{Result, RunningProvider};
use tokio::task::JoinSet;

use crate::support::{
    PROTOCOLS, emulator, error_text, expect_state, read_state, start_configured, wait_for_requests,
};

/// Regions of the emulator's catalog.
const REGIONS: [&str; 3] = ["cn-hangzhou", "us-west-1", "ap-southeast-1"];

/// Terraform's default number of concurrent operations.
const PARALLELISM: usize = 10;

fn names(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Compares the state of every data source, with the objects in its lists, to the
/// schema.
#[tokio::test]
async fn state_matches_schema_attributes() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        for (name, schema) in &provider.schemas.data_source_schemas {
            let choice = match name.as_str() {
                "swas_image" => json!({"name_regex": "^Ubuntu", "most_recent": true}),
                _ => json!({}),
            };
            let state = expect_state(&provider.read(name, &choice).await?)?;
            let attributes = &schema.block.as_ref().ok_or("no block")?.attributes;
            let expected: BTreeSet<_> = attributes.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(names(&state), expected, "{protocol:?}: {name}");
            for attribute in attributes {
                // ["list",["object",{"name":type}]]
                let of: Value = serde_json::from_slice(&attribute.r#type)?;
                if of[1][0] == "object" {
                    let objects = state[&attribute.name].as_array().ok_or("no list")?;
                    assert!(!objects.is_empty(), "{name}");
                    for object in objects {
                        assert_eq!(names(object), names(&of[1][1]), "{object}");
                    }
                }
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn configured_arguments_are_unchanged_in_state() -> Result<()> {
    let images = Catalog::builtin();
    let ids = images.images("us-west-1").iter().rev().take(3);
    let ids: Vec<_> = ids.map(|image| image.id.as_str()).collect();
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        for given in [
            json!({}),
            json!({"region_id": "us-west-1"}),
            json!({"region_id": "us-west-1", "image_type": "custom"}),
            json!({"region_id": "us-west-1", "image_type": "custom", "image_ids": ids}),
        ] {
            let state = read_state(&provider, &given).await?;
            for (name, default) in [
                // The only argument with a default.
                ("region_id", json!("cn-hangzhou")),
                ("image_type", json!(null)),
                ("image_ids", json!(null)),
            ] {
                let expected = given.get(name).unwrap_or(&default);
                assert_eq!(&state[name], expected, "{protocol:?}: {given}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn duplicate_ids_are_sent_once_and_unchanged_in_state() -> Result<()> {
    let images = Catalog::builtin();
    let id = images.images("cn-hangzhou")[0].id.as_str();
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let given = json!({"image_ids": [id, "gone", id, "gone"]});
        let response = provider.read("swas_images", &given).await?;
        let warning = shown(&response.diagnostics);
        assert_eq!(warning.matches("- gone").count(), 1, "{warning}");
        let state = decode(response.state.as_ref().ok_or("no state")?)?;
        assert_eq!(state["image_ids"], given["image_ids"], "{protocol:?}");
        assert_eq!(state["ids"], json!([id]), "{protocol:?}");
        let requests = emulator.requests();
        let sent = requests.last().and_then(|one| one.parameter("ImageIds"));
        let expected = json!([id, "gone"]).to_string();
        assert_eq!(sent, Some(expected.as_str()), "{protocol:?}");
    }
    Ok(())
}

#[tokio::test]
async fn empty_id_list_gives_empty_state_without_request() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let state = read_state(&provider, &json!({"image_ids": []})).await?;
        for name in ["image_ids", "images", "ids", "names"] {
            assert_eq!(state[name], json!([]), "{protocol:?}: {name}");
        }
    }
    assert_eq!(emulator.connections(), 0);
    Ok(())
}

#[tokio::test]
async fn state_is_equal_in_both_protocols() -> Result<()> {
    let emulator = emulator();
    let five = start_configured(Protocol::V5, &emulator).await?;
    let six = start_configured(Protocol::V6, &emulator).await?;
    let block = json!({"image_type": "system"});
    assert_eq!(
        read_state(&five, &block).await?,
        read_state(&six, &block).await?
    );
    Ok(())
}

#[tokio::test]
async fn failed_read_gives_diagnostic_without_state() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let text = error_text(&provider, &json!({"region_id": "cn-nowhere"})).await?;
        assert!(
            text.starts_with("error at region_id: "),
            "{protocol:?}: {text}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn read_validates_arguments_before_any_request() -> Result<()> {
    let emulator = emulator();
    let provider = start_configured(Protocol::V6, &emulator).await?;
    let text = error_text(&provider, &json!({"image_type": "apps"})).await?;
    assert!(text.starts_with("error at image_type: "), "{text}");
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}

/// Starts reads whose requests the endpoint receives and never responds to.
async fn start_hanging_reads(
    provider: &RunningProvider,
    emulator: &Emulator,
    count: usize,
) -> Result<JoinSet<read_data_source::Response>> {
    emulator.reply_always(Reply::hang());
    let before = emulator.requests().len();
    let mut reads = JoinSet::new();
    // Reads of one region share a call.
    for region in REGIONS.iter().cycle().take(count) {
        let client = provider.client.clone();
        let config = provider.data_block("swas_images", &json!({"region_id": region}))?;
        reads.spawn(async move {
            let read = client.read_data_source("swas_images", config).await;
            read.expect("a response")
        });
    }
    wait_for_requests(emulator, before + count.min(REGIONS.len())).await;
    Ok(reads)
}

#[tokio::test]
async fn concurrent_reads_run_at_terraform_parallelism() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let reads = start_hanging_reads(&provider, &emulator, PARALLELISM).await?;
        emulator.clear_script();
        emulator.release();
        for read in reads.join_all().await {
            assert_eq!(read.diagnostics, [], "{protocol:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn other_calls_are_served_while_read_hangs() -> Result<()> {
    let emulator = emulator();
    let provider = start_configured(Protocol::V6, &emulator).await?;
    let _read = start_hanging_reads(&provider, &emulator, 1).await?;
    let found = provider
        .validate("swas_images", &json!({"image_type": "apps"}))
        .await?;
    assert_eq!(found.len(), 1);
    Ok(())
}

#[tokio::test]
async fn stop_cancels_running_reads_and_later_reads_are_served() -> Result<()> {
    let emulator = emulator();
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let reads = start_hanging_reads(&provider, &emulator, 3).await?;
        assert_eq!(provider.client.stop().await?.error, "", "{protocol:?}");
        for read in reads.join_all().await {
            let text = shown(&read.diagnostics);
            assert!(
                text.starts_with("error: ") && text.contains("canceled"),
                "{text}"
            );
        }
        emulator.clear_script();
        let state = read_state(&provider, &json!({})).await?;
        assert_ne!(state["images"], json!([]));
    }
    Ok(())
}
