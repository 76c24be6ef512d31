//! `swas_regions` with Terraform.

use serde_json::{Value, json};
use swas_testing::emulator::Emulator;
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, Scenario, assert_malformed, emulator, since_1_0};

fn scenario<'a>(client: &'a Client, emulator: &'a Emulator) -> Scenario<'a> {
    Scenario::new(client, emulator, "swas_regions")
}

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(regions_are_sorted_and_have_every_field),
        TerraformTest::of(region_names_follow_accept_language),
        TerraformTest::of(regions_are_read_without_a_configured_region),
        TerraformTest::of(response_without_regions_is_an_error),
    ])
}

fn regions_are_sorted_and_have_every_field(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let all = scenario(client, &emulator).read_in_any_order("")?;
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

fn region_names_follow_accept_language(client: &Client) -> Outcome {
    for (language, expected) in [("en-US", "China (Hangzhou)"), ("zh-CN", "华东1（杭州）")] {
        let emulator = emulator()?;
        let argument = format!("accept_language = \"{language}\"");
        let all = scenario(client, &emulator).read_in_any_order(&argument)?;
        assert_eq!(all["regions"][1]["local_name"], expected);
        assert_eq!(all["accept_language"], language);
    }
    Ok(())
}

fn regions_are_read_without_a_configured_region(client: &Client) -> Outcome {
    let emulator = emulator()?;
    scenario(client, &emulator).read_in_any_order("")?;
    for request in emulator.requests() {
        assert_eq!(request.action(), "ListRegions");
        assert_eq!(request.parameter("RegionId"), None);
    }
    Ok(())
}

fn response_without_regions_is_an_error(client: &Client) -> Outcome {
    let bodies = ["{}", r#"{"Regions": null}"#, r#"{"Regions": [{}]}"#];
    assert_malformed(client, "swas_regions", &bodies)
}
