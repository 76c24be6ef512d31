//! Hostile endpoints: the time and memory that they cost are bounded.

mod raw;
mod responses;

use std::time::Duration;

use serde_json::json;
use swas_testing::diagnostics::shown;
use swas_testing::emulator::Reply;
use swas_testing::plugin_client::Protocol;
use swas_testing::running_provider::Result;

#[cfg(target_os = "linux")]
use crate::memory::peak_memory;
use crate::support::{emulator, read_measuring_latency, read_regions, start_configured};

/// Slightly below the size limit of a response, in bytes.
const LONG: usize = 4 * 1024 * 1024 - 1024;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn large_responses_use_bounded_memory() -> Result<()> {
    let image = |number| {
        json!({
            "ImageId": format!("{number:032x}"), "ImageName": format!("Ubuntu-{number}"),
            "ImageType": "system", "Platform": "Linux", "Description": "",
        })
    };
    let images: Vec<_> = (0..24_000).map(image).collect();
    let body = json!({"Images": images}).to_string();
    assert!(body.len() < LONG, "{} bytes", body.len());
    // One region, and ten at a time.
    for (regions, limit) in [(1, 60), (10, 200)] {
        let emulator = emulator();
        emulator.reply_always(Reply::json(body.clone()));
        let provider = start_configured(Protocol::V6, &emulator).await?;
        for response in read_regions(&provider, regions).await? {
            assert!(response.state.is_some(), "{}", shown(&response.diagnostics));
        }
        assert_eq!(emulator.requests().len(), regions);
        let peak = peak_memory(provider.process.pid())? / 1024;
        println!("{regions} regions: {peak} MiB");
        assert!(peak < limit, "{peak} MiB");
    }
    Ok(())
}

/// Responses of 4 MiB with as many small values as possible where one is usual.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn small_values_in_every_list_use_bounded_memory() -> Result<()> {
    const LIMIT: usize = 62;
    /// Repeats an entry with its number in place of `#` until the response is long.
    fn fill(begin: &str, entry: &str, end: &str) -> String {
        let mut body = begin.to_owned();
        for number in 0..24_000 {
            let entry = entry.replace('#', &number.to_string());
            if body.len() + entry.len() > LONG {
                break;
            }
            if number > 0 {
                body.push(',');
            }
            body.push_str(&entry);
        }
        body + end
    }
    let names: Vec<_> = (10..20).map(|name| format!("\"{name}\"")).collect();
    let tags: Vec<_> = (10..100).map(|key| format!("{{\"Key\":{key}}}")).collect();
    let platforms = format!(
        "{{\"PlanId\":\"#\",\"SupportPlatform\":[{}]}}",
        names.join(",")
    );
    let tags = format!("{{\"ImageId\":\"#\",\"Tags\":[{}]}}", tags.join(","));
    let in_plan = |value| {
        let begin = r#"{"Plans":[{"PlanId":"a","SupportPlatform":["#;
        ("swas_plans", fill(begin, value, "]}]}"))
    };
    let in_image = |value| {
        let begin = r#"{"TotalCount":1,"CustomImages":[{"ImageId":"a","Tags":["#;
        ("swas_custom_images", fill(begin, value, "]}]}"))
    };
    let images = r#"{"TotalCount":1,"CustomImages":["#;
    let mut too_large = Vec::new();
    for (name, (data_source, body)) in [
        ("objects as platforms", in_plan(r#"{"a":0}"#)),
        ("numbers as platforms", in_plan("0")),
        ("platforms", in_plan("\"#\"")),
        (
            "plans",
            ("swas_plans", fill(r#"{"Plans":["#, &platforms, "]}")),
        ),
        ("objects as tags", in_image(r#"{"a":0}"#)),
        ("empty tags", in_image("{}")),
        ("tags", in_image(r##"{"Key":"#"}"##)),
        ("images", ("swas_custom_images", fill(images, &tags, "]}"))),
        (
            "regions",
            (
                "swas_regions",
                fill(r#"{"Regions":["#, r##"{"RegionId":"#"}"##, "]}"),
            ),
        ),
    ] {
        let emulator = emulator();
        emulator.reply_always(Reply::json(body));
        let provider = start_configured(Protocol::V6, &emulator).await?;
        let response = provider.read(data_source, &json!({})).await?;
        let peak = peak_memory(provider.process.pid())? / 1024;
        println!("{name}: {peak} MiB, {}", shown(&response.diagnostics));
        if peak >= LIMIT {
            too_large.push(name);
        }
    }
    assert!(too_large.is_empty(), "{too_large:?}");
    Ok(())
}

#[tokio::test]
async fn large_response_does_not_block_other_calls() -> Result<()> {
    const LATENCY_LIMIT: Duration = Duration::from_secs(1);
    let emulator = emulator();
    // The names share a long prefix, and the last image is invalid.
    let name = "a".repeat(500);
    let images: Vec<_> = (0..LONG / 560)
        .map(
            |number| json!({"ImageId": number.to_string(), "ImageName": format!("{name}{number}")}),
        )
        .chain([json!({})])
        .collect();
    emulator.reply_always(Reply::json(json!({"Images": images}).to_string()));
    let provider = start_configured(Protocol::V6, &emulator).await?;
    let (response, max_latency) = read_measuring_latency(&provider, &json!({})).await?;
    assert!(!response.diagnostics.is_empty());
    assert!(max_latency < LATENCY_LIMIT, "{max_latency:?}");
    Ok(())
}
