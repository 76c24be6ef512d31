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
use crate::provider::data_sources::selection::{Arguments, SelectionFilter};
use crate::provider::fetched::Work;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::images::model::Image;
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, DynamicValue, Parser, ReadError, Schema, Type,
    Value,
};
use aliyun::text::debug_quote;
use model::{ImageFilter, ImageModel};

/// The maximum number of images in an error.
const MAX_CANDIDATES: usize = 10;

const DESCRIPTION: &str = "\
Selects exactly one image of a region by ID, name, or version.

If no image or several images match, the read fails and lists candidates. With
`most_recent = true`, the image with the highest version in its name is selected:

- Names are compared from the left, word by word and number by number. Case, spaces,
  separators, and a `v` before a number do not count. `Ubuntu-22.04` is newer than
  `Ubuntu-9.10`, and `12.0` is the same as `12`.
- Where two names first differ, both must have a number, and the higher one is newer.
  If they differ in a word, they are two products, and the read fails: `Debian-12` and
  `Ubuntu-22.04`, or `Ubuntu-22.04` and `Ubuntu-22.04-Docker-26.1`.
- A name with more of a version is newer: `2012 R2`, `15 SP6`, `8 U10`, and `Update 3` are
  newer than `2012`, `15`, `8`, and no update; `8.5.2111` is newer than `8.5`, and `1.24-3`
  than `1.24`. `Debian-12` is newer than `Debian`.
- Bit widths, architectures, sizes, and degrees (`64位`, `x86_64`, `40G`, `gen2`), digits
  with letters behind them (`K3s`, `21H2`), and hashes are words. So are 32, 64 and 86
  behind a number and a separator other than a dot (`centos-6.3-64`). A date or year is not
  compared with another number, nor anything with a name that contains `latest`.
- A pre-release (`alpha`, `beta`, `b2`, `pre1`, `preview`, `rc`, `M3`, `milestone`, `dev`,
  `snapshot`, `nightly`, `canary`) is older than each release of the same product.
- If `name_regex` has a group `version`, as in `^app-(?P<version>[0-9.]+)-prod$`, only the
  text of the group is compared. The expression has to begin with `^` and end with `$`.

Only names are compared. If a product numbers a later release lower, such as openSUSE 15
after 42.3, exclude the old releases with `name_regex`.

~> **Note** A newer image can change the ID on any plan, and
`alicloud_simple_application_server_instance` then resets the system disk. [Pin the
image](../guides/pin-an-image.md) of every server.";

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
            description: DESCRIPTION,
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
                    "Select the highest version if several images match. \
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
        let arguments = Arguments {
            region_id: &model.region_id,
            image_type: &model.image_type,
            platform: &model.platform,
        };
        let name_regex = parser.text("name_regex", &model.name_regex, validators::regex);
        if let Ok(Some(regex)) = &name_regex {
            model.check_regex(regex, parser);
        }
        let common = SelectionFilter::parse(arguments, name_regex, parser);
        let image_id = parser.text("image_id", &model.image_id, validators::no_control_chars);
        let name = parser.text("name", &model.name, |text, _| Ok(text.to_owned()));
        let most_recent = parser.value("most_recent", &model.most_recent, |set, _| Ok(*set));
        model.check_selectors(parser);
        Ok(ImageFilter {
            common: common?,
            image_id: image_id?,
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
        let region = data
            .region(filter.common.region_id.clone(), warnings)
            .await?;
        let ids = filter.image_id.clone().map(|id| vec![id]);
        let images = filter.common.fetch(data, &region, ids, warnings).await?;
        let encode = move |images: Vec<Arc<Image>>, work: &mut Work| {
            let common = &filter.common;
            let matching = common.matching(&images, work, |image| filter.matches(image))?;
            let (matching, of_other_platforms): (Vec<_>, Vec<_>) = matching
                .into_iter()
                .partition(|image| common.matches_platform(image));
            let image = if matching.is_empty() {
                let request = no_match::Request {
                    model: &model,
                    filter: &filter,
                    region: &region,
                };
                return Err(request.error(&of_other_platforms, images, work)?);
            } else {
                choice::choose(&model, &filter, &region, &matching, work)?
            };
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
