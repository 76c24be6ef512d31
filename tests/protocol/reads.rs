//! Reads: what state they give, many at a time, and until the client stops
//! them.

use std::collections::BTreeSet;

use rmpv::Value;
use swas_testing::emulator::{Answer, Catalog, Emulator};
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::{self, object};
use swas_testing::plugin_client::wire::tfplugin::read_data_source;
use tokio::task::JoinHandle;

use crate::support::provider::Provider;
use crate::support::told::{error_paths, only_error};
use crate::support::{BOTH, emulator, requested};

/// How many calls Terraform has under way at a time.
const PARALLELISM: usize = 10;

fn image_ids(region: &str, count: usize) -> Value {
    let regions = Catalog::builtin().regions;
    let region = regions.iter().find(|one| one.id == region);
    let images = &region.expect("a region").images;
    let ids = images.iter().rev().take(count);
    Value::Array(ids.map(|image| image.id.as_str().into()).collect())
}

/// What data sources have to be told before they find something.
fn required(data_source: &str) -> Vec<(&'static str, Value)> {
    match data_source {
        "swas_image" => vec![("name_regex", ".".into()), ("most_recent", true.into())],
        _ => vec![],
    }
}

#[tokio::test]
async fn a_state_has_exactly_what_the_schema_promises() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        for (name, schema) in provider.data_sources() {
            let config = values::config_for(schema, &required(name)).expect("a data block");
            let answer = provider.client.read_data_source(name, config).await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.diagnostics, [], "{name}");
            let state = values::decode(&answer.state.expect("a state")).expect("a value");
            let block = schema.block.as_ref().expect("a block");
            let types = block.attributes.iter().map(|attribute| {
                let of = serde_json::from_slice(&attribute.r#type).expect("JSON");
                (attribute.name.clone(), of)
            });
            assert_object(name, &state, &types.collect());
            for attribute in block.attributes.iter().filter(|one| one.computed) {
                assert!(
                    !state[&*attribute.name].is_nil(),
                    "{name}.{}",
                    attribute.name
                );
            }
        }
    }
}

/// The value has these names and no others, each with a value of its type.
fn assert_object(place: &str, value: &Value, types: &serde_json::Map<String, serde_json::Value>) {
    let entries = value.as_map().expect("an object");
    let found: BTreeSet<_> = entries
        .iter()
        .filter_map(|(name, _)| name.as_str())
        .collect();
    let expected: BTreeSet<_> = types.keys().map(String::as_str).collect();
    assert_eq!((found, entries.len()), (expected, types.len()), "{place}");
    for (name, of) in types {
        assert_type(&format!("{place}.{name}"), &value[&**name], of);
    }
}

/// The value is null, or of the type in Terraform's JSON form, in which lists
/// are never empty here.
fn assert_type(place: &str, value: &Value, of: &serde_json::Value) {
    let fits = match (of.as_str(), of[0].as_str()) {
        _ if value.is_nil() => true,
        (Some("string"), _) => value.is_str(),
        (Some("number"), _) => value.is_number(),
        (Some("bool"), _) => value.is_bool(),
        (_, Some("list")) => {
            let elements = value.as_array().expect("a list");
            for element in elements {
                assert!(!element.is_nil(), "{place}");
                assert_type(place, element, &of[1]);
            }
            !elements.is_empty()
        }
        (_, Some("object")) => {
            assert_object(place, value, of[1].as_object().expect("an object type"));
            true
        }
        _ => false,
    };
    assert!(fits, "{place} is {value}, and not of the type {of}");
}

#[tokio::test]
async fn what_was_configured_comes_back_unchanged() {
    let emulator = emulator();
    let all = [
        ("region_id", "us-west-1".into()),
        ("image_type", "custom".into()),
        ("image_ids", image_ids("us-west-1", 3)),
    ];
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        for set in [&all[..], &all[..1], &all[..2], &[]] {
            let state = provider.state(set).await;
            let config = object([
                // The only one that the provider may fill in.
                ("region_id", "cn-hangzhou".into()),
                ("image_type", Value::Nil),
                ("image_ids", Value::Nil),
            ]);
            for name in ["region_id", "image_type", "image_ids"] {
                let given = set.iter().find(|(given, _)| *given == name);
                let expected = given.map_or(&config[name], |(_, value)| value);
                assert_eq!(&state[name], expected, "{protocol:?}: {set:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_empty_list_comes_back_empty_and_nothing_is_asked() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        let empty = Value::Array(vec![]);
        let state = provider.state(&[("image_ids", empty.clone())]).await;
        for name in ["image_ids", "images", "ids", "names"] {
            assert_eq!(state[name], empty, "{protocol:?}: {name}");
        }
    }
    assert_eq!(emulator.requests().len(), 0);
}

#[tokio::test]
async fn the_same_question_gives_the_same_state() {
    let emulator = emulator();
    let five = Provider::configured(Protocol::V5, &emulator).await;
    let six = Provider::configured(Protocol::V6, &emulator).await;
    let set = [("image_type", "system".into())];
    assert_eq!(five.state(&set).await, six.state(&set).await);
}

#[tokio::test]
async fn a_read_that_fails_is_a_diagnostic_and_no_state() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        emulator.answer_next(Answer::error(
            404,
            "InvalidRegionId.NotFound",
            "No such region.",
        ));
        let answer = provider.read(&[("region_id", "cn-nowhere".into())]).await;
        assert_eq!(
            error_paths(&answer.diagnostics),
            ["region_id"],
            "{protocol:?}"
        );
        assert_eq!(
            (answer.state, answer.deferred),
            (None, None),
            "{protocol:?}"
        );
    }
}

#[tokio::test]
async fn arguments_that_became_known_are_judged_before_anything_is_asked() {
    let emulator = emulator();
    let provider = Provider::configured(Protocol::V6, &emulator).await;
    let answer = provider.read(&[("image_type", "apps".into())]).await;
    assert_eq!(error_paths(&answer.diagnostics), ["image_type"]);
    assert_eq!(emulator.requests().len(), 0);
}

/// A read under way, of which the endpoint has heard but says nothing.
async fn hanging(
    provider: &Provider,
    emulator: &Emulator,
    count: usize,
) -> Vec<JoinHandle<read_data_source::Response>> {
    emulator.answer_always(Answer::hang());
    let before = emulator.requests().len();
    let reads = (0..count)
        .map(|_| {
            let client = provider.client.clone();
            let config = provider.images_config(&[]);
            tokio::spawn(async move {
                let read = client.read_data_source("swas_images", config).await;
                read.expect("an answer")
            })
        })
        .collect();
    requested(emulator, before + count).await;
    reads
}

#[tokio::test]
async fn as_many_reads_as_terraform_wants_run_at_a_time() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        let reads = hanging(&provider, &emulator, PARALLELISM).await;
        emulator.release();
        for read in reads {
            let diagnostics = read.await.expect("no panic").diagnostics;
            assert_eq!(diagnostics, [], "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn other_calls_are_answered_while_a_read_hangs() {
    let emulator = emulator();
    let provider = Provider::configured(Protocol::V6, &emulator).await;
    let _read = hanging(&provider, &emulator, 1).await;
    let config = provider.images_config(&[("image_type", "apps".into())]);
    let answer = provider.client.validate_data_source("swas_images", config);
    let diagnostics = answer.await.expect("an answer").diagnostics;
    assert_eq!(error_paths(&diagnostics), ["image_type"]);
}

#[tokio::test]
async fn stop_ends_the_reads_under_way_with_a_diagnostic() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        let reads = hanging(&provider, &emulator, 3).await;
        let stopped = provider.client.stop().await.expect("an answer");
        assert_eq!(stopped.error, "", "{protocol:?}");
        for read in reads {
            let told = only_error(&read.await.expect("no panic").diagnostics);
            assert!(told.contains("canceled"), "{protocol:?}: {told}");
        }
    }
}

#[tokio::test]
async fn reads_after_a_stop_are_served() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::configured(protocol, &emulator).await;
        provider.client.stop().await.expect("an answer");
        let state = provider.state(&[]).await;
        assert!(!state["images"].as_array().expect("a list").is_empty());
    }
}
