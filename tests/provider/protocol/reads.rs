//! Reads: what state they give, many at a time, and until the client stops
//! them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Reply};
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::decode;
use swas_testing::plugin_client::wire::tfplugin::read_data_source;
use swas_testing::running_provider::{Result, RunningProvider};
use tokio::task::JoinSet;

use crate::support::{BOTH, configured, emulator, requested, state, state_of, told};

/// The regions that there are.
const REGIONS: [&str; 3] = ["cn-hangzhou", "us-west-1", "ap-southeast-1"];

/// How many calls Terraform has under way at a time.
const PARALLELISM: usize = 10;

fn names(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The state of every data source, and what each list of objects in it holds.
#[tokio::test]
async fn a_state_has_what_the_schema_promises() -> Result<()> {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        for (name, schema) in &provider.schemas.data_source_schemas {
            let choice = match name.as_str() {
                "swas_image" => json!({"name_regex": "^Ubuntu", "most_recent": true}),
                _ => json!({}),
            };
            let state = state_of(&provider.read(name, &choice).await?)?;
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
async fn what_was_configured_comes_back_unchanged() -> Result<()> {
    let images = Catalog::builtin();
    let ids = images.images("us-west-1").iter().rev().take(3);
    let ids: Vec<_> = ids.map(|image| image.id.as_str()).collect();
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        for given in [
            json!({}),
            json!({"region_id": "us-west-1"}),
            json!({"region_id": "us-west-1", "image_type": "custom"}),
            json!({"region_id": "us-west-1", "image_type": "custom", "image_ids": ids}),
        ] {
            let state = state(&provider, &given).await?;
            for (name, default) in [
                // The only one that the provider may fill in.
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
async fn duplicate_ids_count_once_and_come_back_as_configured() -> Result<()> {
    let images = Catalog::builtin();
    let id = images.images("cn-hangzhou")[0].id.as_str();
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        let given = json!({"image_ids": [id, "gone", id, "gone"]});
        let answer = provider.read("swas_images", &given).await?;
        let warning = shown(&answer.diagnostics);
        assert_eq!(warning.matches("- gone").count(), 1, "{warning}");
        let state = decode(answer.state.as_ref().ok_or("no state")?)?;
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
async fn an_empty_list_comes_back_empty_and_nothing_is_asked() -> Result<()> {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        let state = state(&provider, &json!({"image_ids": []})).await?;
        for name in ["image_ids", "images", "ids", "names"] {
            assert_eq!(state[name], json!([]), "{protocol:?}: {name}");
        }
    }
    assert_eq!(emulator.connections(), 0);
    Ok(())
}

#[tokio::test]
async fn the_same_question_gives_the_same_state() -> Result<()> {
    let emulator = emulator();
    let five = configured(Protocol::V5, &emulator).await?;
    let six = configured(Protocol::V6, &emulator).await?;
    let block = json!({"image_type": "system"});
    assert_eq!(state(&five, &block).await?, state(&six, &block).await?);
    Ok(())
}

#[tokio::test]
async fn a_read_that_fails_is_a_diagnostic_and_no_state() -> Result<()> {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        let told = told(&provider, &json!({"region_id": "cn-nowhere"})).await?;
        assert!(
            told.starts_with("error at region_id: "),
            "{protocol:?}: {told}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn arguments_that_became_known_are_judged_before_anything_is_asked() -> Result<()> {
    let emulator = emulator();
    let provider = configured(Protocol::V6, &emulator).await?;
    let told = told(&provider, &json!({"image_type": "apps"})).await?;
    assert!(told.starts_with("error at image_type: "), "{told}");
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}

/// Reads under way, of which the endpoint has heard but says nothing.
async fn hanging(
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
            read.expect("an answer")
        });
    }
    requested(emulator, before + count.min(REGIONS.len())).await;
    Ok(reads)
}

#[tokio::test]
async fn as_many_reads_as_terraform_wants_run_at_a_time() -> Result<()> {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        let reads = hanging(&provider, &emulator, PARALLELISM).await?;
        emulator.clear_script();
        emulator.release();
        for read in reads.join_all().await {
            assert_eq!(read.diagnostics, [], "{protocol:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn other_calls_are_answered_while_a_read_hangs() -> Result<()> {
    let emulator = emulator();
    let provider = configured(Protocol::V6, &emulator).await?;
    let _read = hanging(&provider, &emulator, 1).await?;
    let found = provider
        .validate("swas_images", &json!({"image_type": "apps"}))
        .await?;
    assert_eq!(found.len(), 1);
    Ok(())
}

#[tokio::test]
async fn stop_ends_the_reads_under_way_with_a_diagnostic_and_later_ones_are_served() -> Result<()> {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        let reads = hanging(&provider, &emulator, 3).await?;
        assert_eq!(provider.client.stop().await?.error, "", "{protocol:?}");
        for read in reads.join_all().await {
            let told = shown(&read.diagnostics);
            assert!(
                told.starts_with("error: ") && told.contains("canceled"),
                "{told}"
            );
        }
        emulator.clear_script();
        let state = state(&provider, &json!({})).await?;
        assert_ne!(state["images"], json!([]));
    }
    Ok(())
}
