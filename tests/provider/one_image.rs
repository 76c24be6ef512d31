//! Whoever asks for one image, and means another than the block says, is told what
//! to set instead.

use serde_json::{Value, json};
use swas_testing::diagnostics::shown;
use swas_testing::emulator::{Catalog, Emulator, Image, Options};
use swas_testing::running_provider::Result;

use crate::golden::Golden;
use crate::support::{BOTH, configured};

/// Images of one name, each with its type and platform.
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

async fn told(golden: &mut Golden, emulator: &Emulator, block: Value) -> Result<()> {
    let provider = configured(BOTH[1], emulator).await?;
    let answer = provider.read("swas_image", &block).await?;
    assert_eq!(answer.state, None, "{block}");
    golden.add(block, &shown(&answer.diagnostics));
    Ok(())
}

#[tokio::test]
async fn the_advice_names_what_tells_images_apart() -> Result<()> {
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
        // No argument can name such a type, or nothing.
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
        told(&mut golden, &emulator(name, images)?, block.clone()).await?;
    }
    golden.assert("more_than_one_image");
    Ok(())
}

#[tokio::test]
async fn an_image_of_another_kind_is_said_to_be_there() -> Result<()> {
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
        // There is none by this name.
        json!({"name": "V-0", "image_type": "app"}),
        json!({"name": "V-0", "image_type": "custom", "platform": "Linux"}),
        json!({"image_id": "id-9", "image_type": "custom"}),
    ] {
        told(&mut golden, &emulator, block).await?;
    }
    golden.assert("an_image_of_another_kind");
    Ok(())
}
