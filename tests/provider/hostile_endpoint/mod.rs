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
