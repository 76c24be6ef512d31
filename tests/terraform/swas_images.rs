//! `swas_images` with Terraform.

use libtest_mimic::Failed;
use serde_json::{Value, json};
use swas_testing::emulator::{Catalog, Emulator, Order, Reply};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{
    Outcome, REGION, Scenario, emulator, emulator_with, image, since_1_0, state,
};

fn scenario<'a>(client: &'a Client, emulator: &'a Emulator) -> Scenario<'a> {
    Scenario::new(client, emulator, "swas_images")
}

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(every_argument_filters_images),
        TerraformTest::of(images_are_sorted_in_natural_order),
        TerraformTest::of(id_depends_on_region_and_arguments_only),
        TerraformTest::of(no_match_gives_an_empty_list),
        TerraformTest::of(missing_ids_give_one_warning),
        TerraformTest::of(id_of_another_image_type_gives_a_warning),
        TerraformTest::of(id_of_another_platform_gives_no_warning),
        TerraformTest::of(unrequested_images_in_response_are_ignored),
        TerraformTest::of(thousand_image_ids_are_read_with_one_call),
        TerraformTest::of(duplicate_image_in_response_is_listed_once),
        TerraformTest::of(data_block_region_overrides_provider_region),
        TerraformTest::of(computed_attribute_in_configuration_is_an_error),
    ])
}

fn computed_attribute_in_configuration_is_an_error(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let text = scenario(client, &emulator).plan_error("ids = [\"a\"]")?;
    for expected in [
        "Error: \"ids\" cannot be set",
        "ids = [\"a\"]",
        "Did you mean \"image_ids\"?",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(emulator.connections(), 0);
    Ok(())
}

type Rule = Box<dyn Fn(&Value) -> bool>;

fn every_argument_filters_images(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let has = |field: &'static str, value: &'static str| move |image: &Value| image[field] == value;
    let begins = |start: &'static str| {
        move |image: &Value| {
            let name = image["image_name"].as_str().unwrap_or_default();
            name.starts_with(start)
        }
    };
    let cases: [(&str, Rule); 6] = [
        ("image_type = \"app\"", Box::new(has("image_type", "app"))),
        (
            "platform = \"Windows\"",
            Box::new(has("platform", "Windows")),
        ),
        ("platform = \"Linux\"", Box::new(has("platform", "Linux"))),
        ("name_regex = \"^Ubuntu-\"", Box::new(begins("Ubuntu-"))),
        (
            "name_regex = \"^\\\\p{Han}\"",
            Box::new(|image: &Value| {
                let name = image["image_name"].as_str().unwrap_or_default();
                name.chars().next().is_some_and(|c| c >= '\u{4e00}')
            }),
        ),
        (
            "image_type = \"system\"\nplatform = \"Linux\"\nname_regex = \"^Ubuntu-\"",
            Box::new(move |image| has("image_type", "system")(image) && begins("Ubuntu-")(image)),
        ),
    ];
    let all = scenario(client, &emulator).read("")?;
    let all = all["images"].as_array().ok_or("no images")?;
    for (arguments, matches) in cases {
        let expected: Vec<_> = all.iter().filter(|image| matches(image)).collect();
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{arguments}"
        );
        let read = scenario(client, &emulator).read(arguments)?;
        assert_eq!(read["images"], json!(expected), "{arguments}");
    }
    Ok(())
}

fn images_are_sorted_in_natural_order(client: &Client) -> Outcome {
    let names = [
        ("01", "Ubuntu-9.10"),
        ("02", "Ubuntu-20.04"),
        ("04", "Ubuntu-22.04"),
        ("09", "Ubuntu-22.04"),
        ("03", "Ubuntu-22.04-64bit"),
        ("08", "宝塔-9"),
        ("07", "宝塔-10"),
    ];
    let images = |order: &[usize]| {
        order
            .iter()
            .map(|at| image(names[*at].0, names[*at].1))
            .collect()
    };
    let emulator = emulator_with(images(&[6, 2, 5, 0, 4, 3, 1]))?;
    let workspace = scenario(client, &emulator).workspace("")?;
    workspace.apply()?.checked()?;
    let read = state(&workspace)?;
    assert_eq!(read["ids"], json!(names.map(|(id, _)| id)));
    assert_eq!(read["names"], json!(names.map(|(_, name)| name)));
    for order in [Order::Reversed, Order::Shuffled(1), Order::Shuffled(2)] {
        emulator.set_order(order);
        assert!(workspace.plan_is_empty()?, "{order:?}");
    }
    Ok(())
}

fn id_depends_on_region_and_arguments_only(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let id = |arguments| -> Result<String, Failed> {
        Ok(scenario(client, &emulator).read(arguments)?["id"].to_string())
    };
    let mut ids = Vec::new();
    for arguments in [
        "",
        "region_id = \"us-west-1\"",
        "image_type = \"app\"",
        "platform = \"Linux\"",
        "name_regex = \"Linux\"",
        "image_ids = []",
    ] {
        let first = id(arguments)?;
        emulator.set_catalog(Catalog::sized(3));
        assert_eq!(
            first,
            id(arguments)?,
            "{arguments}: it changes with the images"
        );
        emulator.set_catalog(Catalog::builtin());
        assert!(!ids.contains(&first), "{arguments}: it is another one's");
        ids.push(first);
    }
    Ok(())
}

fn no_match_gives_an_empty_list(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let read = scenario(client, &emulator).read("name_regex = \"^nothing has this name$\"")?;
    assert_eq!((&read["images"], &read["ids"]), (&json!([]), &json!([])));
    Ok(())
}

fn missing_ids_give_one_warning(client: &Client) -> Outcome {
    let emulator = emulator_with(vec![image("here", "It")])?;
    for (missing, expected) in [
        (1, "- missing-0 They were withdrawn"),
        (20, "- missing-18 - missing-19 They were withdrawn"),
        (
            25,
            "- missing-18 - missing-19 - and 5 more They were withdrawn",
        ),
    ] {
        let ids: Vec<_> = (0..missing)
            .map(|number| format!("missing-{number}"))
            .collect();
        let arguments = format!(
            "image_ids = {}",
            json!([&["here".to_owned()], &ids[..]].concat())
        );
        let workspace = scenario(client, &emulator).workspace(&arguments)?;
        let output = workspace.apply()?.checked()?;
        let text = output.flat_text();
        let summary = "Warning: IDs of \"image_ids\" not found";
        assert!(text.contains(summary), "{text}");
        assert!(text.contains(expected), "{text}");
        assert!(
            text.contains("No image of region cn-hangzhou has these IDs"),
            "{text}"
        );
        let read = state(&workspace)?;
        assert_eq!(read["ids"], json!(["here"]));
    }
    Ok(())
}

fn id_of_another_image_type_gives_a_warning(client: &Client) -> Outcome {
    let emulator = emulator_with(vec![image("here", "It")])?;
    let arguments = "image_ids = [\"here\"]\nimage_type = \"app\"";
    let output = scenario(client, &emulator)
        .workspace(arguments)?
        .plan()?
        .checked()?;
    let text = output.flat_text();
    for expected in [
        "No image of type \"app\" of region cn-hangzhou has these IDs of \"image_ids\": - here",
        "belong to another type, region, or account",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn id_of_another_platform_gives_no_warning(client: &Client) -> Outcome {
    let emulator = emulator_with(vec![image("here", "It")])?;
    let arguments = "image_ids = [\"here\"]\nplatform = \"Windows\"";
    let workspace = scenario(client, &emulator).workspace(arguments)?;
    let output = workspace.apply()?.checked()?;
    assert!(!output.text().contains("Warning"), "{output}");
    let read = state(&workspace)?;
    assert_eq!(read["ids"], json!([]));
    Ok(())
}

fn unrequested_images_in_response_are_ignored(client: &Client) -> Outcome {
    let emulator = emulator_with(Vec::new())?;
    emulator.reply_always(Reply::json(
        r#"{"RequestId": "R", "Images": [{"ImageId": "b"}, {"ImageId": "a"}]}"#,
    ));
    let read = scenario(client, &emulator).read("image_ids = [\"a\"]")?;
    assert_eq!(read["ids"], json!(["a"]));
    Ok(())
}

fn thousand_image_ids_are_read_with_one_call(client: &Client) -> Outcome {
    let emulator = emulator_with(
        (0..1500)
            .map(|number| image(&format!("id-{number:04}"), &format!("Image-{number}")))
            .collect(),
    )?;
    let ids: Vec<_> = (0..1000)
        .map(|number| format!("id-{:04}", 999 - number))
        .collect();
    let workspace =
        scenario(client, &emulator).workspace(&format!("image_ids = {}", json!(ids)))?;
    workspace.apply()?.checked()?;
    let read = state(&workspace)?;
    let mut expected = ids;
    expected.reverse();
    assert_eq!(read["ids"], json!(expected));

    // One list contains all IDs, in any order.
    for seed in [1, 2] {
        let before = emulator.requests().len();
        emulator.set_order(Order::Shuffled(seed));
        assert!(workspace.plan_is_empty()?, "{seed}");
        assert_eq!(emulator.requests().len() - before, 1);
    }
    Ok(())
}

fn duplicate_image_in_response_is_listed_once(client: &Client) -> Outcome {
    let emulator = emulator_with(vec![
        image("a", "It"),
        image("b", "Other"),
        image("a", "It"),
    ])?;
    assert_eq!(
        scenario(client, &emulator).read("")?["ids"],
        json!(["a", "b"])
    );
    Ok(())
}

fn data_block_region_overrides_provider_region(client: &Client) -> Outcome {
    let emulator = emulator()?;
    assert_eq!(scenario(client, &emulator).read("")?["region_id"], REGION);
    let elsewhere = scenario(client, &emulator).read("region_id = \"us-west-1\"")?;
    assert_eq!(elsewhere["region_id"], "us-west-1");
    let requests = emulator.requests();
    let requested: Vec<_> = requests
        .iter()
        .map(|one| one.parameter("RegionId"))
        .collect();
    assert!(requested.contains(&Some(REGION)) && requested.contains(&Some("us-west-1")));
    Ok(())
}
