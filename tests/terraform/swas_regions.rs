//! `swas_regions` reads the regions in which servers are offered.

use libtest_mimic::Failed;
use serde_json::{Value, json};
use swas_testing::emulator::{Answer, Emulator, Order};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scene::{Outcome, Scene, emulator, since_1_0, state};

fn scene<'a>(client: &'a Client, emulator: &'a Emulator) -> Scene<'a> {
    Scene {
        client,
        emulator,
        data_source: "swas_regions",
    }
}

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(regions_are_sorted_and_complete),
        TerraformTest::of(names_come_in_the_language_asked_for),
        TerraformTest::of(no_region_has_to_be_configured),
        TerraformTest::of(an_answer_without_regions_is_an_error),
    ])
}

/// What a user reads of the emulator's regions.
fn read(client: &Client, emulator: &Emulator, arguments: &str) -> Result<Value, Failed> {
    let workspace = scene(client, emulator).workspace(arguments)?;
    workspace.apply()?.checked()?;
    for order in [Order::Reversed, Order::Shuffled(3)] {
        emulator.set_order(order);
        assert!(workspace.plan_is_empty()?, "{order:?}");
    }
    state(&workspace)
}

fn regions_are_sorted_and_complete(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let all = read(client, &emulator, "")?;
    assert_eq!(
        all["ids"],
        json!(["ap-southeast-1", "cn-hangzhou", "us-west-1"])
    );
    assert_eq!(
        all["names"],
        json!(["新加坡", "华东1（杭州）", "美国（硅谷）"])
    );
    let first = json!({
        "id": "ap-southeast-1",
        "region_id": "ap-southeast-1",
        "local_name": "新加坡",
        "region_endpoint": "swas.ap-southeast-1.aliyuncs.com",
    });
    assert_eq!(all["regions"][0], first);
    assert_eq!(all["regions"].as_array().map(Vec::len), Some(3));
    assert_eq!(all["accept_language"], Value::Null);
    assert!(!all["id"].as_str().unwrap_or_default().is_empty());
    Ok(())
}

fn names_come_in_the_language_asked_for(client: &Client) -> Outcome {
    for (language, expected) in [("en-US", "China (Hangzhou)"), ("zh-CN", "华东1（杭州）")] {
        let emulator = emulator()?;
        let argument = format!("accept_language = \"{language}\"");
        let all = read(client, &emulator, &argument)?;
        assert_eq!(all["regions"][1]["local_name"], expected);
        assert_eq!(all["accept_language"], language);
    }
    Ok(())
}

fn no_region_has_to_be_configured(client: &Client) -> Outcome {
    let emulator = emulator()?;
    read(client, &emulator, "")?;
    for request in emulator.requests() {
        assert_eq!(request.action(), "ListRegions");
        assert_eq!(request.parameter("RegionId"), None);
    }
    Ok(())
}

fn an_answer_without_regions_is_an_error(client: &Client) -> Outcome {
    for answer in ["{}", r#"{"Regions": null}"#, r#"{"Regions": [{}]}"#] {
        let emulator = emulator()?;
        emulator.answer_always(Answer::json(answer));
        let text = scene(client, &emulator).told("")?;
        assert!(
            text.contains("Malformed answer from the SWAS API"),
            "{text}"
        );
    }
    Ok(())
}
