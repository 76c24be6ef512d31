//! Data blocks are checked before anything is read.

use rmpv::Value;
use swas_testing::plugin_client::values::{unknown, unknown_not_null};

use crate::support::BOTH;
use crate::support::provider::Provider;
use crate::support::told::error_paths;

fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::Array(values.into())
}

/// What is set in a data block, and the paths of the errors that come of it.
type Case = (Vec<(&'static str, Value)>, Vec<&'static str>);

async fn assert_errors(cases: &[Case]) {
    for protocol in BOTH {
        let provider = Provider::start(protocol).await;
        for (set, expected) in cases {
            let config = provider.images_config(set);
            let answer = provider.client.validate_data_source("swas_images", config);
            let diagnostics = answer.await.expect("an answer").diagnostics;
            assert_eq!(
                error_paths(&diagnostics),
                *expected,
                "{protocol:?}: {set:?}"
            );
        }
    }
}

#[tokio::test]
async fn each_mistake_is_found_at_its_place() {
    assert_errors(&[
        (vec![], vec![]),
        (
            vec![
                ("region_id", "cn-hangzhou".into()),
                ("image_type", "app".into()),
                ("image_ids", list(["a".into(), "b".into()])),
            ],
            vec![],
        ),
        (vec![("region_id", "Hangzhou".into())], vec!["region_id"]),
        (vec![("image_type", "apps".into())], vec!["image_type"]),
        (
            vec![("image_ids", list(["a".into(), "".into()]))],
            vec!["image_ids[1]"],
        ),
        (
            vec![("image_ids", list(["a".into(), "b".into(), "a".into()]))],
            vec!["image_ids[2]"],
        ),
        (
            vec![("image_ids", list(["a".into(), Value::Nil]))],
            vec!["image_ids[1]"],
        ),
        (
            vec![
                ("region_id", " ".into()),
                ("image_type", "".into()),
                ("image_ids", list([" a".into()])),
            ],
            vec!["region_id", "image_type", "image_ids[0]"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_not_known_yet_is_not_judged() {
    for unknown in [unknown(), unknown_not_null()] {
        assert_errors(&[
            (
                vec![
                    ("region_id", unknown.clone()),
                    ("image_type", unknown.clone()),
                    ("image_ids", unknown.clone()),
                ],
                vec![],
            ),
            (
                vec![(
                    "image_ids",
                    list([unknown.clone(), "a".into(), unknown.clone()]),
                )],
                vec![],
            ),
            (
                vec![
                    ("region_id", unknown.clone()),
                    ("image_type", "apps".into()),
                    ("image_ids", list([unknown.clone(), "".into()])),
                ],
                vec!["image_type", "image_ids[1]"],
            ),
        ])
        .await;
    }
}
