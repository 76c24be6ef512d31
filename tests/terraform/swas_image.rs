//! `swas_image` with Terraform.

use libtest_mimic::Failed;
use serde_json::json;
use swas_testing::emulator::{Emulator, Image};
use swas_testing::terraform::{Client, TerraformTest};

use crate::scenario::{Outcome, REGION, Scenario, emulator_with, image, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(image_state_has_every_field),
        TerraformTest::of(image_is_selected_by_name_or_id),
        TerraformTest::of(most_recent_selects_the_highest_version),
        TerraformTest::of(multiple_matches_error_lists_candidates),
        TerraformTest::of(ambiguous_most_recent_is_an_error),
        TerraformTest::of(no_match_error_lists_candidates),
        TerraformTest::of(image_id_not_found_names_causes),
        TerraformTest::of(no_match_error_sends_no_further_request),
    ])
}

fn emulator(names: &[&str]) -> Result<Emulator, Failed> {
    let names = names.iter().enumerate();
    let images = names.map(|(number, name)| Image {
        image_type: "app".to_owned(),
        ..image(&format!("id-{number}"), name)
    });
    emulator_with(images.collect())
}

fn scenario<'a>(client: &'a Client, emulator: &'a Emulator) -> Scenario<'a> {
    Scenario::new(client, emulator, "swas_image")
}

fn image_state_has_every_field(client: &Client) -> Outcome {
    let windows = Image {
        platform: "Windows".to_owned(),
        description: Some("This is b.".to_owned()),
        ..image("b", "Windows-2022")
    };
    let emulator = emulator_with(vec![image("a", "Ubuntu-22.04"), windows])?;
    let expected = json!({
        "id": "b",
        "region_id": REGION,
        "image_id": "b",
        "name": "Windows-2022",
        "name_regex": null,
        "image_type": "custom",
        "platform": "Windows",
        "most_recent": null,
        "image_name": "Windows-2022",
        "description": "This is b.",
    });
    assert_eq!(
        scenario(client, &emulator).read("name = \"Windows-2022\"")?,
        expected
    );
    Ok(())
}

fn image_is_selected_by_name_or_id(client: &Client) -> Outcome {
    let emulator = emulator(&[
        "Ubuntu-20.04",
        "Ubuntu-22.04",
        "Ubuntu-22.04-x",
        "Debian-12",
    ])?;
    for (arguments, expected) in [
        ("image_id = \"id-3\"", "id-3"),
        (
            "image_id = \"id-3\"\nimage_type = \"app\"\nplatform = \"Linux\"",
            "id-3",
        ),
        // `name` matches the whole name.
        ("name = \"Ubuntu-22.04\"", "id-1"),
        ("name_regex = \"^Debian\"", "id-3"),
        ("name = \"Ubuntu-22.04\"\nname_regex = \"^Ubuntu\"", "id-1"),
        ("name = \"Ubuntu-22.04\"\nmost_recent = false", "id-1"),
        // A single match is not compared by version.
        ("name_regex = \"^Debian\"\nmost_recent = true", "id-3"),
    ] {
        assert_eq!(
            scenario(client, &emulator).read(arguments)?["id"],
            expected,
            "{arguments}"
        );
    }
    let requests = emulator.requests();
    let requested = requests.first().and_then(|one| one.parameter("ImageIds"));
    assert_eq!(
        requested,
        Some("[\"id-3\"]"),
        "more than one ID was requested"
    );
    Ok(())
}

fn most_recent_selects_the_highest_version(client: &Client) -> Outcome {
    for (names, expected) in [
        (
            &["Ubuntu-20.04", "Ubuntu-22.04", "Ubuntu-9.10"][..],
            "Ubuntu-22.04",
        ),
        (&["Ubuntu", "Ubuntu-1"], "Ubuntu-1"),
        (
            &["Debian-12.5", "Debian-12.10", "Debian-9.6"],
            "Debian-12.10",
        ),
        (
            &["OpenClaw-2026.5.7", "OpenClaw-2026.5.19"],
            "OpenClaw-2026.5.19",
        ),
        (&["v1.2-rc1", "v1.2", "v1.1.9"], "v1.2"),
        (
            &["WordPress-5.0-Ubuntu-18.04", "WordPress-4.8.1-Ubuntu-22.04"],
            "WordPress-5.0-Ubuntu-18.04",
        ),
        (
            &[
                "b-99999999999999999999999998",
                "b-99999999999999999999999999",
            ],
            "b-99999999999999999999999999",
        ),
    ] {
        let emulator = emulator(names)?;
        let read = scenario(client, &emulator).read("name_regex = \".\"\nmost_recent = true")?;
        assert_eq!(read["image_name"], expected, "{names:?}");
    }
    Ok(())
}

fn multiple_matches_error_lists_candidates(client: &Client) -> Outcome {
    let names: Vec<_> = (1..=12).map(|number| format!("App-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let emulator = emulator(&names)?;
    let text =
        scenario(client, &emulator).plan_error("name_regex = \"^App\"\nplatform = \"Linux\"")?;
    for expected in [
        "Error: More than one image matches",
        "Selecting an image in cn-hangzhou failed: 12 images match name_regex \"^App\", platform \"Linux\":",
        r#"- "App-1" (app, Linux, id-0) - "App-2" (app, Linux, id-1)"#,
        r#"- "App-10" (app, Linux, id-9) - and 2 more"#,
        "Set \"name\", or narrow \"name_regex\". To select the highest version, set \"most_recent\"",
        "name_regex = \"^App\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn ambiguous_most_recent_is_an_error(client: &Client) -> Outcome {
    let emulator = emulator(&["Ubuntu-22.04", "Debian-22.04", "Ubuntu-20.04"])?;
    let text = scenario(client, &emulator).plan_error("name_regex = \".\"\nmost_recent = true")?;
    for expected in [
        "Error: Several images are the most recent",
        "3 images match name_regex \".\", and their names do not determine the newest",
        r#"- "Debian-22.04" (app, Linux, id-1) - "Ubuntu-22.04" (app, Linux, id-0) Select"#,
        r#"- name_regex = "^Debian-22\\.04$""#,
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn no_match_error_lists_candidates(client: &Client) -> Outcome {
    let emulator = emulator(&["Ubuntu-20.04", "Ubuntu-22.04", "Debian-12"])?;
    for (arguments, expected) in [
        (
            "name = \"Ubuntu-22.4\"",
            r#"matches name "Ubuntu-22.4". The most similar images: - "Ubuntu-22.04" (app, Linux, id-1)"#,
        ),
        (
            "name_regex = \"^ubuntu\"",
            r#"images: - "Ubuntu-20.04" (app, Linux, id-0) - "Ubuntu-22.04" (app, Linux, id-1) - "Debian"#,
        ),
        (
            "name = \"Windows\"\nimage_type = \"app\"\nplatform = \"Linux\"",
            r#"Correct "name", "image_type", or "platform"."#,
        ),
        (
            "name = \"Debian-12\"\nplatform = \"Windows\"",
            r#"Matches for another platform: - "Debian-12" (app, Linux, id-2) Correct or remove "platform"."#,
        ),
        (
            "name = \"Debian-12\"\nimage_type = \"system\"",
            r#"The region has no image of type "system". Correct "name" or "image_type"."#,
        ),
        (
            "name = \"Fedora\"\nplatform = \"Windows\"",
            r#"The most similar images: - "Debian-12" (app,"#,
        ),
    ] {
        let text = scenario(client, &emulator).plan_error(arguments)?;
        assert!(text.contains("Error: No image matches"), "{text}");
        assert!(text.contains("in cn-hangzhou"), "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn image_id_not_found_names_causes(client: &Client) -> Outcome {
    let emulator = emulator(&["Ubuntu-22.04"])?;
    let text = scenario(client, &emulator).plan_error("image_id = \"Ubuntu-22.04\"")?;
    for expected in [
        "Error: Image not found",
        "image_id = \"Ubuntu-22.04\"",
        "Selecting an image in cn-hangzhou failed: no image matches image_id \"Ubuntu-22.04\". The \
         image was withdrawn, or belongs to another region or account. Correct \"image_id\" \
         or \"region_id\".",
        "If the ID is a name, set \"name\" instead of \"image_id\".",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("id-0"), "{text}");
    Ok(())
}

fn no_match_error_sends_no_further_request(client: &Client) -> Outcome {
    let emulator = emulator(&["Ubuntu-22.04"])?;
    let text =
        scenario(client, &emulator).plan_error("name = \"Debian\"\nimage_type = \"system\"")?;
    assert!(text.contains("Error: No image matches"), "{text}");
    assert_eq!(emulator.requests().len(), 1, "{text}");
    Ok(())
}
