//! `swas_image` reads exactly one image.

use std::process::ExitCode;

use libtest_mimic::Failed;
use serde_json::{Value, json};
use swas_testing::emulator::{Answer, Catalog, Emulator, Image, Options};
use swas_testing::terraform::{Client, TerraformTest, Workspace, run_terraform_tests};

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");
const REGION: &str = "cn-hangzhou";

fn main() -> ExitCode {
    run_terraform_tests(
        &[
            TerraformTest::new("one_image_is_read_with_every_field", every_field),
            TerraformTest::new("an_image_is_found_by_its_name_or_id", found),
            TerraformTest::new("the_most_recent_is_the_highest_version", most_recent),
            TerraformTest::new("several_matches_are_an_error_with_candidates", several),
            TerraformTest::new("several_most_recent_ones_are_an_error", tie),
            TerraformTest::new("no_match_is_an_error_with_candidates", no_match),
            TerraformTest::new("without_candidates_the_error_stands", no_candidates),
            TerraformTest::new("what_makes_no_sense_is_found_by_validation", no_sense),
        ]
        .map(|test| test.only_for(|client| client.version.at_least(1, 0))),
    )
}

fn image(id: &str, name: &str, image_type: &str, platform: &str) -> Image {
    Image {
        id: id.to_owned(),
        name: name.to_owned(),
        image_type: image_type.to_owned(),
        platform: platform.to_owned(),
        description: Some(format!("This is {id}.")),
    }
}

fn emulator(names: &[&str]) -> Result<Emulator, Failed> {
    let images = names.iter().enumerate();
    let images = images.map(|(number, name)| image(&format!("id-{number}"), name, "app", "Linux"));
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_images(REGION, images.collect()),
        ..Options::default()
    })?)
}

fn workspace(client: &Client, emulator: &Emulator, arguments: &str) -> Result<Workspace, Failed> {
    let configuration = format!(
        "data \"swas_image\" \"it\" {{\n{arguments}\n}}\n\
         output \"it\" {{\n  value = data.swas_image.it\n}}\n"
    );
    let mut workspace =
        Workspace::initialized(client, PROVIDER.as_ref(), emulator, &configuration)?;
    workspace.env("ALIBABA_CLOUD_REGION", REGION);
    Ok(workspace)
}

/// What a user reads with these arguments.
fn read(client: &Client, emulator: &Emulator, arguments: &str) -> Result<Value, Failed> {
    let workspace = workspace(client, emulator, arguments)?;
    workspace.apply()?.checked()?;
    assert!(workspace.plan_is_empty()?);
    Ok(workspace.output_json()?["it"]["value"].clone())
}

/// What a user is told by a plan that fails.
fn told(client: &Client, emulator: &Emulator, arguments: &str) -> Result<String, Failed> {
    let plan = workspace(client, emulator, arguments)?.plan()?;
    assert_eq!(plan.code(), Some(1), "{arguments}: {plan}");
    Ok(plan.flat_text())
}

fn every_field(client: &Client) -> Result<(), Failed> {
    let images = vec![
        image("a", "Ubuntu-22.04", "system", "Linux"),
        image("b", "Windows-2022", "custom", "Windows"),
    ];
    let emulator = Emulator::start(Options {
        catalog: Catalog::builtin().with_images(REGION, images),
        ..Options::default()
    })?;
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
        read(client, &emulator, "name = \"Windows-2022\"")?,
        expected
    );
    Ok(())
}

fn found(client: &Client) -> Result<(), Failed> {
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
        // The whole name, not a part of it.
        ("name = \"Ubuntu-22.04\"", "id-1"),
        ("name_regex = \"^Debian\"", "id-3"),
        ("name = \"Ubuntu-22.04\"\nname_regex = \"^Ubuntu\"", "id-1"),
        ("name = \"Ubuntu-22.04\"\nmost_recent = false", "id-1"),
        // One match needs no version.
        ("name_regex = \"^Debian\"\nmost_recent = true", "id-3"),
    ] {
        assert_eq!(
            read(client, &emulator, arguments)?["id"],
            expected,
            "{arguments}"
        );
    }
    let requests = emulator.requests();
    let asked = requests.first().and_then(|one| one.parameter("ImageIds"));
    assert_eq!(asked, Some("[\"id-3\"]"), "more than the one was asked for");
    Ok(())
}

fn most_recent(client: &Client) -> Result<(), Failed> {
    for (names, expected) in [
        (
            &["Ubuntu-20.04", "Ubuntu-22.04", "Ubuntu-9.10"][..],
            "Ubuntu-22.04",
        ),
        (&["Ubuntu-x", "Ubuntu-1"], "Ubuntu-1"),
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
        let read = read(client, &emulator, "name_regex = \".\"\nmost_recent = true")?;
        assert_eq!(read["image_name"], expected, "{names:?}");
    }
    Ok(())
}

fn several(client: &Client) -> Result<(), Failed> {
    let names: Vec<_> = (1..=12).map(|number| format!("App-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let emulator = emulator(&names)?;
    let text = told(
        client,
        &emulator,
        "name_regex = \"^App\"\nplatform = \"Linux\"",
    )?;
    for expected in [
        "Error: More than one image matches",
        "In region cn-hangzhou, 12 images match name_regex \"^App\", platform \"Linux\":",
        "- App-1 (id-0) - App-2 (id-1)",
        "- App-10 (id-9) - and 2 more",
        "set \"most_recent\" to true",
        "name_regex = \"^App\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn tie(client: &Client) -> Result<(), Failed> {
    let emulator = emulator(&["Ubuntu-22.04", "Debian-22.04", "Ubuntu-20.04"])?;
    let text = told(client, &emulator, "name_regex = \".\"\nmost_recent = true")?;
    for expected in [
        "Error: Several images are the most recent",
        "3 images match name_regex \".\", and these have the same highest version",
        "- Debian-22.04 (id-1) - Ubuntu-22.04 (id-0) Narrow",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn no_match(client: &Client) -> Result<(), Failed> {
    let emulator = emulator(&["Ubuntu-20.04", "Ubuntu-22.04", "Debian-12"])?;
    for (arguments, expected) in [
        (
            "name = \"Ubuntu-22.4\"",
            "has no image that matches name \"Ubuntu-22.4\". It has: - Ubuntu-22.04 (id-1)",
        ),
        (
            "name_regex = \"^ubuntu\"",
            "matches name_regex \"^ubuntu\". It has: - Ubuntu-20.04 (id-0) - Ubuntu-22.04 (id-1) - Debian",
        ),
        (
            "image_id = \"id-7\"",
            "has no image that matches image_id \"id-7\". It has: - Debian-12 (id-2)",
        ),
        (
            "image_id = \"id-00\"",
            "has no image that matches image_id \"id-00\". It has: - Ubuntu-20.04 (id-0)",
        ),
        (
            "name = \"Windows\"\nimage_type = \"app\"\nplatform = \"Linux\"",
            "With image_type \"app\" and platform \"Linux\", it has: -",
        ),
        (
            "name = \"Debian-12\"\nplatform = \"Windows\"",
            "has no image that matches name \"Debian-12\", platform \"Windows\".",
        ),
    ] {
        let text = told(client, &emulator, arguments)?;
        assert!(text.contains("Error: No image matches"), "{text}");
        assert!(text.contains("Region cn-hangzhou"), "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn no_candidates(client: &Client) -> Result<(), Failed> {
    let emulator = emulator(&["Ubuntu-22.04"])?;
    emulator.answer_next(Answer::normal());
    emulator.answer_always(Answer::error(403, "Forbidden.RAM", "No."));
    let text = told(client, &emulator, "image_id = \"id-7\"")?;
    assert!(text.contains("Error: No image matches"), "{text}");
    assert!(
        !text.contains("it has:") && !text.contains("Forbidden"),
        "{text}"
    );
    Ok(())
}

fn no_sense(client: &Client) -> Result<(), Failed> {
    let emulator = emulator(&[])?;
    for (arguments, expected) in [
        (
            "platform = \"Linux\"",
            &["Missing \"image_id\", \"name\" or \"name_regex\""][..],
        ),
        (
            "most_recent = true",
            &["Missing \"image_id\", \"name\" or \"name_regex\""],
        ),
        (
            "image_id = \"a\"\nname = \"b\"\nname_regex = \"c\"\nmost_recent = false",
            &[
                "Conflict of \"name\" with \"image_id\"",
                "Conflict of \"name_regex\" with \"image_id\"",
                "Conflict of \"most_recent\" with \"image_id\"",
            ],
        ),
        ("name = \" \"", &["Invalid value for \"name\""]),
        ("image_id = \"\"", &["Invalid value for \"image_id\""]),
        ("name_regex = \"[\"", &["Invalid value for \"name_regex\""]),
    ] {
        let found = workspace(client, &emulator, arguments)?.validate_json()?;
        let found = found["diagnostics"].as_array().ok_or("no diagnostics")?;
        let found: Vec<_> = found
            .iter()
            .filter_map(|one| one["summary"].as_str())
            .collect();
        assert_eq!(found, expected, "{arguments}");
    }
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}
