//! The account's own images are read from all pages, the newest first.

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Answer, Catalog, Emulator, Options, Order};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::golden::Golden;
use crate::machine::{Machine, Run};
use crate::support::{BOTH, configured, state_of};

fn emulator_with(images: Vec<Value>) -> Result<Emulator> {
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_custom_images("cn-hangzhou", images),
        ..Options::default()
    })?)
}

async fn read(provider: &RunningProvider, block: &Value) -> Result<Value> {
    state_of(&provider.read("swas_custom_images", block).await?)
}

#[tokio::test]
async fn two_hundred_and_thirty_images_cost_three_calls_and_come_the_newest_first() -> Result<()> {
    let image = |number: u32| {
        json!({
            "ImageId": format!("id-{number}"),
            "CreationTime": format!("2026-05-01T{:02}:{:02}:00Z", number / 60, number % 60),
        })
    };
    let emulator = emulator_with((0..230).map(image).collect())?;
    let newest_first: Vec<_> = (0..230).rev().map(|id| format!("id-{id}")).collect();
    for order in [Order::AsListed, Order::Shuffled(5)] {
        emulator.set_order(order);
        let before = emulator.requests().len();
        let provider = configured(BOTH[1], &emulator).await?;
        let state = read(&provider, &json!({})).await?;
        assert_eq!(state["ids"], json!(newest_first), "{order:?}");
        let requests = emulator.requests().split_off(before);
        let pages: Vec<_> = requests
            .iter()
            .map(|it| it.parameter("PageNumber"))
            .collect();
        assert_eq!(pages, [Some("1"), Some("2"), Some("3")], "{order:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_has_what_the_api_tells_and_null_for_other_numbers() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({
            "ImageId": "a", "Name": "web", "Description": "D", "Status": "1", "OsType": "Linux",
            "CreationTime": "2026-05-02T00:00:00+08:00", "RequiredSystemDiskSize": 40,
            "RequiredDataDiskSize": "20", "SourceImageName": "Debian",
            "SourceImageVersion": "12.10", "InShare": true, "InShareUser": false, "Tags": [],
        }),
        json!({"ImageId": "b", "Status": "9", "CreationTime": "2026-05-01T15:00:00Z"}),
    ])?;
    for protocol in BOTH {
        let provider = configured(protocol, &emulator).await?;
        let state = read(&provider, &json!({})).await?;
        let expected = json!([
            {
                "id": "a", "image_id": "a", "name": "web", "description": "D",
                "creation_time": "2026-05-02T00:00:00+08:00", "status": "available",
                "os_type": "Linux", "required_system_disk_size": 40,
                "required_data_disk_size": 20, "source_image_name": "Debian",
                "source_image_version": "12.10", "in_share": true,
            },
            {
                "id": "b", "image_id": "b", "name": "", "description": "",
                "creation_time": "2026-05-01T15:00:00Z", "status": "9", "os_type": "",
                "required_system_disk_size": null, "required_data_disk_size": null,
                "source_image_name": "", "source_image_version": "", "in_share": null,
            },
        ]);
        assert_eq!(state["images"], expected, "{protocol:?}");
        assert_eq!(state["names"], json!(["web", ""]), "{protocol:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_status_is_a_word_where_its_number_is_known() -> Result<()> {
    let image = |status: &str| json!({"ImageId": status, "Status": status});
    let numbers = ["0", "1", "2", "3", "4", "5"];
    let emulator = emulator_with(numbers.map(image).into())?;
    let provider = configured(BOTH[1], &emulator).await?;
    let state = read(&provider, &json!({})).await?;
    let images = state["images"].as_array().ok_or("no images")?;
    let words: Vec<_> = images.iter().map(|image| image["status"].clone()).collect();
    let expected = [
        "copying",
        "available",
        "unavailable",
        "creation_failed",
        "creating",
        "5",
    ];
    assert_eq!(words, expected);
    Ok(())
}

#[tokio::test]
async fn arguments_select_the_images_that_fit_all_of_them() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({"ImageId": "a", "Name": "web-1", "OsType": "Linux", "Status": "1"}),
        json!({"ImageId": "b", "Name": "web-2", "OsType": "Windows", "Status": "1"}),
        json!({"ImageId": "c", "Name": "db-1", "OsType": "Linux", "Status": "0"}),
    ])?;
    let provider = configured(BOTH[1], &emulator).await?;
    for (block, expected) in [
        (json!({"image_ids": ["c", "a"]}), &["a", "c"][..]),
        (json!({"name_regex": "^web"}), &["a", "b"]),
        (json!({"os_type": "Linux"}), &["a", "c"]),
        (json!({"status": "available"}), &["a", "b"]),
        (json!({"status": "copying"}), &["c"]),
        (json!({"status": "0"}), &["c"]),
        (json!({"name_regex": "^web", "os_type": "Linux"}), &["a"]),
        (json!({"image_ids": []}), &[]),
    ] {
        assert_eq!(
            read(&provider, &block).await?["ids"],
            json!(expected),
            "{block}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn os_type_that_no_image_has_gives_a_warning() -> Result<()> {
    let emulator = emulator_with(vec![json!({"ImageId": "a", "OsType": "Linux"})])?;
    let provider = configured(BOTH[1], &emulator).await?;
    let block = json!({"os_type": "Windows"});
    let answer = provider.read("swas_custom_images", &block).await?;
    let expected = "warning at os_type: Nothing matches \"os_type\"\n  \
                    No custom image of region cn-hangzhou has the os_type \"Windows\". There are:\n  \
                    - \"Linux\"\n";
    assert_eq!(shown(&answer.diagnostics), expected);
    let block = json!({"os_type": "Linux", "name_regex": "none"});
    assert!(read(&provider, &block).await?["images"] == json!([]));
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_not_whole_or_has_no_end_is_an_error() -> Result<()> {
    let images = |count: usize, name: &str| {
        let image = |number| json!({"ImageId": format!("id-{number}"), "Name": name});
        (0..count).map(image).collect::<Vec<_>>()
    };
    let mut told = Golden::default();
    for (name, pages) in [
        (
            "no images of five",
            vec![json!({"TotalCount": 5, "CustomImages": []})],
        ),
        (
            "one image on a page of a hundred",
            vec![json!({"TotalCount": 100, "CustomImages": images(1, "")})],
        ),
        (
            "an empty page behind the first",
            vec![
                json!({"TotalCount": "250", "CustomImages": images(100, "")}),
                json!({"TotalCount": "250", "CustomImages": []}),
            ],
        ),
        (
            "more images than anybody has",
            vec![json!({"TotalCount": 1e9, "CustomImages": images(100, "")})],
        ),
        (
            "a long text",
            vec![json!({"CustomImages": images(1, &"a".repeat(4097))})],
        ),
        (
            "a long page",
            vec![json!({"CustomImages": images(200, &"a".repeat(4000))})],
        ),
    ] {
        let machine = Machine::with_key()?;
        let provider = machine.start().await?;
        for page in pages {
            machine.emulator.answer_next(Answer::json(page.to_string()));
        }
        let answer = provider.read("swas_custom_images", &json!({})).await?;
        assert_eq!(answer.state, None, "{name}");
        told.add(name, &shown(&answer.diagnostics));
        provider.end().await?;
    }
    told.assert("lists_that_are_not_whole");

    let machine = Machine::with_key()?;
    let provider = machine.start().await?;
    let full = json!({"CustomImages": images(100, "")});
    machine
        .emulator
        .answer_always(Answer::json(full.to_string()));
    let answer = provider.read("swas_custom_images", &json!({})).await?;
    let text = shown(&answer.diagnostics);
    assert!(text.contains("it goes on after 10000 images"), "{text}");
    assert_eq!(machine.emulator.requests().len(), 101);
    Ok(())
}
