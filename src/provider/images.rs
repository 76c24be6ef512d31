//! The data source `swas_images`: every image of a region that matches.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::config::Configured;
use super::{api_errors, checks, order};
use crate::swas::images::MOST_IDS;
use crate::swas::{Image, ListImages, RegionId};
use crate::terraform::{
    Attribute, AttributePath, DataSource, Diagnostic, Diagnostics, ReadError, Schema, Type, Value,
};

/// The types that images have.
const IMAGE_TYPES: &[&str] = &["system", "app", "custom"];

/// The data source.
#[derive(Debug)]
pub struct Images;

/// What the user set.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    region_id: Value<String>,
    image_type: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
}

/// What the user reads.
#[derive(Debug, Serialize)]
pub struct State {
    id: String,
    region_id: String,
    image_type: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
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
                    "image_type",
                    Type::String,
                    "Only images of this type: `system` (an operating system), `app` (an \
                     application on one) or `custom` (the account's own).",
                ),
                Attribute::optional(
                    "image_ids",
                    Type::String.list(),
                    "Only the images with these IDs, at most 50. An empty list matches nothing.",
                ),
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
        let path = AttributePath::attribute;
        checks::region(&config.region_id, path("region_id"), diagnostics);
        checks::one_of(
            &config.image_type,
            path("image_type"),
            IMAGE_TYPES,
            diagnostics,
        );
        if let Some(ids) = config.image_ids.known() {
            validate_ids(ids, &path("image_ids"), diagnostics);
        }
    }

    async fn read(
        client: &Configured,
        config: Config,
        _warnings: &mut Diagnostics,
    ) -> Result<State, ReadError> {
        let region = client.region(&config.region_id)?;
        let image_ids: Option<Vec<String>> = config.image_ids.known().map(|ids| {
            // No ID is null or unknown: validation and Terraform see to that.
            ids.iter().filter_map(|id| id.known().cloned()).collect()
        });
        let query = ListImages {
            region,
            image_type: config.image_type.known().cloned(),
            image_ids,
        };
        let mut images = if query.image_ids.as_ref().is_some_and(Vec::is_empty) {
            Vec::new()
        } else {
            let client = client.client()?;
            client
                .call(&query)
                .await
                .map_err(|error| api_errors::diagnostic(&error))?
        };
        images.sort_by(|one, other| {
            order::natural(&one.image_name, &other.image_name)
                .then_with(|| one.image_id.cmp(&other.image_id))
        });
        Ok(State {
            id: digest(&query.region, &config),
            region_id: query.region.to_string(),
            image_type: config.image_type,
            image_ids: config.image_ids,
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

fn validate_ids(ids: &[Value<String>], path: &AttributePath, diagnostics: &mut Diagnostics) {
    if ids.len() > MOST_IDS {
        diagnostics.push(
            Diagnostic::error(
                format!("Too many IDs in \"{path}\""),
                format!(
                    "\"{path}\" has {} IDs, and one call takes at most {MOST_IDS}.",
                    ids.len()
                ),
            )
            .at(path.clone()),
        );
    }
    for (index, id) in ids.iter().enumerate() {
        let element = path.clone().then_index(index);
        let summary = format!("Invalid value for \"{element}\"");
        match id {
            Value::Unknown => {}
            Value::Null => {
                let detail = format!("\"{element}\" is null. Remove it or give it a value.");
                diagnostics.push(Diagnostic::error(summary, detail).at(element));
            }
            Value::Known(text) => {
                checks::visible(Value::Known(text), element.clone(), diagnostics);
                let first = ids.iter().position(|other| other == id);
                if let Some(first) = first.filter(|first| *first < index) {
                    let detail = format!(
                        "\"{element}\" is the same as \"{path}[{first}]\": {text:?}. Remove one \
                         of them, for example with distinct()."
                    );
                    diagnostics.push(Diagnostic::error(summary, detail).at(element));
                }
            }
        }
    }
}

/// Tells one data block from another, the same for the same region and
/// arguments. Of the digest only equality matters.
fn digest(region: &RegionId, config: &Config) -> String {
    let arguments = serde_json::json!([
        region.as_str(),
        config.image_type.known(),
        config
            .image_ids
            .known()
            .map(|ids| { ids.iter().map(Value::known).collect::<Vec<_>>() }),
    ]);
    let digest = Sha1::digest(arguments.to_string());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
