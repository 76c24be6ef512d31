//! Each source alone, and each against every other.

use libtest_mimic::Failed;
use swas_testing::terraform::{Client, TerraformTest};

use super::scene::{Result, Scene, secret};
use super::sources::{ALTERNATIVES, SOURCES, Source, profile};

pub fn tests() -> Vec<TerraformTest> {
    let alone = SOURCES.map(|source| {
        TerraformTest::new(format!("alone::{}", source.name), move |client| {
            Ok(assert_wins(client, source, &[])?)
        })
    });
    let against = SOURCES.into_iter().enumerate().map(|(place, source)| {
        let weaker = &SOURCES[place + 1..];
        TerraformTest::new(format!("against_weaker::{}", source.name), move |client| {
            for other in weaker {
                if source.rank == ALTERNATIVES && other.rank == ALTERNATIVES {
                    assert_exclude_each_other(client, source, *other)?;
                } else {
                    assert_wins(client, source, &[*other])?;
                }
            }
            Ok(())
        })
    });
    let more = [
        TerraformTest::new("against_all::block_keys", |client| {
            let others: Vec<Source> = SOURCES[6..].to_vec();
            Ok(assert_wins(client, SOURCES[0], &others)?)
        }),
        TerraformTest::new("a_new_user_needs_nothing_but_the_cli_file", new_user),
    ];
    alone.into_iter().chain(against).chain(more).collect()
}

/// Asserts that images are listed with the key of `source` although `others`
/// are there too.
fn assert_wins(client: &Client, source: Source, others: &[Source]) -> Result<()> {
    let mut scene = Scene::new(client)?;
    (source.set)(&mut scene);
    for other in others {
        (other.set)(&mut scene);
    }
    let names: Vec<_> = others.iter().map(|other| other.name).collect();
    let key = scene.key();
    let key = key.map_err(|error| format!("{} against {names:?}: {error}", source.name))?;
    let expected = match (source.name, &names[..]) {
        // The block names no file, so that the environment does.
        ("block_profile", ["env_file"]) => "LTAIfile",
        _ => source.key,
    };
    assert!(
        key.starts_with(expected),
        "{key} won, not {} against {names:?}",
        source.name
    );
    assert_asked_nobody_else(&scene, source);
    Ok(())
}

/// Whoever wins, nobody weaker has been asked: that could only cost time.
fn assert_asked_nobody_else(scene: &Scene, source: Source) {
    for request in scene.emulator.requests() {
        let of_metadata = request.target.starts_with("/latest/");
        let of_sidecar = request.target.starts_with("/credentials");
        let of_oidc = request.action() == "AssumeRoleWithOIDC";
        assert!(
            !of_metadata || source.key.starts_with("STS.ecs"),
            "{request:?}"
        );
        assert!(
            !of_sidecar || source.key.starts_with("STS.uri"),
            "{request:?}"
        );
        assert!(
            !of_oidc || source.key.starts_with("STS.oidc"),
            "{request:?}"
        );
    }
}

/// A profile is one of a file; of all the others, there can be one.
fn assert_exclude_each_other(client: &Client, one: Source, other: Source) -> Result<()> {
    let mut scene = Scene::new(client)?;
    (one.set)(&mut scene);
    (other.set)(&mut scene);
    if (one.name, other.name) == ("block_profile", "block_file") {
        assert_eq!(scene.key()?, "LTAIfile");
        return Ok(());
    }
    let output = scene.plan()?;
    let text = output.flat_text();
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("Conflicting credentials"), "{text}");
    assert_eq!(scene.emulator.requests().len(), 0);
    Ok(())
}

/// As after `aliyun configure`: no environment, an empty provider block.
fn new_user(client: &Client) -> std::result::Result<(), Failed> {
    let mut scene = Scene::new(client)?;
    scene.env("ALIBABA_CLOUD_REGION", "");
    scene.cli_file("default", &profile("default", "LTAIcurrent"));
    assert_eq!(scene.key()?, "LTAIcurrent");
    let calls = scene.calls("ListImages");
    assert_eq!(calls[0].parameter("RegionId"), Some("us-west-1"));
    assert!(!scene.plan()?.text().contains(&secret("LTAIcurrent")));
    Ok(())
}
