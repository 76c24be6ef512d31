//! The guide's methods to pin an image prevent replacement by a newer image.

use libtest_mimic::Failed;
use swas_testing::emulator::{Catalog, Emulator, Image, Options};
use swas_testing::terraform::Client;

use super::configurations::{Configuration, example, page_configurations, pages};
use super::folder::Folder;

/// The guide's configuration that keeps the ID in `terraform_data`, without the server
/// resource, which cannot be created here.
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

/// Expressions that select the newest image.
const MOST_RECENT_EXPRESSIONS: [&str; 3] = ["most_recent = true", "images[0]", ".ids[0]"];

/// Parts of the explanation how to pin an image, and why.
const PINNING_EXPLANATION: [&str; 4] = [
    "resets the system disk",
    "ignore_changes = [image_id",
    "resource \"terraform_data\" \"image\"",
    "triggers_replace = ",
];

/// Every page and example that selects the newest image explains how to pin it.
pub fn pages_using_most_recent_explain_pinning() -> Result<(), Failed> {
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
        of_pages
            .iter()
            .any(|location| location.starts_with(page.as_str()))
    });
    for name in [
        "quickstart",
        "server",
        "swas_custom_images",
        "swas_image",
        "testing",
    ] {
        let example = example(name)?;
        let text = example.files.into_iter().map(|(_, text)| text);
        texts.push((example.location, text.collect::<Vec<_>>().concat()));
    }
    assert!(texts.len() > 8, "only {} texts found", texts.len());
    let shows = |text: &str| PINNING_EXPLANATION.iter().all(|part| text.contains(part));
    let unexplained = texts.iter();
    let unexplained =
        unexplained.filter(|(_, text)| !shows(&text.replace("\n# ", " ").replace('\n', " ")));
    let unexplained: Vec<_> = unexplained.map(|(location, _)| location).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
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
