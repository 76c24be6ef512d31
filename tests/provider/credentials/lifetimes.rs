//! Credentials are fetched once, kept, and replaced before anybody notices.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use swas_testing::emulator::{Catalog, Reply};
use swas_testing::machine::sources::signed_in;
use swas_testing::running_provider::{Result, RunningProvider};
use tokio::task::JoinSet;

use crate::machine::{Machine, Run};
use crate::support::state;

async fn with_role() -> Result<(Machine, RunningProvider)> {
    let machine = Machine::with_key()?.assume("reader");
    let provider = machine.start().await?;
    Ok((machine, provider))
}

fn slow(milliseconds: u64) -> Reply {
    Reply::normal().after(Duration::from_millis(milliseconds))
}

fn keys(machine: &Machine) -> BTreeSet<String> {
    machine.keys_of("ListImages").into_iter().collect()
}

/// Begins to read as often as that, all at the same time.
fn reads(provider: &RunningProvider, count: usize) -> Result<JoinSet<()>> {
    let mut reads = JoinSet::new();
    for _ in 0..count {
        let client = provider.client.clone();
        let config = provider.data_block("swas_images", &json!({}))?;
        reads.spawn(async move {
            let answer = client.read_data_source("swas_images", config).await;
            assert_eq!(answer.expect("an answer").diagnostics, []);
        });
    }
    Ok(reads)
}

#[tokio::test]
async fn fifty_reads_assume_a_role_once() -> Result<()> {
    let (machine, provider) = with_role().await?;
    machine.emulator.reply_to("AssumeRole", slow(300));
    reads(&provider, 50)?.join_all().await;
    assert_eq!(machine.calls("AssumeRole").len(), 1);
    assert_eq!(keys(&machine), ["STS.role-reader.1".to_owned()].into());
    assert_eq!(machine.calls("ListImages").len(), 1);
    Ok(())
}

/// Reads one after the other, which takes longer than a key holds.
#[tokio::test]
async fn credentials_are_replaced_before_they_expire() -> Result<()> {
    let (machine, provider) = with_role().await?;
    machine.emulator.set_key_lifetime(Duration::from_secs(3));
    machine.emulator.reply_to("ListImages", slow(400));
    // Each of another image, so that none is answered from another's call.
    let catalog = Catalog::builtin();
    for image in catalog.images("cn-hangzhou").iter().take(12) {
        state(&provider, &json!({"image_ids": [image.id]})).await?;
    }
    // None of them came too late, or it would have been sent again.
    assert_eq!(machine.calls("ListImages").len(), 12);
    let keys = keys(&machine);
    assert!((2..=6).contains(&keys.len()), "{keys:?}");
    assert_eq!(machine.calls("AssumeRole").len(), keys.len());
    Ok(())
}

/// Reads one after the other, which takes longer than the keys of a sign-in hold.
#[tokio::test]
async fn a_sign_in_is_exchanged_when_its_keys_expire() -> Result<()> {
    let mut profile = signed_in("OAuth", 3, 3600);
    profile["name"] = "default".into();
    let machine = Machine::new()?
        .cli_file("default", &json!([profile]))
        .https("oauth.aliyun.com");
    let provider = machine.start().await?;
    machine.emulator.reply_to("ListImages", slow(400));
    let catalog = Catalog::builtin();
    for image in catalog.images("cn-hangzhou").iter().take(12) {
        state(&provider, &json!({"image_ids": [image.id]})).await?;
    }
    let expected = ["STS.oauth-cn.1", "STS.static"].map(str::to_owned);
    assert_eq!(keys(&machine), expected.into());
    Ok(())
}

/// As when a session is revoked: the API says so before the clock does.
#[tokio::test]
async fn credentials_that_expire_early_are_replaced() -> Result<()> {
    let (machine, provider) = with_role().await?;
    state(&provider, &json!({"image_type": "system"})).await?;
    machine.emulator.expire_issued_keys();
    reads(&provider, 4)?.join_all().await;
    assert_eq!(machine.calls("AssumeRole").len(), 2);
    assert_eq!(keys(&machine).len(), 2);
    Ok(())
}

/// A static token has no other: the read fails, after one call.
#[tokio::test]
async fn refused_keys_that_cannot_be_replaced_are_an_error() -> Result<()> {
    let machine = Machine::new()?.key_in_environment("STS.static");
    let machine = machine.env("ALIBABA_CLOUD_SECURITY_TOKEN", "expired");
    let told = machine.told().await?;
    assert!(told.contains("The security token is not valid"), "{told}");
    assert_eq!(machine.calls("ListImages").len(), 1);
    Ok(())
}

#[tokio::test]
async fn nothing_is_fetched_when_nothing_is_read() -> Result<()> {
    let (machine, provider) = with_role().await?;
    state(&provider, &json!({"image_ids": []})).await?;
    assert_eq!(machine.emulator.connections(), 0);
    Ok(())
}
