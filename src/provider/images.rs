//! The data source `swas_images`: every image of a region that matches.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checks;
use super::config::Configured;
use super::digest::digest;
use super::selection::{self, Filters, Selection};
use crate::swas::Image;
use crate::terraform::{
    Attribute, AttributePath, DataSource, Diagnostics, ReadError, Schema, Type, Value,
};

/// The data source.
#[derive(Debug)]
pub struct Images;

/// What the user set.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    region_id: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
    image_type: Value<String>,
    platform: Value<String>,
    name_regex: Value<String>,
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
}

/// What the user reads.
#[derive(Debug, Serialize)]
pub struct State {
    id: String,
    region_id: String,
    image_ids: Value<Vec<Value<String>>>,
    image_type: Value<String>,
    platform: Value<String>,
    name_regex: Value<String>,
    images: Vec<ImageState>,
    ids: Vec<String>,
    names: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ImageState {
    id: String,
    image_id: String,
    image_name: String,
    image_type: String,
    platform: String,
    description: String,
}

impl From<Image> for ImageState {
    fn from(image: Image) -> Self {
        Self {
            id: image.image_id.clone(),
            image_id: image.image_id,
            image_name: image.image_name,
            image_type: image.image_type,
            platform: image.platform,
            description: image.description,
        }
    }
}

impl DataSource for Images {
    type Client = Configured;
    type Config = Config;
    type State = State;

    const TYPE_NAME: &'static str = "swas_images";

    fn schema() -> Schema {
        Schema {
            description: "Every image of a region that matches all arguments given. Nothing found \
                          is an empty list, not an error.",
            attributes: vec![
                Attribute::optional_computed(
                    "region_id",
                    Type::String,
                    "Region whose images are listed, for example `cn-hangzhou`. Default: the \
                     provider's `region`.",
                ),
                Attribute::optional(
                    "image_ids",
                    Type::String.list(),
                    "Only the images with these IDs, any number of them. An empty list matches \
                     nothing. IDs that are not found give a warning.",
                ),
                Attribute::optional(
                    "image_type",
                    Type::String,
                    "Only images of this type: `system` (an operating system), `app` (an \
                     application on one) or `custom` (the account's own).",
                ),
                Attribute::optional(
                    "platform",
                    Type::String,
                    "Only images for this platform: `Linux` or `Windows`.",
                ),
                selection::name_regex(),
                Attribute::computed(
                    "id",
                    Type::String,
                    "Digest of the region and the arguments.",
                ),
                Attribute::computed(
                    "images",
                    image_type().list(),
                    "The images that match, each with `id`, `image_id` (the same), `image_name`, \
                     `image_type`, `platform` (`Linux` or `Windows`) and `description`. Sorted by \
                     name as people sort, `Ubuntu-9.10` before `Ubuntu-20.04`, then by ID.",
                ),
                Attribute::computed(
                    "ids",
                    Type::String.list(),
                    "The IDs of `images`, in the same order.",
                ),
                Attribute::computed(
                    "names",
                    Type::String.list(),
                    "The names of `images`, in the same order.",
                ),
            ],
            blocks: Vec::new(),
        }
    }

    fn validate(config: &Config, diagnostics: &mut Diagnostics) {
        config.filters().validate(diagnostics);
        if let Some(ids) = config.image_ids.known() {
            validate_ids(ids, diagnostics);
        }
    }

    async fn read(
        client: &Configured,
        config: Config,
        warnings: &mut Diagnostics,
    ) -> Result<State, ReadError> {
        let ids = config.image_ids.known().map(|ids| {
            // No ID is null or unknown: validation and Terraform see to that.
            ids.iter().filter_map(|id| id.known().cloned()).collect()
        });
        let selection = config.filters().select(client, ids).await?;
        if !selection.missing.is_empty() {
            let path = AttributePath::attribute("image_ids");
            warnings.push(selection::missing(&selection, config.filters(), path));
        }
        let Selection {
            region, mut images, ..
        } = selection;
        if let Some(regex) = config.filters().name_regex() {
            images.retain(|image| regex.is_match(&image.image_name));
        }
        Ok(State {
            id: digest(&json!([
                region.as_str(),
                config
                    .image_ids
                    .known()
                    .map(|ids| { ids.iter().map(Value::known).collect::<Vec<_>>() }),
                config.image_type.known(),
                config.platform.known(),
                config.name_regex.known(),
            ])),
            region_id: region.to_string(),
            image_ids: config.image_ids,
            image_type: config.image_type,
            platform: config.platform,
            name_regex: config.name_regex,
            ids: images.iter().map(|image| image.image_id.clone()).collect(),
            names: images
                .iter()
                .map(|image| image.image_name.clone())
                .collect(),
            images: images.into_iter().map(ImageState::from).collect(),
        })
    }
}

fn image_type() -> Type {
    Type::Object(vec![
        ("id", Type::String),
        ("image_id", Type::String),
        ("image_name", Type::String),
        ("image_type", Type::String),
        ("platform", Type::String),
        ("description", Type::String),
    ])
}

fn validate_ids(ids: &[Value<String>], diagnostics: &mut Diagnostics) {
    let path = AttributePath::attribute("image_ids");
    let mut seen: HashMap<&String, Option<usize>> = HashMap::new();
    for (index, id) in ids.iter().enumerate() {
        let element = path.clone().then_index(index);
        let mut wrong = |detail: String| diagnostics.push(checks::invalid(element.clone(), detail));
        match id {
            Value::Unknown => {}
            Value::Null => wrong(format!(
                "\"{element}\" is null. Remove it or give it a value."
            )),
            Value::Known(id) => match seen.entry(id) {
                // One error per ID, however often it comes.
                Entry::Occupied(mut first) => {
                    if let Some(first) = first.get_mut().take() {
                        wrong(format!(
                            "\"{element}\" is the same as \"{path}[{first}]\": {id:?}. Give each \
                             ID once, for example with distinct()."
                        ));
                    }
                }
                Entry::Vacant(entry) => {
                    entry.insert(Some(index));
                    checks::visible(Value::Known(id), element, diagnostics);
                }
            },
        }
    }
}
