//! The data source `swas_images`: all images of a region that match.

use std::sync::Arc;

use regex::Regex;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use crate::provider::blocking::run_blocking;
use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::selection::{Arguments, SelectionFilter};
use crate::provider::validators;
use crate::swas::operations::images::model::Image;
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, Parser, ReadError, Schema, Type, Value,
};

#[derive(Debug)]
pub struct ImagesDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct ImagesModel {
    region_id: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
    image_type: Value<String>,
    platform: Value<String>,
    name_regex: Value<String>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    images: Value<Vec<ImageObject>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<ImageId>>,
    #[serde(skip_deserializing)]
    names: Value<Vec<ImageName>>,
}

/// The parsed arguments.
#[derive(Debug)]
pub struct ImagesFilter {
    common: SelectionFilter,
    name_regex: Option<Regex>,
    image_ids: Option<Vec<String>>,
}

/// An element of `images`. Shares the image with the cache and all other reads: with
/// 25,000 images, copies of their strings would take most of the memory.
#[derive(Debug)]
struct ImageObject(Arc<Image>);

/// An element of `ids`.
#[derive(Debug)]
struct ImageId(Arc<Image>);

/// An element of `names`.
#[derive(Debug)]
struct ImageName(Arc<Image>);

impl Serialize for ImageObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            id: &'a str,
            image_id: &'a str,
            image_name: &'a str,
            image_type: &'a str,
            platform: &'a str,
            description: &'a str,
        }
        let image = &self.0;
        let fields = Fields {
            id: &image.image_id,
            image_id: &image.image_id,
            image_name: &image.image_name,
            image_type: &image.image_type,
            platform: &image.platform,
            description: &image.description,
        };
        fields.serialize(serializer)
    }
}

impl Serialize for ImageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.image_id.serialize(serializer)
    }
}

impl Serialize for ImageName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.image_name.serialize(serializer)
    }
}

impl DataSource for ImagesDataSource {
    type ProviderData = ProviderData;
    type Model = ImagesModel;
    type Filter = ImagesFilter;

    const TYPE_NAME: &'static str = "swas_images";

    fn schema() -> Schema {
        Schema {
            description: "Every image of a region that matches all arguments given. Nothing found \
                          is an empty list, not an error.",
            attributes: vec![
                attributes::region_id("Region whose images are listed"),
                attributes::id_filter("image_ids", "images with these IDs, any number of them"),
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
                attributes::name_regex(),
                attributes::computed_id("image_ids"),
                Attribute::computed(
                    "images",
                    image_type().list(),
                    "The images that match, sorted by name as people sort, `Ubuntu-9.10` before \
                     `Ubuntu-20.04`, then by ID. The last is not always the newest: to select the \
                     newest, use `swas_image` with `most_recent`.\n\n\
                     - `id`: ID of the image\n\
                     - `image_id`: the same\n\
                     - `image_name`: name of the image\n\
                     - `image_type`: `system`, `app` or `custom`\n\
                     - `platform`: `Linux` or `Windows`\n\
                     - `description`: what the image is for; often empty",
                ),
                attributes::projected_list("ids", "IDs of `images`").suggest("image_ids"),
                attributes::projected_list("names", "names of `images`").suggest("name_regex"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(model: &ImagesModel, parser: &mut Parser<'_>) -> Result<ImagesFilter, ConfigError> {
        let arguments = Arguments {
            region_id: &model.region_id,
            image_type: &model.image_type,
            platform: &model.platform,
        };
        let common = SelectionFilter::parse(arguments, parser);
        let name_regex = parser.text("name_regex", &model.name_regex, validators::regex);
        let image_ids = validators::ids("image_ids", &model.image_ids, parser);
        Ok(ImagesFilter {
            common: common?,
            name_regex: name_regex?,
            image_ids: image_ids?,
        })
    }

    async fn read(
        data: &ProviderData,
        filter: ImagesFilter,
        model: ImagesModel,
        warnings: &mut Diagnostics,
    ) -> Result<ImagesModel, ReadError> {
        let ImagesFilter {
            common,
            name_regex,
            image_ids,
        } = filter;
        let mut selection = common.select(data, image_ids, warnings).await?;
        if let Some(warning) = common.missing_ids_warning(&selection) {
            warnings.push(warning);
        }
        run_blocking(move || {
            let images = &mut selection.images;
            if let Some(regex) = &name_regex {
                images.retain(|image| regex.is_match(&image.image_name));
            }
            let id = digest(&json!([
                selection.region.as_str(),
                model.image_ids,
                model.image_type,
                model.platform,
                model.name_regex,
            ]));
            let ids = images.iter().cloned().map(ImageId);
            let names = images.iter().cloned().map(ImageName);
            ImagesModel {
                region_id: model.region_id.or(selection.region.to_string()),
                id: Value::Known(id),
                ids: Value::Known(ids.collect()),
                names: Value::Known(names.collect()),
                images: Value::Known(selection.images.into_iter().map(ImageObject).collect()),
                ..model
            }
        })
        .await
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
