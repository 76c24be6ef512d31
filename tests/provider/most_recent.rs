//! `most_recent` selects the highest version in the image names, or is an error if the
//! names are ambiguous.

use serde::Deserialize;
use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Image, Options, Reply};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::support::{PROTOCOLS, start_configured};

/// Real image names, and the one that is the newest, if any.
#[derive(Deserialize)]
struct Group {
    names: Vec<String>,
    regex: String,
    expect: Option<String>,
    why: String,
}

fn emulator<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Emulator> {
    let images = names.into_iter().enumerate().map(|(number, name)| Image {
        id: format!("id-{number}"),
        name: name.to_owned(),
        image_type: "system".to_owned(),
        platform: "Linux".to_owned(),
        description: None,
    });
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_images("cn-hangzhou", images.collect()),
        ..Options::default()
    })?)
}

fn newest(regex: &str) -> Value {
    json!({"name_regex": regex, "most_recent": true})
}

/// The name of the selected image, or the diagnostics.
async fn selected(emulator: &Emulator, regex: &str) -> Result<std::result::Result<String, String>> {
    let provider = start_configured(PROTOCOLS[1], emulator).await?;
    let response = provider.read("swas_image", &newest(regex)).await?;
    let Some(state) = &response.state else {
        return Ok(Err(shown(&response.diagnostics)));
    };
    let state: Value = swas_testing::plugin_client::values::decode(state)?;
    Ok(Ok(state["image_name"]
        .as_str()
        .ok_or("no name")?
        .to_owned()))
}

#[tokio::test]
async fn most_recent_of_real_names_matches_expected_choice() -> Result<()> {
    let groups: Vec<Group> = serde_json::from_str(include_str!("../data/image-names.json"))?;
    for group in groups {
        let names: Vec<_> = group.names.iter().map(String::as_str).collect();
        for emulator in [emulator(names.clone())?, emulator(names.into_iter().rev())?] {
            let Group { expect, why, .. } = &group;
            match (selected(&emulator, &group.regex).await?, expect) {
                (Ok(name), Some(expected)) => assert_eq!(name, *expected, "{why}"),
                (Err(text), None) => {
                    assert!(
                        text.contains("Several images are the most recent"),
                        "{text}"
                    );
                }
                (selected, expected) => panic!("{why}: {selected:?}, not {expected:?}"),
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn most_recent_with_editions_selects_a_release_or_fails() -> Result<()> {
    let emulator = Emulator::start(Options::default())?;
    emulator.reply_always(Reply::json(include_str!("../data/images-bit-width.json")));
    for (regex, expected) in [
        (
            "^Windows Server 2012",
            Some("Windows Server 2012 R2 数据中心版 64位中文版"),
        ),
        ("^SUSE", Some("SUSE Linux Enterprise Server 15 SP6 64bit")),
        ("^Alibaba Cloud Linux 3", None),
    ] {
        let selected = selected(&emulator, regex).await?;
        assert_eq!(selected.as_deref().ok(), expected, "{selected:?}");
    }
    Ok(())
}

#[tokio::test]
async fn most_recent_with_version_group_compares_only_the_group() -> Result<()> {
    let emulator = emulator(["web-2-app-1.9-blue", "web-1-app-1.10-green", "db-1"])?;
    for (regex, expected) in [
        (
            "^web-.*-app-(?P<version>[0-9.]+)-(blue|green)$",
            "web-1-app-1.10-green",
        ),
        ("(?i)^WEB-(?P<version>[0-9])-.*$", "web-2-app-1.9-blue"),
    ] {
        assert_eq!(selected(&emulator, regex).await?.as_deref(), Ok(expected));
    }
    Ok(())
}

#[tokio::test]
async fn most_recent_with_version_group_excludes_prereleases() -> Result<()> {
    let emulator = emulator(["app-1-prod", "app-2-rc"])?;
    let regex = "^app-(?P<version>[0-9]+)-(prod|rc)$";
    let selected = selected(&emulator, regex).await?;
    assert_eq!(selected.as_deref(), Ok("app-1-prod"));
    Ok(())
}

#[tokio::test]
async fn several_most_recent_images_are_an_error_that_names_each() -> Result<()> {
    let mut golden = Golden::default();
    for (names, regex) in [
        (
            &["Debian-12.5", "Debian-11.9", "Ubuntu-22.04"][..],
            "^(Debian|Ubuntu)-",
        ),
        (&["Ubuntu 22.04", "Ubuntu 22.04 (kernel 6.8)"], "^Ubuntu"),
        (&["C++ \"12\" [x]", "C++ \"12\" \\d{2}$"], "^C"),
        (
            &[
                "Linux 3 64位",
                "Linux 3 64位 ARM版",
                "Linux 3 64位 UEFI版",
                "Linux 2 64位",
            ],
            "^Linux",
        ),
        (&["App 1.0", "app-1"], "^(?i)app"),
        // The same name twice: only the IDs differ.
        (&["App 1.0", "App 1.0"], "^App"),
        (&["app-latest", "app-9"], "^app"),
        (
            &["web-1-app-1.9", "web-2-app-1.9"],
            "^web-.*-app-(?P<version>.*)$",
        ),
        // Invalid uses of the version group.
        (&["web-1"], "^web-(?P<version>.*)"),
        (&["web-1", "web-2", "web-"], "^web-(?P<version>[0-9])?$"),
        // The greedy expression in front leaves the last digit to the group.
        (&["app-10", "app-9"], "^app-.*(?P<version>[0-9]+)$"),
    ] {
        let emulator = emulator(names.iter().copied())?;
        let provider = start_configured(PROTOCOLS[1], &emulator).await?;
        let response = provider.read("swas_image", &newest(regex)).await?;
        assert_eq!(response.state, None, "{names:?}");
        golden.add(
            format!("{names:?} {regex:?}"),
            &shown(&response.diagnostics),
        );
    }
    golden.assert("several_most_recent_images");
    Ok(())
}
