//! The provider block: checked, given back, and put to use.

use rmpv::Value;
use swas_testing::plugin_client::Protocol;
use swas_testing::plugin_client::values::{dynamic, object, unknown, unknown_not_null};
use swas_testing::plugin_client::wire::tfplugin::DynamicValue;

use crate::support::provider::{Provider, endpoints, settings};
use crate::support::told::error_paths;
use crate::support::{BOTH, emulator};

#[tokio::test]
async fn the_block_comes_back_as_it_went() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        for set in [
            vec![],
            vec![("region", "cn-hangzhou".into()), ("protocol", unknown())],
            vec![("region", "Not A Region".into())],
        ] {
            let config = provider.provider_config(&set);
            let answer = provider.client.validate_provider(config.clone()).await;
            let prepared = answer.expect("an answer").prepared_config;
            assert_eq!(prepared, Some(config), "{protocol:?}: {set:?}");
        }
    }
}

#[tokio::test]
async fn each_mistake_is_found_at_its_place() {
    let key = || ("access_key", Value::from("LTAItestid"));
    let secret = || ("secret_key", Value::from("testsecret"));
    let cases = [
        (vec![], vec![]),
        (vec![("region", "Hangzhou".into())], vec!["region"]),
        (vec![("protocol", "FTP".into())], vec!["protocol"]),
        (vec![key()], vec!["access_key"]),
        (vec![secret()], vec!["secret_key"]),
        (vec![key(), ("secret_key", "".into())], vec!["secret_key"]),
        (
            vec![("access_key", "a\n".into()), secret()],
            vec!["access_key"],
        ),
        (vec![("security_token", "t".into())], vec!["security_token"]),
        (
            vec![("endpoints", endpoints("ftp://localhost".into()))],
            vec!["endpoints[0].swas"],
        ),
        (
            vec![("region", "".into()), ("protocol", "ftp".into())],
            vec!["region", "protocol"],
        ),
    ];
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        for (set, expected) in &cases {
            let config = provider.provider_config(set);
            let answer = provider.client.validate_provider(config).await;
            let diagnostics = answer.expect("an answer").diagnostics;
            assert_eq!(
                error_paths(&diagnostics),
                *expected,
                "{protocol:?}: {set:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_known_yet_is_not_judged() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        for unknown in [unknown(), unknown_not_null()] {
            let mut set = vec![("endpoints", endpoints(unknown.clone()))];
            for name in [
                "region",
                "access_key",
                "secret_key",
                "security_token",
                "protocol",
            ] {
                set.push((name, unknown.clone()));
            }
            let config = provider.provider_config(&set);
            let validated = provider.client.validate_provider(config.clone()).await;
            assert_eq!(validated.expect("an answer").diagnostics, []);
            let configured = provider.client.configure(config).await;
            assert_eq!(configured.expect("an answer").diagnostics, []);
        }
    }
}

#[tokio::test]
async fn what_became_known_is_judged_before_it_is_used() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        for (name, value) in [("region", "Hangzhou"), ("protocol", "FTP")] {
            let config = provider.provider_config(&[(name, value.into())]);
            let answer = provider.client.configure(config).await.expect("an answer");
            assert_eq!(error_paths(&answer.diagnostics), [name], "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn the_last_configuration_counts() {
    let (old, new) = (emulator(), emulator());
    let provider = Provider::configured(Protocol::V6, &old).await;
    provider.configure(&settings(&new)).await;
    provider.state(&[]).await;
    assert_eq!((old.requests().len(), new.requests().len()), (0, 1));
}

#[tokio::test]
async fn json_is_taken_where_there_is_no_messagepack() {
    let emulator = emulator();
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let block = json(&provider.provider_config(&settings(&emulator)));
        let validated = provider.client.validate_provider(block.clone()).await;
        assert_eq!(validated.expect("an answer").diagnostics, []);
        let configured = provider.client.configure(block).await;
        assert_eq!(configured.expect("an answer").diagnostics, []);

        let data = json(&provider.images_config(&[("image_type", "system".into())]));
        let read = provider.client.read_data_source("swas_images", data).await;
        let read = read.expect("an answer");
        assert_eq!(read.diagnostics, [], "{protocol:?}");
        // The answer is in MessagePack all the same.
        assert!(!read.state.expect("a state").msgpack.is_empty());
    }
}

/// The same value in JSON.
fn json(value: &DynamicValue) -> DynamicValue {
    let value: Value = rmpv::decode::read_value(&mut &value.msgpack[..]).expect("a value");
    DynamicValue {
        msgpack: Vec::new(),
        json: serde_json::to_vec(&value).expect("JSON"),
    }
}

#[tokio::test]
async fn messages_far_above_4_mib_pass_both_ways() {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        let long = "x".repeat(20 << 20);
        let config = provider.provider_config(&[
            ("access_key", "LTAItestid".into()),
            ("secret_key", long.into()),
        ]);
        let answer = provider.client.validate_provider(config.clone()).await;
        let prepared = answer.expect("an answer").prepared_config;
        assert!(prepared == Some(config), "{protocol:?}");
    }
}

#[tokio::test]
async fn a_block_that_lacks_an_argument_is_an_error() {
    let provider = Provider::start(Protocol::V6).await;
    let config = dynamic(&object([("region", Value::Nil)]));
    let answer = provider.client.configure(config).await.expect("an answer");
    assert_eq!(error_paths(&answer.diagnostics), [""]);
}
