//! `swas_custom_images` reads the account's own images.

use serde_json::json;
use swas_testing::terraform::{Client, TerraformTest};

use crate::scene::{Outcome, Scene, emulator, is_malformed, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(the_newest_image_comes_first_in_any_order),
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
