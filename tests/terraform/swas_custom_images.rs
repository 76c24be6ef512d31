//! `swas_custom_images` reads the account's own images.

use serde_json::json;
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, Scenario, assert_malformed, emulator, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(custom_images_are_sorted_newest_first),
        TerraformTest::of(shared_images_are_excluded_unless_included),
        TerraformTest::of(tags_select_images_at_plan_and_at_apply),
        TerraformTest::of(missing_image_ids_give_a_warning),
        TerraformTest::of(response_without_custom_images_is_an_error),
    ])
}

fn custom_images_are_sorted_newest_first(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scenario = Scenario::new(client, &emulator, "swas_custom_images");
    let read = scenario.read_in_any_order("name_regex = \"^my-\"")?;
    let expected = [
        "my-golden-image-v2",
        "my-golden-image-v10",
        "my-golden-image-v3",
    ];
    assert_eq!(read["names"], json!(expected));
    Ok(())
}

fn shared_images_are_excluded_unless_included(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scenario = Scenario::new(client, &emulator, "swas_custom_images");
    let arguments = "name_regex = \"^my-golden-image-v1\"";
    let read = scenario.read_in_any_order(arguments)?;
    assert_eq!(read["names"], json!(["my-golden-image-v10"]));
    let read = scenario.read_in_any_order(&format!("{arguments}\ninclude_shared = true"))?;
    let newest_first = ["my-golden-image-v11", "my-golden-image-v10"];
    assert_eq!(read["names"], json!(newest_first));
    assert_eq!(read["images"][0]["user_id"], "1987654321098765");
    assert_eq!(read["images"][1]["user_id"], "1234567890123456");
    Ok(())
}

fn tags_select_images_at_plan_and_at_apply(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scenario = Scenario::new(client, &emulator, "swas_custom_images");
    let read = scenario.read("tags = { platform = \"Windows\" }")?;
    assert_eq!(read["names"], json!(["财务系统备份"]));
    assert_eq!(read["tags"], json!({"platform": "Windows"}));
    assert_eq!(read["images"][0]["tags"], json!({"platform": "Windows"}));
    let plan = scenario.workspace("tags = { platform = null }")?.plan()?;
    let text = plan.flat_text();
    assert!(
        text.contains("is null. Remove it or give it a value."),
        "{text}"
    );
    Ok(())
}

fn missing_image_ids_give_a_warning(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scenario = Scenario::new(client, &emulator, "swas_custom_images");
    let plan = scenario.workspace("image_ids = [\"gone\"]")?.plan()?;
    let text = plan.flat_text();
    assert!(text.contains("IDs of \"image_ids\" not found"), "{text}");
    assert!(text.contains("- gone"), "{text}");
    Ok(())
}

fn response_without_custom_images_is_an_error(client: &Client) -> Outcome {
    let bodies = ["{}", r#"{"TotalCount": "0", "CustomImages": null}"#];
    assert_malformed(client, "swas_custom_images", &bodies)
}
