//! `swas_images` reads every image that matches all arguments given.

use std::process::ExitCode;

use libtest_mimic::Failed;
use serde_json::{Value, json};
use swas_testing::emulator::{Answer, Catalog, Emulator, Image, Options, Order};
use swas_testing::terraform::{Client, TerraformTest, Workspace, run_terraform_tests};

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-swas");
const REGION: &str = "cn-hangzhou";

fn main() -> ExitCode {
    run_terraform_tests(
        &[
            TerraformTest::new("every_argument_narrows", narrows),
            TerraformTest::new("names_come_as_people_sort_them", sorted),
            TerraformTest::new("the_id_stands_for_region_and_arguments", stable_id),
            TerraformTest::new("nothing_found_is_an_empty_list", nothing_found),
            TerraformTest::new("no_ids_match_nothing_without_a_call", no_ids),
            TerraformTest::new("ids_not_found_give_one_warning", missing_ids),
            TerraformTest::new("an_id_of_another_type_is_not_found", another_type),
            TerraformTest::new("an_id_of_another_platform_is_no_mistake", another_platform),
            TerraformTest::new("only_images_that_were_asked_for_are_read", only_asked),
            TerraformTest::new("a_thousand_ids_are_read_in_batches", thousand_ids),
            TerraformTest::new("an_image_that_is_answered_twice_comes_once", once),
            TerraformTest::new("each_data_block_has_its_region", regions),
            TerraformTest::new("all_mistakes_are_found_in_one_run", mistakes),
        ]
        .map(|test| test.only_for(|client| client.version.at_least(1, 0))),
    )
}

fn workspace(client: &Client, emulator: &Emulator, arguments: &str) -> Result<Workspace, Failed> {
    let configuration = format!(
        "data \"swas_images\" \"it\" {{\n{arguments}\n}}\n\
         output \"it\" {{\n  value = data.swas_images.it\n}}\n"
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
    Ok(workspace.output_json()?["it"]["value"].clone())
}

fn image(id: &str, name: &str) -> Image {
    Image {
        id: id.to_owned(),
        name: name.to_owned(),
        image_type: "custom".to_owned(),
        platform: "Linux".to_owned(),
        description: None,
    }
}

fn emulator_with(images: Vec<Image>) -> Result<Emulator, Failed> {
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_images(REGION, images),
        ..Options::default()
    })?)
}

type Rule = Box<dyn Fn(&Value) -> bool>;

fn narrows(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
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
    let all = read(client, &emulator, "")?;
    let all = all["images"].as_array().ok_or("no images")?;
    for (arguments, matches) in cases {
        let expected: Vec<_> = all.iter().filter(|image| matches(image)).collect();
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{arguments}"
        );
        let read = read(client, &emulator, arguments)?;
        assert_eq!(read["images"], json!(expected), "{arguments}");
    }
    Ok(())
}

fn sorted(client: &Client) -> Result<(), Failed> {
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
    let workspace = workspace(client, &emulator, "")?;
    workspace.apply()?.checked()?;
    let read = workspace.output_json()?["it"]["value"].clone();
    assert_eq!(read["ids"], json!(names.map(|(id, _)| id)));
    assert_eq!(read["names"], json!(names.map(|(_, name)| name)));
    for order in [Order::Reversed, Order::Shuffled(1), Order::Shuffled(2)] {
        emulator.set_order(order);
        assert!(workspace.plan_is_empty()?, "{order:?}");
    }
    Ok(())
}

fn stable_id(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let id = |arguments| -> Result<String, Failed> {
        Ok(read(client, &emulator, arguments)?["id"].to_string())
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

fn nothing_found(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let read = read(
        client,
        &emulator,
        "name_regex = \"^nothing has this name$\"",
    )?;
    assert_eq!((&read["images"], &read["ids"]), (&json!([]), &json!([])));
    Ok(())
}

fn no_ids(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let read = read(client, &emulator, "image_ids = []")?;
    assert_eq!((&read["images"], &read["names"]), (&json!([]), &json!([])));
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}

fn missing_ids(client: &Client) -> Result<(), Failed> {
    let emulator = emulator_with(vec![image("here", "It")])?;
    for (missing, expected) in [
        (1, "- missing-0 They may be misspelled"),
        (20, "- missing-18 - missing-19 They may be misspelled"),
        (
            25,
            "- missing-18 - missing-19 - and 5 more They may be misspelled",
        ),
    ] {
        let ids: Vec<_> = (0..missing)
            .map(|number| format!("missing-{number}"))
            .collect();
        let arguments = format!(
            "image_ids = {}",
            json!([&["here".to_owned()], &ids[..]].concat())
        );
        let workspace = workspace(client, &emulator, &arguments)?;
        let output = workspace.apply()?.checked()?;
        let text = output.flat_text();
        assert!(text.contains("Warning: Images not found"), "{text}");
        assert!(text.contains(expected), "{text}");
        assert!(
            text.contains("Region cn-hangzhou has no image with these IDs"),
            "{text}"
        );
        let read = workspace.output_json()?["it"]["value"].clone();
        assert_eq!(read["ids"], json!(["here"]));
    }
    Ok(())
}

fn another_type(client: &Client) -> Result<(), Failed> {
    let emulator = emulator_with(vec![image("here", "It")])?;
    let arguments = "image_ids = [\"here\"]\nimage_type = \"app\"";
    let output = workspace(client, &emulator, arguments)?.plan()?.checked()?;
    let text = output.flat_text();
    for expected in [
        "Region cn-hangzhou has no image of the type \"app\" with these IDs of \"image_ids\": - here",
        "be those of images of another type, another region or another account",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn another_platform(client: &Client) -> Result<(), Failed> {
    let emulator = emulator_with(vec![image("here", "It")])?;
    let arguments = "image_ids = [\"here\"]\nplatform = \"Windows\"";
    let workspace = workspace(client, &emulator, arguments)?;
    let output = workspace.apply()?.checked()?;
    assert!(!output.text().contains("Warning"), "{output}");
    let read = workspace.output_json()?["it"]["value"].clone();
    assert_eq!(read["ids"], json!([]));
    Ok(())
}

fn only_asked(client: &Client) -> Result<(), Failed> {
    let emulator = emulator_with(Vec::new())?;
    emulator.answer_always(Answer::json(
        r#"{"RequestId": "R", "Images": [{"ImageId": "b"}, {"ImageId": "a"}]}"#,
    ));
    let read = read(client, &emulator, "image_ids = [\"a\"]")?;
    assert_eq!(read["ids"], json!(["a"]));
    Ok(())
}

fn thousand_ids(client: &Client) -> Result<(), Failed> {
    let emulator = emulator_with(
        (0..1500)
            .map(|number| image(&format!("id-{number:04}"), &format!("Image-{number}")))
            .collect(),
    )?;
    let ids: Vec<_> = (0..1000)
        .map(|number| format!("id-{:04}", 999 - number))
        .collect();
    let workspace = workspace(client, &emulator, &format!("image_ids = {}", json!(ids)))?;
    workspace.apply()?.checked()?;
    let read = workspace.output_json()?["it"]["value"].clone();
    let mut expected = ids;
    expected.reverse();
    assert_eq!(read["ids"], json!(expected));

    // Batches that are answered in another order, and each in another order.
    for (seed, late) in [(1, 3), (2, 11)] {
        let before = emulator.requests().len();
        emulator.set_order(Order::Shuffled(seed));
        for batch in 0..20 {
            let delay = if batch % late == 0 { 200 } else { 0 };
            emulator.answer_next(Answer::normal().after(std::time::Duration::from_millis(delay)));
        }
        assert!(workspace.plan_is_empty()?, "{seed}");
        assert_eq!(emulator.requests().len() - before, 20);
    }
    let most = emulator.max_in_flight();
    assert!((2..=8).contains(&most), "{most} calls at the same time");
    Ok(())
}

fn once(client: &Client) -> Result<(), Failed> {
    let emulator = emulator_with(vec![
        image("a", "It"),
        image("b", "Other"),
        image("a", "It"),
    ])?;
    assert_eq!(read(client, &emulator, "")?["ids"], json!(["a", "b"]));
    Ok(())
}

fn regions(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    assert_eq!(read(client, &emulator, "")?["region_id"], REGION);
    let elsewhere = read(client, &emulator, "region_id = \"us-west-1\"")?;
    assert_eq!(elsewhere["region_id"], "us-west-1");
    let requests = emulator.requests();
    let asked: Vec<_> = requests
        .iter()
        .map(|one| one.parameter("RegionId"))
        .collect();
    assert!(asked.contains(&Some(REGION)) && asked.contains(&Some("us-west-1")));
    Ok(())
}

/// Eight mistakes in three blocks.
fn mistakes(client: &Client) -> Result<(), Failed> {
    let configuration = r#"data "swas_images" "a" {
  region_id  = "Hangzhou"
  image_type = "sytem"
  name_regex = "Ubuntu-("
  image_ids  = ["a", "a"]
}
data "swas_image" "b" {
  platform    = "linux"
  image_id    = "a"
  most_recent = true
  name        = "Ubuntu"
}
data "swas_regions" "c" {
  accept_language = "en"
}
"#;
    let emulator = Emulator::start(Options::default())?;
    let workspace = Workspace::initialized(client, PROVIDER.as_ref(), &emulator, configuration)?;
    let found = workspace.validate_json()?;
    let found = found["diagnostics"].as_array().ok_or("no diagnostics")?;
    let mut lines: Vec<u64> = found
        .iter()
        .filter_map(|one| one["range"]["start"]["line"].as_u64())
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 3, 4, 5, 8, 10, 11, 14], "{found:#?}");
    assert_eq!(emulator.requests().len(), 0);
    Ok(())
}
