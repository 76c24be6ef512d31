//! `swas_custom_images` reads the account's own images.

use serde_json::json;
use swas_testing::emulator::{Answer, Order};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scene::{Outcome, Scene, emulator, since_1_0, state};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(the_newest_image_comes_first_in_any_order),
        TerraformTest::of(ids_that_are_not_there_are_told),
        TerraformTest::of(an_answer_without_images_is_an_error),
    ])
}

fn the_newest_image_comes_first_in_any_order(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scene = Scene {
        client,
        emulator: &emulator,
        data_source: "swas_custom_images",
    };
    let workspace = scene.workspace("name_regex = \"^my-\"")?;
    workspace.apply()?.checked()?;
    for order in [Order::Reversed, Order::Shuffled(3)] {
        emulator.set_order(order);
        assert!(workspace.plan_is_empty()?, "{order:?}");
    }
    let expected = [
        "my-golden-image-v2",
        "my-golden-image-v10",
        "my-golden-image-v3",
    ];
    assert_eq!(state(&workspace)?["names"], json!(expected));
    Ok(())
}

fn ids_that_are_not_there_are_told(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let scene = Scene {
        client,
        emulator: &emulator,
        data_source: "swas_custom_images",
    };
    let plan = scene.workspace("image_ids = [\"gone\"]")?.plan()?;
    let text = plan.flat_text();
    assert!(text.contains("Images not found"), "{text}");
    assert!(text.contains("- gone"), "{text}");
    Ok(())
}

fn an_answer_without_images_is_an_error(client: &Client) -> Outcome {
    for answer in ["{}", r#"{"TotalCount": "0", "CustomImages": null}"#] {
        let emulator = emulator()?;
        emulator.answer_always(Answer::json(answer));
        let scene = Scene {
            client,
            emulator: &emulator,
            data_source: "swas_custom_images",
        };
        let text = scene.told("")?;
        assert!(
            text.contains("Malformed answer from the SWAS API"),
            "{text}"
        );
    }
    Ok(())
}
