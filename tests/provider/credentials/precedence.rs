//! Precedence of credentials: each source alone, and each pair of sources.

use serde_json::json;
use swas_testing::machine::sources::{SOURCES, Source};
use swas_testing::running_provider::Result;

use crate::machine::{Machine, Run, profile};

/// Indexes of the sources in the provider block, which are mutually exclusive.
const MUTUALLY_EXCLUSIVE: std::ops::Range<usize> = 0..6;

#[tokio::test]
async fn each_credentials_source_alone_is_used() -> Result<()> {
    for source in SOURCES {
        assert_precedence(source, &[]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn credentials_precedence_between_each_pair_of_sources() -> Result<()> {
    for (index, source) in SOURCES.into_iter().enumerate() {
        for (other_index, other) in SOURCES.into_iter().enumerate().skip(index + 1) {
            if MUTUALLY_EXCLUSIVE.contains(&index) && MUTUALLY_EXCLUSIVE.contains(&other_index) {
                assert_mutually_exclusive(source, other).await?;
            } else {
                assert_precedence(source, &[other]).await?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn credentials_precedence_block_keys_over_environment() -> Result<()> {
    assert_precedence(SOURCES[0], &SOURCES[6..]).await
}

/// Asserts that `source` takes precedence over `others`.
async fn assert_precedence(source: Source, others: &[Source]) -> Result<()> {
    let machine = (source.set)(Machine::new()?);
    let machine = others
        .iter()
        .fold(machine, |machine, other| (other.set)(machine));
    let names: Vec<_> = others.iter().map(|other| other.name).collect();
    let key = machine.listing_key().await;
    let key = key.map_err(|error| format!("{} against {names:?}: {error}", source.name))?;
    let expected = match (source.name, &names[..]) {
        // The block names no file, so the file comes from the environment.
        ("block profile", ["env file"]) => "LTAIfile",
        ("block profile", ["env config file"]) => "LTAIcli",
        _ => source.key,
    };
    assert!(
        key.starts_with(expected),
        "{key} is used, not {} against {names:?}",
        source.name
    );
    // Sources of lower precedence get no request: it would only cost time.
    for request in machine.emulator.requests() {
        for (is_requested, owner) in [
            (request.target.starts_with("/latest/"), "STS.ecs"),
            (request.target.starts_with("/credentials"), "STS.uri"),
            (request.action() == "AssumeRoleWithOIDC", "STS.oidc"),
        ] {
            assert!(
                !is_requested || source.key.starts_with(owner),
                "{request:?}"
            );
        }
    }
    Ok(())
}

/// A profile and a file can be combined. All other sources in the block are mutually
/// exclusive.
async fn assert_mutually_exclusive(one: Source, other: Source) -> Result<()> {
    let machine = (other.set)((one.set)(Machine::new()?));
    if (one.name, other.name) == ("block profile", "block file") {
        assert_eq!(machine.listing_key().await?, "LTAIfile");
        return Ok(());
    }
    let text = machine.config_error_text().await?;
    assert!(text.contains("Conflicting credentials"), "{text}");
    assert_eq!(machine.emulator.connections(), 0);
    Ok(())
}

/// The state after `aliyun configure`: no environment and an empty provider block.
#[tokio::test]
async fn cli_profile_alone_supplies_credentials_and_region() -> Result<()> {
    let machine = Machine::new()?.env("ALIBABA_CLOUD_REGION", "");
    let machine = machine.cli_file("default", &json!([profile("default", "LTAIcurrent")]));
    assert_eq!(machine.listing_key().await?, "LTAIcurrent");
    assert_eq!(
        machine.calls("ListImages")[0].parameter("RegionId"),
        Some("us-west-1")
    );
    Ok(())
}
