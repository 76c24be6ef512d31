//! The data source `swas_images`: all images of a region that match.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::fields::{self, Objects};
use crate::provider::data_sources::not_found;
use crate::provider::data_sources::selection::SelectionFilter;
use crate::provider::fetched::Work;
use crate::provider::validators;
use crate::swas::catalog::images::Found;
use crate::swas::operations::images::model::Image;
use crate::terraform::{
    ConfigError, DataSource, Diagnostics, DynamicValue, Parser, ReadError, Schema, Value,
};

#[derive(Debug)]
pub struct ImagesDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct ImagesModel<'a> {
    region_id: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
    image_type: Value<String>,
    platform: Value<String>,
    name_regex: Value<String>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    images: Value<Objects<'a, Image>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<&'a str>>,
    #[serde(skip_deserializing)]
    names: Value<Vec<&'a str>>,
}

impl DataSource for ImagesDataSource {
    type ProviderData = ProviderData;
    type Model = ImagesModel<'static>;
    type Filter = SelectionFilter;

    const TYPE_NAME: &'static str = "swas_images";

    fn schema() -> Schema {
        Schema {
            description: "Returns every image of a region that matches all arguments.\nIf no image \
                          matches, the list is empty.",
            attributes: vec![
                attributes::region_id("images"),
                attributes::id_filter("image_ids", "images"),
                fields::argument::<Image>("image_type"),
                fields::argument::<Image>("platform"),
                attributes::name_regex(),
                attributes::computed_id("image_ids"),
                fields::list::<Image>(
                    "images",
                    "Matching images, in natural order by name (`Ubuntu-9.10` before \
                     `Ubuntu-20.04`), then by ID. The last one is not always the newest: use \
                     `swas_image` with `most_recent` to select that.",
                ),
                attributes::projected_list("ids", "IDs", "images").suggest("image_ids"),
                attributes::projected_list("names", "Names", "images").suggest("name_regex"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(model: &ImagesModel, parser: &mut Parser<'_>) -> Result<SelectionFilter, ConfigError> {
        let arguments = [&model.region_id, &model.image_type, &model.platform];
        let name_regex = parser.text("name_regex", &model.name_regex, validators::regex);
        let image_ids = validators::ids("image_ids", &model.image_ids, parser);
        SelectionFilter::parse(arguments, image_ids, name_regex, parser)
    }

    async fn read(
        data: &ProviderData,
        filter: SelectionFilter,
        mut model: ImagesModel<'static>,
        warnings: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        let (region, images) = filter.fetch(data, warnings).await?;
        let encode = move |images: Found, work: &mut Work| {
            let images = images.select();
            let entries = format!("{} of region {region}", filter.kind());
            work.warn(not_found::value_warning(
                &entries,
                "platform",
                filter.doubtful_platform(&images),
                images.iter().map(|image| &*image.platform),
            ));
            work.warn(not_found::ids_warning(
                &entries,
                "image_ids",
                filter.image_ids.as_deref().unwrap_or_default(),
                images.iter().map(|image| &*image.image_id),
                if model.image_type.is_null() {
                    "They were withdrawn, or belong to another region or account."
                } else {
                    "They were withdrawn, or belong to another type, region, or account."
                },
            ));
            let images = filter.matching(&images, work, |image| filter.matches_platform(image))?;
            model.region_id = model.region_id.or(region.to_string());
            DynamicValue::encode(&ImagesModel {
                id: Value::Known(digest(&model)),
                ids: Value::Known(images.iter().map(|image| &*image.image_id).collect()),
                names: Value::Known(images.iter().map(|image| &*image.image_name).collect()),
                images: Value::Known(Objects(images.iter().map(Arc::as_ref).collect())),
                ..model
            })
        };
        images.process(warnings, encode).await
    }
}
