//! The data source `swas_image`: exactly one image.

use std::fmt::Write;

use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::checks;
use super::config::Configured;
use super::selection::{self, Filters, Selection};
use super::version::Versions;
use crate::swas::{Image as Found, RegionId};
use crate::terraform::{
    Attribute, AttributePath, DataSource, Diagnostic, Diagnostics, ReadError, Schema, Type, Value,
};

/// The most images that an error lists.
const MOST_CANDIDATES: usize = 10;

const DESCRIPTION: &str = "\
Exactly one image, for arguments that take one image ID.

No match, and more than one match, are errors that list up to 10 candidates. With
`most_recent = true`, the image with the highest version in its name is taken of
several that match. A version is a number with the dotted numbers that follow it:

- Numbers are compared one by one: `Ubuntu-22.04` is over `Ubuntu-20.04` is over
  `Ubuntu-9.10`. A number that is missing counts as 0: `v1.2` is the same as `v1.2.0`.
- Of several versions in a name, the first that differs decides:
  `WordPress-5.0-Ubuntu-18.04` is over `WordPress-4.8.1-Ubuntu-22.04`. A name that goes
  on with a further version is over one that does not: `Server-2012-R2` is over
  `Server-2012`.
- `alpha`, `beta`, `preview` and `rc` after a version come before the release:
  `v1.2` is over `v1.2-rc2` is over `v1.2-rc1` is over `v1.2-beta3`.
- A name without any number is under all others.
- Several images with the same highest version are an error, even so.";

/// The data source.
#[derive(Debug)]
pub struct Image;

/// What the user set.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    region_id: Value<String>,
    image_id: Value<String>,
    name: Value<String>,
    name_regex: Value<String>,
    image_type: Value<String>,
    platform: Value<String>,
    most_recent: Value<bool>,
}

/// What the user reads.
#[derive(Debug, Serialize)]
pub struct State {
    id: String,
    region_id: String,
    image_id: String,
    name: Value<String>,
    name_regex: Value<String>,
    image_type: String,
    platform: String,
    most_recent: Value<bool>,
    image_name: String,
    description: String,
}

impl Config {
    fn filters(&self) -> Filters<'_> {
        Filters {
            region_id: &self.region_id,
            image_type: &self.image_type,
            platform: &self.platform,
            name_regex: &self.name_regex,
        }
    }

    /// What is looked for, as in `name "Ubuntu-22.04", platform "Linux"`.
    fn wanted(&self) -> String {
        [set(self.choosers()), set(self.kinds())]
            .concat()
            .join(", ")
    }

    /// The arguments of which at least one says which image it is.
    fn choosers(&self) -> [(&'static str, &Value<String>); 3] {
        [
            ("image_id", &self.image_id),
            ("name", &self.name),
            ("name_regex", &self.name_regex),
        ]
    }

    /// The arguments that say what kind of image it is.
    fn kinds(&self) -> [(&'static str, &Value<String>); 2] {
        [
            ("image_type", &self.image_type),
            ("platform", &self.platform),
        ]
    }

    /// The argument to blame for the choice.
    fn chooser(&self) -> AttributePath {
        let mut choosers = self.choosers().into_iter();
        let chosen = choosers.find(|(_, value)| !value.is_null());
        chosen.map_or_else(AttributePath::default, |(argument, _)| {
            AttributePath::attribute(argument)
        })
    }
}

/// The arguments that are set, each with its value.
fn set<const N: usize>(arguments: [(&str, &Value<String>); N]) -> Vec<String> {
    arguments
        .into_iter()
        .filter_map(|(argument, value)| Some(format!("{argument} {:?}", value.known()?)))
        .collect()
}

impl DataSource for Image {
    type Client = Configured;
    type Config = Config;
    type State = State;

    const TYPE_NAME: &'static str = "swas_image";

    fn schema() -> Schema {
        Schema {
            description: DESCRIPTION,
            attributes: vec![
                Attribute::optional_computed(
                    "region_id",
                    Type::String,
                    "Region of the image, for example `cn-hangzhou`. Default: the provider's \
                     `region`.",
                ),
                Attribute::optional_computed(
                    "image_id",
                    Type::String,
                    "ID of the image. One of `image_id`, `name` and `name_regex` is required; \
                     `image_id` cannot be set together with `name`, `name_regex` or \
                     `most_recent`.",
                ),
                Attribute::optional("name", Type::String, "Exact name of the image."),
                selection::name_regex(),
                Attribute::optional_computed(
                    "image_type",
                    Type::String,
                    "Type of the image: `system` (an operating system), `app` (an application on \
                     one) or `custom` (the account's own).",
                ),
                Attribute::optional_computed(
                    "platform",
                    Type::String,
                    "Platform of the image: `Linux` or `Windows`.",
                ),
                Attribute::optional(
                    "most_recent",
                    Type::Bool,
                    "Of several images that match, take the one with the highest version in its \
                     name: `Ubuntu-22.04` over `Ubuntu-20.04` over `Ubuntu-9.10`. Several with \
                     the same version are an error all the same. Default: `false`.",
                ),
                Attribute::computed("id", Type::String, "ID of the image."),
                Attribute::computed("image_name", Type::String, "Name of the image."),
                Attribute::computed(
                    "description",
                    Type::String,
                    "What the image is for; often empty.",
                ),
            ],
            blocks: Vec::new(),
        }
    }

    fn validate(config: &Config, diagnostics: &mut Diagnostics) {
        let path = AttributePath::attribute;
        config.filters().validate(diagnostics);
        let image_id = config.image_id.as_ref().map(String::as_str);
        checks::visible(image_id, path("image_id"), diagnostics);
        checks::not_blank(&config.name, path("name"), diagnostics);

        if config.choosers().iter().all(|(_, value)| value.is_null()) {
            diagnostics.push(Diagnostic::error(
                "Missing \"image_id\", \"name\" or \"name_regex\"",
                "Nothing says which image it shall be. Set at least one of the three.",
            ));
        }
        if config.image_id.known().is_some() {
            let others = [
                ("name", config.name.known().is_some()),
                ("name_regex", config.name_regex.known().is_some()),
                ("most_recent", config.most_recent.known().is_some()),
            ];
            for (other, _) in others.into_iter().filter(|(_, is_set)| *is_set) {
                let summary = format!("Conflict of \"{other}\" with \"image_id\"");
                let detail = format!(
                    "\"image_id\" names one image already. Remove it, or remove \"{other}\"."
                );
                diagnostics.push(Diagnostic::error(summary, detail).at(path(other)));
            }
        }
    }

    async fn read(
        client: &Configured,
        config: Config,
        _warnings: &mut Diagnostics,
    ) -> Result<State, ReadError> {
        let ids = config.image_id.known().map(|id| vec![id.clone()]);
        let Selection { region, images, .. } = config.filters().select(client, ids).await?;
        let name = config.name.known();
        let regex = config.filters().name_regex();
        let (matching, others): (Vec<_>, Vec<_>) = images.into_iter().partition(|image| {
            name.is_none_or(|name| image.image_name == *name)
                && regex
                    .as_ref()
                    .is_none_or(|regex| regex.is_match(&image.image_name))
        });
        if matching.is_empty() {
            let others = match &config.image_id {
                // Only this one was asked for, so that the others are not known
                // yet. Without them the error still says what is wrong.
                Value::Known(_) => match config.filters().select(client, None).await {
                    Ok(all) => all.images,
                    Err(_) => Vec::new(),
                },
                Value::Null | Value::Unknown => others,
            };
            return Err(no_match(&config, &region, others).into());
        }
        let image = choose(&config, &region, matching)?;
        Ok(State {
            id: image.image_id.clone(),
            region_id: region.to_string(),
            image_id: image.image_id,
            name: config.name,
            name_regex: config.name_regex,
            // What was asked for has to come back as it was.
            image_type: config.image_type.into_known().unwrap_or(image.image_type),
            platform: image.platform,
            most_recent: config.most_recent,
            image_name: image.image_name,
            description: image.description,
        })
    }
}

/// The one image, or the newest if that is what is asked for.
fn choose(config: &Config, region: &RegionId, mut images: Vec<Found>) -> Result<Found, Diagnostic> {
    let matching = images.len();
    let most_recent = config.most_recent.known() == Some(&true);
    if most_recent {
        images = newest(images);
    }
    match <[Found; 1]>::try_from(images) {
        Ok([image]) => Ok(image),
        Err(images) => {
            let (summary, mut detail) = if most_recent {
                let detail = format!(
                    "In region {region}, {matching} images match {}, and these have the same \
                     highest version in their names:",
                    config.wanted()
                );
                ("Several images are the most recent", detail)
            } else {
                let detail = format!(
                    "In region {region}, {matching} images match {}:",
                    config.wanted()
                );
                ("More than one image matches", detail)
            };
            list_images(&mut detail, &images);
            detail.push_str(if most_recent {
                "\nNarrow the choice, for example with \"name\" or \"name_regex\"."
            } else {
                "\nNarrow the choice, for example with \"name\", or set \"most_recent\" to true to \
                 take the highest version."
            });
            Err(Diagnostic::error(summary, detail).at(config.chooser()))
        }
    }
}

/// Those with the highest version in their names.
fn newest(mut images: Vec<Found>) -> Vec<Found> {
    let names = images.iter().map(|image| image.image_name.as_str());
    if let Some(highest) = names.max_by_key(|name| Versions::of(name)) {
        let highest = highest.to_owned();
        let highest = Versions::of(&highest);
        images.retain(|image| Versions::of(&image.image_name) == highest);
    }
    images
}

/// The error for no match, with the images that come closest.
fn no_match(config: &Config, region: &RegionId, mut others: Vec<Found>) -> Diagnostic {
    let mut detail = format!(
        "Region {region} has no image that matches {}.",
        config.wanted()
    );
    if !others.is_empty() {
        let anyhow_cased = config.name_regex.known().and_then(|regex| {
            let regex = RegexBuilder::new(regex).case_insensitive(true).build();
            regex.ok()
        });
        let likeness = |image: &Found| match (config.image_id.known(), config.name.known()) {
            (Some(id), _) => strsim::jaro_winkler(id, &image.image_id),
            (None, Some(name)) => strsim::jaro_winkler(name, &image.image_name),
            (None, None) => match &anyhow_cased {
                Some(regex) if regex.is_match(&image.image_name) => 1.0,
                _ => 0.0,
            },
        };
        others.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
        let kinds = set(config.kinds());
        if kinds.is_empty() {
            detail.push_str(" It has:");
        } else {
            // Writing to a string cannot fail.
            let _ = write!(detail, " With {}, it has:", kinds.join(" and "));
        }
        list_images(&mut detail, &others);
    }
    Diagnostic::error("No image matches", detail).at(config.chooser())
}

fn list_images(text: &mut String, images: &[Found]) {
    let lines = images
        .iter()
        .map(|image| format!("{} ({})", image.image_name, image.image_id));
    selection::list(text, lines, MOST_CANDIDATES);
}
