//! Diagnostics of `swas_image`: suggestions if no image, or more than one, matches.

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Image, Options};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::support::{PROTOCOLS, start_configured};

/// Images with these types and platforms. `N` in the name stands for the number.
fn emulator(name: &str, images: &[(&str, &str)]) -> Result<Emulator> {
    let images = images.iter().enumerate();
    let images = images.map(|(number, (image_type, platform))| Image {
        id: format!("id-{number}"),
        name: name.replace('N', &number.to_string()),
        image_type: (*image_type).to_owned(),
        platform: (*platform).to_owned(),
        description: None,
    });
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_images("cn-hangzhou", images.collect()),
        ..Options::default()
    })?)
}

/// Application images for Linux with these names.
fn emulator_of(names: &[&str]) -> Result<Emulator> {
    let images = names.iter().enumerate();
    let images = images.map(|(number, name)| Image {
        id: format!("id-{number}"),
        name: (*name).to_owned(),
        image_type: "app".to_owned(),
        platform: "Linux".to_owned(),
        description: None,
    });
    Ok(Emulator::start(Options {
        catalog: Catalog::builtin().with_images("cn-hangzhou", images.collect()),
        ..Options::default()
    })?)
}

async fn add_diagnostics(golden: &mut Golden, emulator: &Emulator, block: Value) -> Result<()> {
    let provider = start_configured(PROTOCOLS[1], emulator).await?;
    let response = provider.read("swas_image", &block).await?;
    assert_eq!(response.state, None, "{block}");
    golden.add(block, &shown(&response.diagnostics));
    Ok(())
}

#[tokio::test]
async fn multiple_matches_error_suggests_distinguishing_arguments() -> Result<()> {
    let mut golden = Golden::default();
    let by_name = json!({"name": "Ubuntu"});
    let newest = json!({"name_regex": "U", "most_recent": true});
    let of_type = json!({"name": "Ubuntu", "image_type": "custom"});
    let two_types = [("custom", "Linux"), ("system", "Linux")];
    let two_platforms = [("custom", "Linux"), ("custom", "Windows")];
    let both = [
        ("app", "Linux"),
        ("app", "Windows"),
        ("custom", "Linux"),
        ("custom", "Windows"),
    ];
    for (name, images, block) in [
        ("Ubuntu", &two_types[..], &by_name),
        ("Ubuntu", &two_platforms, &by_name),
        ("Ubuntu", &both, &by_name),
        ("Ubuntu", &both, &of_type),
        (
            "Ubuntu",
            &[("custom", "Linux"), ("custom", "Linux")],
            &by_name,
        ),
        // No argument selects this type, or an empty one.
        ("Ubuntu", &[("quantum", "Linux"), ("", "")], &by_name),
        ("Ubuntu", &two_types, &newest),
        ("UbuntuN", &two_types, &json!({"name_regex": "U"})),
        (
            "U-N",
            &[("app", "Linux"), ("app", "Linux")],
            &json!({"name_regex": "U"}),
        ),
        ("Ubuntu", &[("app", "Linux"), ("app", "Linux")], &newest),
        (
            "",
            &[("app", "Linux"), ("app", "Linux")],
            &json!({"name_regex": "^"}),
        ),
    ] {
        add_diagnostics(&mut golden, &emulator(name, images)?, block.clone()).await?;
    }
    golden.assert("more_than_one_image");
    Ok(())
}

#[tokio::test]
async fn no_match_error_lists_images_of_another_type_or_platform() -> Result<()> {
    let mut golden = Golden::default();
    let images = [("system", "Linux"), ("custom", "Windows"), ("app", "Linux")];
    let emulator = emulator("U-N", &images)?;
    for block in [
        json!({"name": "U-0", "image_type": "app"}),
        json!({"name": "U-0", "platform": "Windows"}),
        json!({"name": "U-0", "image_type": "app", "platform": "Windows"}),
        json!({"name": "U-0", "image_type": "system", "platform": "Windows"}),
        json!({"name_regex": "^U", "image_type": "system", "platform": "Windows"}),
        json!({"image_id": "id-1", "image_type": "app"}),
        json!({"image_id": "id-1", "platform": "Linux"}),
        // No image has this name.
        json!({"name": "V-0", "image_type": "app"}),
        json!({"name": "V-0", "image_type": "custom", "platform": "Linux"}),
        json!({"image_id": "id-9", "image_type": "custom"}),
    ] {
        add_diagnostics(&mut golden, &emulator, block).await?;
    }
    golden.assert("an_image_of_another_kind");
    Ok(())
}

#[tokio::test]
async fn image_id_not_found_names_causes_and_lists_no_images() -> Result<()> {
    let mut golden = Golden::default();
    let public = "0123456789abcdef0123456789abcdef";
    for block in [
        json!({"image_id": public}),
        json!({"image_id": "m-bp1e79zktg26n2b", "platform": "Linux"}),
        json!({"image_id": "Ubuntu-22.04"}),
        json!({"image_id": public, "image_type": "custom"}),
    ] {
        let emulator = emulator_of(&["Ubuntu-22.04"])?;
        add_diagnostics(&mut golden, &emulator, block.clone()).await?;
        // No request is made to word an error.
        assert_eq!(emulator.requests().len(), 1, "{block}");
    }
    golden.assert("image_id_not_found");
    Ok(())
}

#[tokio::test]
async fn no_match_error_shows_name_differing_in_spaces_or_case() -> Result<()> {
    let mut golden = Golden::default();
    for (name, images) in [
        (
            "Windows Server  2012  R2",
            &["Windows Server 2012 R2", "Windows Server 2012 R1"][..],
        ),
        ("Server 2022", &["Server\u{a0}2022", "Server\u{3000}2022"]),
        ("Server2022", &["Server\u{200b}2022 "]),
        ("ubuntu-22.04", &["Ubuntu-22.04", "Ubuntu-20.04"]),
        ("windows server 2022", &["Windows Server  2022"]),
        // Other differences do not change the list of candidates.
        ("Ubuntu-22", &["Ubuntu-22.04"]),
    ] {
        let emulator = emulator_of(images)?;
        add_diagnostics(&mut golden, &emulator, json!({"name": name})).await?;
    }
    golden.assert("name_differs_in_spaces_or_case");
    Ok(())
}

#[tokio::test]
async fn glob_without_match_error_suggests_regular_expression() -> Result<()> {
    let mut golden = Golden::default();
    let emulator = emulator_of(&["Debian-12.5"])?;
    for regex in ["Ubuntu-*", "Debian-1?.6", "Ubuntu-.*"] {
        add_diagnostics(&mut golden, &emulator, json!({"name_regex": regex})).await?;
    }
    golden.assert("glob_without_match");
    Ok(())
}
