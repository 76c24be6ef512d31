//! `swas_custom_images` reads the account's own images.

use serde_json::json;
use swas_testing::terraform::{Client, TerraformTest};

use crate::scene::{Outcome, Scene, emulator, is_malformed, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(the_newest_image_comes_first_in_any_order),
        TerraformTest::of(shared_images_are_left_out_unless_included),
        TerraformTest::of(tags_select_images_at_plan_and_at_apply),
        TerraformTest::of(ids_that_are_not_there_are_told),
        TerraformTest::of(an_answer_without_images_is_an_error),
    ])
}

fn the_newest_image_comes_first_in_any_order(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scene = Scene::new(client, &emulator, "swas_custom_images");
    let read = scene.read_in_any_order("name_regex = \"^my-\"")?;
    let expected = [
        "my-golden-image-v2",
        "my-golden-image-v10",
        "my-golden-image-v3",
    ];
    assert_eq!(read["names"], json!(expected));
    Ok(())
}

fn shared_images_are_left_out_unless_included(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scene = Scene::new(client, &emulator, "swas_custom_images");
    let arguments = "name_regex = \"^my-golden-image-v1\"";
    let read = scene.read_in_any_order(arguments)?;
    assert_eq!(read["names"], json!(["my-golden-image-v10"]));
    let read = scene.read_in_any_order(&format!("{arguments}\ninclude_shared = true"))?;
    let newest_first = ["my-golden-image-v11", "my-golden-image-v10"];
    assert_eq!(read["names"], json!(newest_first));
    assert_eq!(read["images"][0]["user_id"], "1987654321098765");
    assert_eq!(read["images"][1]["user_id"], "1234567890123456");
    Ok(())
}

fn tags_select_images_at_plan_and_at_apply(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scene = Scene::new(client, &emulator, "swas_custom_images");
    let read = scene.read("tags = { platform = \"Windows\" }")?;
    assert_eq!(read["names"], json!(["财务系统备份"]));
    assert_eq!(read["tags"], json!({"platform": "Windows"}));
    assert_eq!(read["images"][0]["tags"], json!({"platform": "Windows"}));
    let plan = scene.workspace("tags = { platform = null }")?.plan()?;
    let text = plan.flat_text();
    assert!(
        text.contains("is null. Remove it or give it a value."),
        "{text}"
    );
    Ok(())
}

fn ids_that_are_not_there_are_told(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scene = Scene::new(client, &emulator, "swas_custom_images");
    let plan = scene.workspace("image_ids = [\"gone\"]")?.plan()?;
    let text = plan.flat_text();
    assert!(text.contains("Images not found"), "{text}");
    assert!(text.contains("- gone"), "{text}");
    Ok(())
}

fn an_answer_without_images_is_an_error(client: &Client) -> Outcome {
    let bodies = ["{}", r#"{"TotalCount": "0", "CustomImages": null}"#];
    is_malformed(client, "swas_custom_images", &bodies)
}
