//! The data source `swas_images`: every image of a region that matches.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checks;
use super::config::Configured;
use super::digest::digest;
use super::selection::{self, Arguments, Filters};
use crate::swas::Image;
use crate::terraform::{
    Attribute, DataSource, Diagnostics, Parser, ReadError, Schema, Type, Unsettled, Value,
};

#[derive(Debug)]
pub struct Images;

#[derive(Debug, Deserialize, Serialize)]
pub struct Block {
    region_id: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
    image_type: Value<String>,
    platform: Value<String>,
    name_regex: Value<String>,
    id: Value<String>,
    images: Value<Vec<Listed>>,
    ids: Value<Vec<String>>,
    names: Value<Vec<String>>,
}

/// What the block asks for.
#[derive(Debug)]
pub struct Query {
    filters: Filters,
    image_ids: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Listed {
    id: String,
    image_id: String,
    image_name: String,
    image_type: String,
    platform: String,
    description: String,
}

impl From<&Image> for Listed {
    fn from(image: &Image) -> Self {
        Self {
            id: image.image_id.clone(),
            image_id: image.image_id.clone(),
            image_name: image.image_name.clone(),
            image_type: image.image_type.clone(),
            platform: image.platform.clone(),
            description: image.description.clone(),
        }
    }
}

impl DataSource for Images {
    type Configured = Configured;
    type Block = Block;
    type Query = Query;

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
                )
                .instead("image_ids"),
                Attribute::computed(
                    "images",
                    image_type().list(),
                    "The images that match, sorted by name as people sort, `Ubuntu-9.10` before \
                     `Ubuntu-20.04`, then by ID.\n\n\
                     - `id`: ID of the image\n\
                     - `image_id`: the same\n\
                     - `image_name`: name of the image\n\
                     - `image_type`: `system`, `app` or `custom`\n\
                     - `platform`: `Linux` or `Windows`\n\
                     - `description`: what the image is for; often empty",
                ),
                Attribute::computed(
                    "ids",
                    Type::String.list(),
                    "The IDs of `images`, in the same order.",
                )
                .instead("image_ids"),
                Attribute::computed(
                    "names",
                    Type::String.list(),
                    "The names of `images`, in the same order.",
                )
                .instead("name_regex"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(block: &Block, parser: &mut Parser<'_>) -> Result<Query, Unsettled> {
        let arguments = Arguments {
            region_id: &block.region_id,
            image_type: &block.image_type,
            platform: &block.platform,
            name_regex: &block.name_regex,
        };
        let filters = Filters::parse(arguments, parser);
        let image_ids = checks::ids("image_ids", &block.image_ids, parser);
        Ok(Query {
            filters: filters?,
            image_ids: image_ids?,
        })
    }

    async fn read(
        configured: &Configured,
        Query { filters, image_ids }: Query,
        block: Block,
        warnings: &mut Diagnostics,
    ) -> Result<Block, ReadError> {
        let mut selection = filters.select(configured, image_ids, warnings).await?;
        if let Some(warning) = filters.missing(&selection) {
            warnings.push(warning);
        }
        let images = &mut selection.images;
        if let Some(regex) = &filters.name_regex {
            images.retain(|image| regex.is_match(&image.image_name));
        }
        let id = digest(&json!([
            selection.region.as_str(),
            block.image_ids,
            block.image_type,
            block.platform,
            block.name_regex,
        ]));
        let ids = images.iter().map(|image| image.image_id.clone());
        let names = images.iter().map(|image| image.image_name.clone());
        Ok(Block {
            region_id: block.region_id.or(selection.region.to_string()),
            id: Value::Known(id),
            ids: Value::Known(ids.collect()),
            names: Value::Known(names.collect()),
            images: Value::Known(images.iter().map(|image| Listed::from(&**image)).collect()),
            ..block
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
