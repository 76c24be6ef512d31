//! `swas_custom_images`: pagination, order, filters and shared images.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Options, Order, Reply};
use swas_testing::running_provider::{Result, RunningProvider};

use crate::golden::Golden;
use crate::support::{
    PROTOCOLS, configure, expect_state, provider_config, start_configured, start_provider, with,
};

fn emulator_with(images: Vec<Value>) -> Result<Emulator> {
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_custom_images("cn-hangzhou", images),
        ..Options::default()
    })?)
}

async fn read(provider: &RunningProvider, block: &Value) -> Result<Value> {
    expect_state(&provider.read("swas_custom_images", block).await?)
}

#[tokio::test]
async fn paginated_list_takes_four_requests_and_is_sorted_newest_first() -> Result<()> {
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
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let state = read(&provider, &json!({})).await?;
        assert_eq!(state["ids"], json!(newest_first), "{order:?}");
        let requests = emulator.requests().split_off(before);
        let pages: Vec<_> = requests
            .iter()
            .map(|it| it.parameter("PageNumber"))
            .collect();
        // The first page is read twice, to detect changes of the list meanwhile.
        assert_eq!(pages, ["1", "3", "2", "1"].map(Some), "{order:?}");
    }
    Ok(())
}

#[tokio::test]
async fn image_fields_are_decoded_and_missing_numbers_are_null() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({
            "ImageId": "a", "Name": "web", "Description": "D", "Status": "1", "OsType": "Linux",
            "CreationTime": "2026-05-02T00:00:00+08:00", "RequiredSystemDiskSize": 40,
            "RequiredDataDiskSize": "20", "SourceImageName": "Debian",
            "SourceImageVersion": "12.10", "InShare": true, "InShareUser": false,
            "UserId": i64::MAX, "ResourceGroupId": "rg-1", "InstanceId": "server-1",
            "Tags": [{"Key": "env", "Value": "prod"}, {"Key": "empty", "Value": ""}],
        }),
        json!({"ImageId": "b", "Status": "9", "CreationTime": "2026-05-01T15:00:00Z"}),
    ])?;
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        let state = read(&provider, &json!({})).await?;
        let expected = json!([
            {
                "id": "a", "image_id": "a", "name": "web", "description": "D",
                "creation_time": "2026-05-02T00:00:00+08:00", "status": "available",
                "os_type": "Linux", "required_system_disk_size": 40,
                "required_data_disk_size": 20, "source_image_name": "Debian",
                "source_image_version": "12.10", "in_share": true, "in_share_user": false,
                "user_id": "9223372036854775807", "resource_group_id": "rg-1",
                "instance_id": "server-1", "tags": {"env": "prod", "empty": ""},
            },
            {
                "id": "b", "image_id": "b", "name": "", "description": "",
                "creation_time": "2026-05-01T15:00:00Z", "status": "9", "os_type": "",
                "required_system_disk_size": null, "required_data_disk_size": null,
                "source_image_name": "", "source_image_version": "", "in_share": null,
                "in_share_user": null, "user_id": "", "resource_group_id": "", "instance_id": "",
                "tags": {},
            },
        ]);
        assert_eq!(state["images"], expected, "{protocol:?}");
        assert_eq!(state["names"], json!(["web", ""]), "{protocol:?}");
    }
    Ok(())
}

#[tokio::test]
async fn status_codes_are_mapped_to_names() -> Result<()> {
    let image = |status: &str| json!({"ImageId": status, "Status": status});
    let numbers = ["0", "1", "2", "3", "4", "5"];
    let emulator = emulator_with(numbers.map(image).into())?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
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
async fn arguments_filter_images_by_all_conditions() -> Result<()> {
    let emulator = emulator_with(vec![
        json!({
            "ImageId": "a", "Name": "web-1", "OsType": "Linux", "Status": "1",
            "Tags": [{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "web"}],
        }),
        json!({
            "ImageId": "b", "Name": "web-2", "OsType": "Windows", "Status": "1",
            "Tags": [{"Key": "env", "Value": "prod"}],
        }),
        json!({
            "ImageId": "c", "Name": "db-1", "OsType": "Linux", "Status": "0",
            "Tags": [{"Key": "env", "Value": "Prod"}, {"Key": "Team", "Value": "web"}],
        }),
    ])?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    for (block, expected) in [
        (json!({"image_ids": ["c", "a"]}), &["a", "c"][..]),
        (json!({"name_regex": "^web"}), &["a", "b"]),
        (json!({"os_type": "Linux"}), &["a", "c"]),
        (json!({"status": "available"}), &["a", "b"]),
        (json!({"status": "copying"}), &["c"]),
        (json!({"status": "0"}), &["c"]),
        (json!({"name_regex": "^web", "os_type": "Linux"}), &["a"]),
        (json!({"image_ids": []}), &[]),
        (json!({"tags": {"env": "prod"}}), &["a", "b"]),
        (json!({"tags": {"env": "prod", "team": "web"}}), &["a"]),
        (json!({"tags": {"env": ""}}), &[]),
        (json!({"tags": {}}), &["a", "b", "c"]),
        (json!({"tags": {"env": "prod"}, "os_type": "Linux"}), &["a"]),
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
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    let block = json!({"os_type": "Windows"});
    let response = provider.read("swas_custom_images", &block).await?;
    let expected = "warning at os_type: No match for \"os_type\"\n  No custom image of region \
                    cn-hangzhou has the os_type \"Windows\". Available values:\n  - \"Linux\"\n";
    assert_eq!(shown(&response.diagnostics), expected);
    let block = json!({"os_type": "Linux", "name_regex": "none"});
    assert!(read(&provider, &block).await?["images"] == json!([]));
    Ok(())
}

/// An own image, and a newer shared image of the same name.
fn emulator_with_shared_image() -> Result<Emulator> {
    let image = |id: &str, time: &str, user_id: u64| {
        let tags = json!([{"Key": "env", "Value": "prod"}]);
        json!({
            "ImageId": id, "Name": "web", "CreationTime": time, "UserId": user_id, "Status": "1",
            "Tags": tags,
        })
    };
    let own = vec![image("own", "2026-05-01T00:00:00Z", 1)];
    let shared = vec![image("shared", "2026-06-01T00:00:00Z", 2)];
    let catalog = Catalog::builtin().with_custom_images("cn-hangzhou", own);
    Ok(Emulator::start(Options {
        catalog: catalog.with_shared_images("cn-hangzhou", shared),
        ..Options::default()
    })?)
}

#[tokio::test]
async fn shared_image_is_excluded_unless_included() -> Result<()> {
    let emulator = emulator_with_shared_image()?;
    for protocol in PROTOCOLS {
        let provider = start_configured(protocol, &emulator).await?;
        for block in [
            json!({}),
            json!({"include_shared": false}),
            json!({"include_shared": null, "name_regex": "^web$", "status": "available"}),
        ] {
            let state = read(&provider, &block).await?;
            assert_eq!(state["ids"], json!(["own"]), "{block}");
        }
        let state = read(&provider, &json!({"include_shared": true})).await?;
        assert_eq!(state["ids"], json!(["shared", "own"]));
        assert_eq!(state["images"][0]["user_id"], "2");
        assert_eq!(state["images"][1]["user_id"], "1");
    }
    Ok(())
}

#[tokio::test]
async fn shared_and_own_lists_have_separate_cache_entries() -> Result<()> {
    let emulator = emulator_with_shared_image()?;
    for (first, second) in [(true, false), (false, true)] {
        let before = emulator.requests().len();
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let blocks = [first, second].map(|included| json!({"include_shared": included}));
        let [one, other] = &blocks;
        let (one, other) = tokio::join!(read(&provider, one), read(&provider, other));
        for (included, state) in [(first, one?), (second, other?)] {
            let ids = &state["ids"];
            assert_eq!(
                ids.as_array().map(Vec::len),
                Some(1 + usize::from(included))
            );
        }
        let requests = emulator.requests().split_off(before);
        let mut sent: Vec<_> = requests.iter().map(|it| it.parameter("Share")).collect();
        sent.sort_unstable();
        assert_eq!(sent, [None, Some("False")]);
    }
    Ok(())
}

#[tokio::test]
async fn shared_image_requested_by_id_gives_a_warning_naming_include_shared() -> Result<()> {
    let emulator = emulator_with_shared_image()?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    for (included, is_named) in [(false, true), (true, false)] {
        let block = json!({"image_ids": ["shared", "gone"], "include_shared": included});
        let response = provider.read("swas_custom_images", &block).await?;
        let text = shown(&response.diagnostics);
        assert_eq!(text.contains("- shared"), is_named, "{text}");
        assert_eq!(text.contains("include_shared"), is_named, "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn tags_and_include_shared_keep_configured_values_in_state() -> Result<()> {
    let emulator = emulator_with_shared_image()?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    for (tags, include_shared) in [
        (json!(null), json!(null)),
        (json!({}), json!(false)),
        (json!({"env": "prod", " b ": "", "a": "镜像"}), json!(true)),
    ] {
        let block = json!({"tags": tags, "include_shared": include_shared});
        let state = read(&provider, &block).await?;
        assert_eq!(state["tags"], tags);
        assert_eq!(state["include_shared"], include_shared);
    }
    Ok(())
}

#[tokio::test]
async fn id_depends_on_tags_and_include_shared() -> Result<()> {
    let emulator = emulator_with_shared_image()?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    let mut ids = Vec::new();
    for (block, is_new) in [
        (json!({}), true),
        (json!({"include_shared": false}), false),
        (json!({"include_shared": true}), true),
        (json!({"tags": {}}), true),
        (json!({"tags": {"env": "prod"}}), true),
        (json!({"tags": {"env": "test"}}), true),
        (
            json!({"tags": {"env": "test"}, "include_shared": true}),
            true,
        ),
    ] {
        let id = read(&provider, &block).await?["id"].clone();
        assert_eq!(!ids.contains(&id), is_new, "{block}");
        ids.push(id);
    }
    Ok(())
}

#[tokio::test]
async fn missing_list_with_total_count_zero_is_empty() -> Result<()> {
    for body in [
        json!({"TotalCount": 0}),
        json!({"TotalCount": "0.0", "CustomImages": []}),
    ] {
        let emulator = emulator_with(Vec::new())?;
        emulator.reply_always(Reply::json(body.to_string()));
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let state = read(&provider, &json!({})).await?;
        assert_eq!(state["ids"], json!([]), "{body}");
        assert_eq!(emulator.requests().len(), 1);
    }
    Ok(())
}

/// Starts a provider with retries, which other tests disable.
async fn retrying(emulator: &Emulator) -> Result<RunningProvider> {
    let provider = start_provider(PROTOCOLS[1]).await?;
    configure(
        &provider,
        &with(&provider_config(emulator), "max_retry_timeout", 60),
    )
    .await?;
    Ok(provider)
}

fn images(numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
    let image = |number| json!({"ImageId": format!("id-{number}")});
    numbers.into_iter().map(image).collect()
}

/// Responds to all requests in turn, and repeats the last response.
fn respond_with(emulator: &Emulator, pages: &[Value]) {
    for page in pages {
        emulator.reply_next(Reply::json(page.to_string()));
    }
    if let Some(last) = pages.last() {
        emulator.reply_always(Reply::json(last.to_string()));
    }
}

/// Reads each list. `pages` are the responses to all requests. The read has to fail
/// after this number of requests, with the text of the golden file.
async fn assert_lists_fail(snapshot: &str, lists: Vec<(&str, usize, Vec<Value>)>) -> Result<()> {
    let mut golden = Golden::default();
    for (name, requests, pages) in lists {
        let emulator = emulator_with(Vec::new())?;
        let provider = retrying(&emulator).await?;
        respond_with(&emulator, &pages);
        let response = provider.read("swas_custom_images", &json!({})).await?;
        assert_eq!(response.state, None, "{name}");
        golden.add(name, &shown(&response.diagnostics));
        assert_eq!(emulator.requests().len(), requests, "{name}");
    }
    golden.assert(snapshot);
    Ok(())
}

/// A page of a list with `total` images.
fn page(total: usize, numbers: std::ops::Range<usize>) -> Value {
    json!({"TotalCount": total, "CustomImages": images(numbers)})
}

#[tokio::test]
async fn list_with_a_malformed_page_is_an_error_without_retry() -> Result<()> {
    let long = |count: usize, name: usize, text: usize| {
        let images = images(0..count).into_iter().map(|image| {
            let image = with(&image, "Name", "a".repeat(name));
            let image = with(&image, "SourceImageName", "b".repeat(text));
            with(&image, "Description", "b".repeat(text))
        });
        json!({"TotalCount": count, "CustomImages": images.collect::<Vec<_>>()})
    };
    let changed = |field, value: Value| with(&page(230, 0..100), field, value);
    let no_total = json!({"PageSize": 50, "CustomImages": images(0..50)});
    let lists = vec![
        ("TotalCount is 0", 1, vec![page(0, 0..100)]),
        (
            "TotalCount is 100 of 230",
            2,
            vec![page(100, 0..100), page(100, 100..200)],
        ),
        ("TotalCount is missing, PageSize 50", 1, vec![no_total]),
        (
            "TotalCount is null",
            1,
            vec![changed("TotalCount", json!(null))],
        ),
        (
            "TotalCount is no number",
            1,
            vec![changed("TotalCount", "many".into())],
        ),
        (
            "TotalCount is too large",
            1,
            vec![changed("TotalCount", json!(1e9))],
        ),
        ("PageSize is 50", 1, vec![changed("PageSize", "50".into())]),
        (
            "PageNumber is always 1",
            2,
            vec![changed("PageNumber", json!(1))],
        ),
        ("page 2 is too long", 2, vec![page(150, 0..100)]),
        ("no list", 1, vec![json!({"TotalCount": 1})]),
        ("a long name", 1, vec![long(1, 513, 0)]),
        ("a long page", 1, vec![long(99, 0, 4000)]),
    ];
    assert_lists_fail("lists_with_a_malformed_page", lists).await
}

#[tokio::test]
async fn list_that_keeps_changing_is_an_error_within_ten_requests() -> Result<()> {
    let alternating = |pages: [Value; 2]| pages.into_iter().cycle().take(12).collect();
    let another_each_time = (0..12).map(|number| match number % 2 {
        0 => page(150, number * 1000..number * 1000 + 100),
        _ => page(150, 50_000..50_050),
    });
    let lists = vec![
        ("no images of five", 3, vec![page(5, 0..0)]),
        ("one image of 100", 3, vec![page(100, 0..1)]),
        (
            "page 3 is empty",
            6,
            alternating([page(250, 0..100), page(250, 0..0)]),
        ),
        (
            "page 1 in place of page 2",
            6,
            alternating([page(150, 0..100), page(150, 0..50)]),
        ),
        (
            "TotalCount alternates",
            6,
            alternating([page(150, 0..100), page(151, 100..151)]),
        ),
        ("another page 1 each time", 7, another_each_time.collect()),
    ];
    assert_lists_fail("lists_that_keep_changing", lists).await
}

#[tokio::test]
async fn list_that_changes_once_is_retried_until_consistent() -> Result<()> {
    let old: Vec<_> = (0..150).collect();
    let without = |id| old.iter().copied().filter(move |it| *it != id);
    for (name, list) in [
        (
            "created at the front, deleted on page 1",
            [500].into_iter().chain(without(50)).collect::<Vec<_>>(),
        ),
        (
            "created at the front, deleted on page 2",
            [500].into_iter().chain(without(120)).collect(),
        ),
        (
            "created at the end, deleted on page 1",
            without(50).chain([500]).collect(),
        ),
        ("created", without(150).chain([500]).collect()),
        ("deleted", without(50).collect()),
    ] {
        let emulator = emulator_with(images(list.clone()))?;
        let first = json!({"TotalCount": 150, "CustomImages": images(0..100)});
        emulator.reply_next(Reply::json(first.to_string()));
        let provider = retrying(&emulator).await?;
        let state = read(&provider, &json!({})).await?;
        let ids = state["ids"].as_array().ok_or("no IDs")?;
        let ids: BTreeSet<_> = ids.iter().filter_map(Value::as_str).collect();
        let expected: Vec<_> = list.iter().map(|id| format!("id-{id}")).collect();
        assert_eq!(ids, expected.iter().map(String::as_str).collect(), "{name}");
        assert!(emulator.requests().len() <= 5, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn list_that_changes_is_not_retried_when_max_retry_timeout_is_zero() -> Result<()> {
    let emulator = emulator_with(images(0..150))?;
    let first = json!({"TotalCount": 151, "CustomImages": images(0..100)});
    emulator.reply_next(Reply::json(first.to_string()));
    let provider = start_provider(PROTOCOLS[1]).await?;
    configure(
        &provider,
        &with(&provider_config(&emulator), "max_retry_timeout", 0),
    )
    .await?;
    let response = provider.read("swas_custom_images", &json!({})).await?;
    let text = shown(&response.diagnostics);
    assert!(
        text.contains("the list changed while it was read"),
        "{text}"
    );
    assert_eq!(response.state, None, "{text}");
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn list_of_exactly_one_page_is_confirmed_by_an_empty_page() -> Result<()> {
    let emulator = emulator_with(images(0..100))?;
    let provider = start_configured(PROTOCOLS[1], &emulator).await?;
    let state = read(&provider, &json!({})).await?;
    assert_eq!(state["ids"].as_array().map(Vec::len), Some(100));
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}
