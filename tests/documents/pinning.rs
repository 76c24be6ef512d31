//! The guide's methods to pin an image prevent replacement by a newer image.

use libtest_mimic::Failed;
use swas_testing::emulator::{Catalog, Emulator, Image, Options};
use swas_testing::terraform::Client;

use super::configurations::{Configuration, example, page_configurations, pages};
use super::folder::Folder;

/// The guide's configuration that keeps the ID in `terraform_data`, without the server,
/// which cannot be created here.
fn terraform_data_configuration() -> Result<Configuration, Failed> {
    let mut all = page_configurations()?.into_iter();
    let found = all.find(|one| one.contains("\nresource \"terraform_data\" \"image\""));
    let shown = found.ok_or("no page keeps an image in terraform_data")?;
    let (_, text) = shown.files.first().ok_or("no file")?;
    let (before, _) = text
        .split_once("resource \"alicloud_")
        .ok_or("no server is made of the image")?;
    let output = "output \"image_id\" {\n  value = terraform_data.image.output\n}\n";
    Ok(Configuration {
        location: shown.location,
        files: vec![("main.tf".to_owned(), format!("{before}{output}"))],
    })
}

fn image(id: char, name: &str) -> Image {
    Image {
        id: String::from(id).repeat(32),
        name: name.to_owned(),
        image_type: "system".to_owned(),
        platform: "Linux".to_owned(),
        description: None,
    }
}

/// The guide on pinning.
const PINNING_GUIDE: &str = "docs/guides/pin-an-image.md";

/// Expressions that select the newest image.
const MOST_RECENT_EXPRESSIONS: [&str; 3] = ["most_recent = true", "images[0]", ".ids[0]"];

/// The reason to pin an image, and the page that shows how.
const PINNING_NOTE: [&str; 2] = ["resets the system disk", "pin-an-image"];

/// Every page and example that selects the newest image refers to the guide on pinning.
pub fn pages_using_most_recent_refer_to_pinning() -> Result<(), Failed> {
    let takes = |text: &str| {
        MOST_RECENT_EXPRESSIONS
            .iter()
            .any(|expression| text.contains(expression))
    };
    let mut texts = pages()?;
    let of_pages = page_configurations()?
        .into_iter()
        .filter(|one| one.files.iter().any(|(_, text)| takes(text)));
    let of_pages: Vec<String> = of_pages.map(|one| one.location).collect();
    texts.retain(|(page, _)| {
        let prefix = format!("{page}:");
        *page != PINNING_GUIDE
            && of_pages
                .iter()
                .any(|location| location.starts_with(&prefix))
    });
    for name in ["quickstart", "server", "testing"] {
        let example = example(name)?;
        let text = example.files.into_iter().map(|(_, text)| text);
        texts.push((example.location, text.collect::<Vec<_>>().concat()));
    }
    assert!(texts.len() > 6, "only {} texts found", texts.len());
    let refers = |text: &str| PINNING_NOTE.iter().all(|part| text.contains(part));
    let missing = texts.iter();
    let missing = missing.filter(|(_, text)| {
        !refers(
            &text
                .replace("\n# ", " ")
                .replace('\n', " ")
                .replace("> ", ""),
        )
    });
    let missing: Vec<_> = missing.map(|(location, _)| location).collect();
    assert!(missing.is_empty(), "{missing:?}");
    Ok(())
}

pub fn pinned_image_changes_only_when_triggered(client: &Client) -> Result<(), Failed> {
    let emulator = Emulator::start(Options::default())?;
    let set_images = |images: Vec<Image>| {
        emulator.set_catalog(Catalog::builtin().with_images("cn-hangzhou", images));
    };
    let mut folder = Folder::with(client, &terraform_data_configuration()?)?;
    folder
        .workspace
        .envs(emulator.environment().iter().cloned())
        .env("TF_VAR_plan_id", "unused");
    let image_id = |folder: &Folder| -> Result<String, Failed> {
        folder.workspace.apply()?.checked()?;
        let id = &folder.workspace.output_json()?["image_id"]["value"];
        Ok(id.as_str().ok_or("no image ID")?.to_owned())
    };

    let old = image('1', "Debian-12.5");
    let newer = image('2', "Debian-12.10");
    set_images(vec![old.clone()]);
    assert_eq!(image_id(&folder)?, old.id);
    set_images(vec![old.clone(), newer.clone()]);
    assert_eq!(image_id(&folder)?, old.id, "a newer image is taken unasked");
    folder.workspace.env("TF_VAR_image_generation", "next");
    assert_eq!(image_id(&folder)?, newer.id, "the trigger does nothing");
    Ok(())
}
