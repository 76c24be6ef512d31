//! The credentials cache: temporary credentials are fetched once and refreshed before
//! they expire.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use swas_testing::emulator::{Catalog, Reply};
use swas_testing::machine::sources::signed_in;
use swas_testing::running_provider::{Result, RunningProvider};
use tokio::task::JoinSet;

use crate::machine::{Machine, Run};
use crate::support::read_state;

async fn with_role() -> Result<(Machine, RunningProvider)> {
    let machine = Machine::with_key()?.assume("reader");
    let provider = machine.start().await?;
    Ok((machine, provider))
}

fn delayed(milliseconds: u64) -> Reply {
    Reply::normal().after(Duration::from_millis(milliseconds))
}

fn keys(machine: &Machine) -> BTreeSet<String> {
    machine.keys_of("ListImages").into_iter().collect()
}

/// Starts `count` concurrent reads.
fn start_reads(provider: &RunningProvider, count: usize) -> Result<JoinSet<()>> {
    let mut reads = JoinSet::new();
    for _ in 0..count {
        let client = provider.client.clone();
        let config = provider.data_block("swas_images", &json!({}))?;
        reads.spawn(async move {
            let response = client.read_data_source("swas_images", config).await;
            assert_eq!(response.expect("a response").diagnostics, []);
        });
    }
    Ok(reads)
}

#[tokio::test]
async fn concurrent_reads_assume_role_once() -> Result<()> {
    let (machine, provider) = with_role().await?;
    machine.emulator.reply_to("AssumeRole", delayed(300));
    start_reads(&provider, 50)?.join_all().await;
    assert_eq!(machine.calls("AssumeRole").len(), 1);
    assert_eq!(keys(&machine), ["STS.role-reader.1".to_owned()].into());
    assert_eq!(machine.calls("ListImages").len(), 1);
    Ok(())
}

/// Sequential reads that take longer than the lifetime of a key.
#[tokio::test]
async fn credentials_are_refreshed_before_expiration() -> Result<()> {
    let (machine, provider) = with_role().await?;
    machine.emulator.set_key_lifetime(Duration::from_secs(3));
    machine.emulator.reply_to("ListImages", delayed(400));
    // Each read needs another image, so none is served from the cache.
    let catalog = Catalog::builtin();
    for image in catalog.images("cn-hangzhou").iter().take(12) {
        read_state(&provider, &json!({"image_ids": [image.id]})).await?;
    }
    // A request with expired credentials would have been retried.
    assert_eq!(machine.calls("ListImages").len(), 12);
    let keys = keys(&machine);
    assert!((2..=6).contains(&keys.len()), "{keys:?}");
    assert_eq!(machine.calls("AssumeRole").len(), keys.len());
    Ok(())
}

/// Sequential reads that take longer than the lifetime of the keys of a sign-in.
#[tokio::test]
async fn sign_in_token_is_exchanged_when_credentials_expire() -> Result<()> {
    let mut profile = signed_in("OAuth", 3, 3600);
    profile["name"] = "default".into();
    let machine = Machine::new()?
        .cli_file("default", &json!([profile]))
        .https("oauth.aliyun.com");
    let provider = machine.start().await?;
    machine.emulator.reply_to("ListImages", delayed(400));
    let catalog = Catalog::builtin();
    for image in catalog.images("cn-hangzhou").iter().take(12) {
        read_state(&provider, &json!({"image_ids": [image.id]})).await?;
    }
    let expected = ["STS.oauth-cn.1", "STS.static"].map(str::to_owned);
    assert_eq!(keys(&machine), expected.into());
    Ok(())
}

/// The API rejects credentials before their expiration, as after a revoked session.
#[tokio::test]
async fn credentials_rejected_by_api_are_refreshed() -> Result<()> {
    let (machine, provider) = with_role().await?;
    read_state(&provider, &json!({"image_type": "system"})).await?;
    machine.emulator.expire_issued_keys();
    start_reads(&provider, 4)?.join_all().await;
    assert_eq!(machine.calls("AssumeRole").len(), 2);
    assert_eq!(keys(&machine).len(), 2);
    Ok(())
}

/// A static token cannot be refreshed: the read fails after one call.
#[tokio::test]
async fn rejected_static_credentials_are_an_error_without_retry() -> Result<()> {
    let machine = Machine::new()?.key_in_environment("STS.static");
    let machine = machine.env("ALIBABA_CLOUD_SECURITY_TOKEN", "expired");
    let text = machine.error_text().await?;
    assert!(text.contains("The security token is not valid"), "{text}");
    assert_eq!(machine.calls("ListImages").len(), 1);
    Ok(())
}

#[tokio::test]
async fn credentials_are_not_fetched_without_a_call() -> Result<()> {
    let (machine, provider) = with_role().await?;
    read_state(&provider, &json!({"image_ids": []})).await?;
    assert_eq!(machine.emulator.connections(), 0);
    Ok(())
}
