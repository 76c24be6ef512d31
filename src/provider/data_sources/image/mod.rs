//! The data source `swas_image`: exactly one image.
//!
//! - [`model`]: the block and its parsed arguments
//! - [`choice`]: the choice among several images that match
//! - [`newest`]: the newest of several candidates
//! - [`no_match`]: the error if no image matches
//! - [`version`]: comparison of the versions in names
//! - [`version_group`]: the group `version` of `name_regex`

mod choice;
mod model;
mod newest;
mod no_match;
mod version;
mod version_group;

use std::sync::Arc;

use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::fields::described;
use crate::provider::data_sources::selection::SelectionFilter;
use crate::provider::fetched::Work;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::catalog::images::Found;
use crate::swas::operations::images::model::Image;
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, DynamicValue, Parser, ReadError, Schema, Type,
    Value,
};
use aliyun::rpc::strict::MAX_NAME;
use aliyun::text::debug_quote;
use model::{ImageFilter, ImageModel, Selection};

/// The maximum number of images in an error.
const MAX_CANDIDATES: usize = 10;

#[derive(Debug)]
pub struct ImageDataSource;

impl DataSource for ImageDataSource {
    type ProviderData = ProviderData;
    type Model = ImageModel;
    type Filter = ImageFilter;

    const TYPE_NAME: &'static str = "swas_image";

    fn schema() -> Schema {
        let selected = |name, field, whose| {
            let (ty, description) = described::<Image>(field);
            let description =
                format!("{description} If not set, the {whose} of the selected image.");
            Attribute::optional_computed(name, ty, description)
        };
        let computed = |name| {
            let (ty, description) = described::<Image>(name);
            Attribute::computed(name, ty, description)
        };
        Schema {
            description: "Selects exactly one image of a region by ID, name, or version.\nIf no \
                          image or several images match, the read fails and lists up to 10 \
                          candidates.",
            attributes: vec![
                attributes::region_id("image"),
                Attribute::optional_computed(
                    "image_id",
                    Type::String,
                    "ID of the image. At least one of `image_id`, `name`, and `name_regex` must be \
                     set. Conflicts with `name`, `name_regex`, and `most_recent = true`.",
                ),
                Attribute::optional_computed(
                    "name",
                    Type::String,
                    "Exact name of the image. If not set, the name of the selected image.",
                ),
                attributes::name_regex(),
                selected("image_type", "image_type", "type"),
                selected("platform", "platform", "platform"),
                Attribute::optional(
                    "most_recent",
                    Type::Bool,
                    "Select the highest [version](#version-order) if several images match. \
                     Defaults to `false`.",
                ),
                computed("id").suggest("image_id"),
                computed("image_name").suggest("name"),
                computed("description"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(model: &ImageModel, parser: &mut Parser<'_>) -> Result<ImageFilter, ConfigError> {
        let arguments = [&model.region_id, &model.image_type, &model.platform];
        let name_regex = parser.text("name_regex", &model.name_regex, validators::regex);
        if let Ok(Some(regex)) = &name_regex {
            model.check_regex(regex, parser);
        }
        let image_id = parser.text("image_id", &model.image_id, validators::no_control_chars);
        let image_ids = image_id.map(|id| id.map(|id| vec![id]));
        let common = SelectionFilter::parse(arguments, image_ids, name_regex, parser);
        let name = parser.text("name", &model.name, |text, path| {
            validators::max_length(text, path, MAX_NAME)
        });
        let most_recent = parser.value("most_recent", &model.most_recent, |set, _| Ok(*set));
        model.check_selectors(parser);
        Ok(ImageFilter {
            common: common?,
            name: name?,
            most_recent: most_recent?.unwrap_or_default(),
        })
    }

    async fn read(
        data: &ProviderData,
        filter: ImageFilter,
        model: ImageModel,
        warnings: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        let (region, images) = filter.common.fetch(data, warnings).await?;
        let encode = move |images: Found, work: &mut Work| {
            let images = images.select();
            let common = &filter.common;
            let name = filter.name.as_deref();
            let matching = common.matching(&images, work, |image| {
                name.is_none_or(|name| image.image_name == name)
            })?;
            let (matching, of_other_platforms): (Vec<_>, Vec<_>) = matching
                .into_iter()
                .partition(|image| common.matches_platform(image));
            let selection = Selection {
                model: &model,
                filter: &filter,
                region: &region,
                work,
            };
            if matching.is_empty() {
                return Err(selection.no_match(&of_other_platforms, images)?);
            }
            let image = selection.choose(&matching)?;
            DynamicValue::encode(&ImageModel {
                id: Value::Known(image.image_id.clone()),
                region_id: model.region_id.or(region.to_string()),
                image_id: model.image_id.or(image.image_id.clone()),
                name: model.name.or(image.image_name.clone()),
                image_type: model.image_type.or(image.image_type.to_string()),
                platform: model.platform.or(image.platform.to_string()),
                image_name: Value::Known(image.image_name.clone()),
                description: Value::Known(image.description.clone()),
                ..model
            })
        };
        images.process(warnings, encode).await
    }
}

/// Appends a line for each image: the name, and in parentheses the type, platform, and ID.
fn append_images<'a>(text: &mut String, images: impl IntoIterator<Item = &'a Arc<Image>>) {
    let lines = images.into_iter().map(|image| {
        let facts: [&str; 3] = [&image.image_type, &image.platform, &image.image_id];
        let facts = facts.into_iter().filter(|fact| !fact.is_empty());
        let facts: Vec<_> = facts.collect();
        format!("{} ({})", debug_quote(&image.image_name), facts.join(", "))
    });
    list::append(text, lines, MAX_CANDIDATES);
}
