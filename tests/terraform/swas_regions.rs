//! `swas_regions` reads the regions in which servers are offered.

use serde_json::{Value, json};
use swas_testing::emulator::Emulator;
use swas_testing::terraform::{Client, TerraformTest};

use crate::scene::{Outcome, Scene, emulator, is_malformed, since_1_0};

fn scene<'a>(client: &'a Client, emulator: &'a Emulator) -> Scene<'a> {
    Scene::new(client, emulator, "swas_regions")
}

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(regions_are_sorted_and_complete),
        TerraformTest::of(names_come_in_the_language_asked_for),
        TerraformTest::of(no_region_has_to_be_configured),
        TerraformTest::of(an_answer_without_regions_is_an_error),
    ])
}

fn regions_are_sorted_and_complete(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let all = scene(client, &emulator).read_in_any_order("")?;
    assert_eq!(
        all["ids"],
        json!(["ap-southeast-1", "cn-hangzhou", "cn-nanjing", "us-west-1"])
    );
    assert_eq!(
        all["names"],
        json!([
            "新加坡",
            "华东1（杭州）",
            "华东5 （南京）关停中",
            "美国（硅谷）"
        ])
    );
    let first = json!({
        "id": "ap-southeast-1",
        "region_id": "ap-southeast-1",
        "local_name": "新加坡",
        "region_endpoint": "swas.ap-southeast-1.aliyuncs.com",
    });
    assert_eq!(all["regions"][0], first);
    assert_eq!(all["regions"].as_array().map(Vec::len), Some(4));
    assert_eq!(all["accept_language"], Value::Null);
    assert!(!all["id"].as_str().unwrap_or_default().is_empty());
    Ok(())
}

fn names_come_in_the_language_asked_for(client: &Client) -> Outcome {
    for (language, expected) in [("en-US", "China (Hangzhou)"), ("zh-CN", "华东1（杭州）")] {
        let emulator = emulator()?;
        let argument = format!("accept_language = \"{language}\"");
        let all = scene(client, &emulator).read_in_any_order(&argument)?;
        assert_eq!(all["regions"][1]["local_name"], expected);
        assert_eq!(all["accept_language"], language);
    }
    Ok(())
}

fn no_region_has_to_be_configured(client: &Client) -> Outcome {
    let emulator = emulator()?;
    scene(client, &emulator).read_in_any_order("")?;
    for request in emulator.requests() {
        assert_eq!(request.action(), "ListRegions");
        assert_eq!(request.parameter("RegionId"), None);
    }
    Ok(())
}

fn an_answer_without_regions_is_an_error(client: &Client) -> Outcome {
    let bodies = ["{}", r#"{"Regions": null}"#, r#"{"Regions": [{}]}"#];
    is_malformed(client, "swas_regions", &bodies)
}
