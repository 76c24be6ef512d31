//! The data source `swas_image`: exactly one image.
//!
//! - [`model`]: the block and its parsed arguments
//! - [`choice`]: the choice among several images that match
//! - [`description`]: images as lines of an error
//! - [`newest`]: the newest of several candidates
//! - [`no_match`]: the error if no image matches
//! - [`version`]: comparison of the versions in names
//! - [`version_group`]: the group `version` of `name_regex`

mod choice;
mod description;
mod model;
mod newest;
mod no_match;
mod version;
mod version_group;

use std::sync::Arc;

use crate::provider::blocking::run_blocking;
use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::selection::{self, Arguments, Selection, SelectionFilter};
use crate::provider::validators;
use crate::swas::operations::images::model::Image;
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostics, Parser, ReadError, Schema, Type, Value,
};
use model::{ImageFilter, ImageModel};

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
        Schema {
            description: DESCRIPTION,
            attributes: vec![
                attributes::region_id("Region of the image"),
                Attribute::optional_computed(
                    "image_id",
                    Type::String,
                    "ID of the image. One of `image_id`, `name` and `name_regex` is required; \
                     `image_id` cannot be set together with `name`, `name_regex` or \
                     `most_recent = true`.",
                ),
                Attribute::optional_computed("name", Type::String, "Exact name of the image."),
                attributes::name_regex(),
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
                    "Select the image with the highest version in its name if several images \
                     match. If the names do not say which one that is, the read fails. Defaults \
                     to `false`.",
                ),
                Attribute::computed("id", Type::String, "ID of the image.").suggest("image_id"),
                Attribute::computed("image_name", Type::String, "Name of the image.")
                    .suggest("name"),
                Attribute::computed(
                    "description",
                    Type::String,
                    "What the image is for; often empty.",
                ),
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
        let common = SelectionFilter::parse(arguments, parser);
        let name_regex = parser.text("name_regex", &model.name_regex, validators::regex);
        let image_id = parser.text("image_id", &model.image_id, validators::no_control_chars);
        let name = parser.text("name", &model.name, |text, _| Ok(text.to_owned()));
        let most_recent = parser.value("most_recent", &model.most_recent, |set, _| Ok(*set));
        model.check_selectors(parser);
        if let Ok(Some(regex)) = &name_regex {
            model.check_name_against_regex(regex, parser);
        }
        let most_recent = most_recent?.unwrap_or_default();
        let (common, name_regex) = (common?, name_regex?);
        if let Some(regex) = name_regex.as_ref().filter(|_| most_recent) {
            let path = parser.path("name_regex");
            version_group::check(regex, &path).map_err(|error| parser.reject(error))?;
        }
        Ok(ImageFilter {
            common,
            name_regex,
            image_id: image_id?,
            name: name?,
            most_recent,
        })
    }

    async fn read(
        data: &ProviderData,
        filter: ImageFilter,
        model: ImageModel,
        warnings: &mut Diagnostics,
    ) -> Result<ImageModel, ReadError> {
        let ids = filter.image_id.clone().map(|id| vec![id]);
        let selection = filter.common.select(data, ids, warnings).await?;
        let (model, filter, selection, chosen) = run_blocking(move || {
            let Selection { region, images, .. } = &selection;
            let matching = images.iter().filter(|image| filter.matches(image));
            let matching: Vec<_> = matching.collect();
            let chosen = (!matching.is_empty())
                .then(|| choice::choose(&model, &filter, region, &matching).cloned());
            (model, filter, selection, chosen)
        })
        .await?;
        let region = selection.region.clone();
        let Some(chosen) = chosen else {
            let images = filter.alternatives(data, &selection, warnings).await;
            let error = move || no_match::error(&model, &filter, &region, &images);
            return Err(run_blocking(error).await?.into());
        };
        let image = chosen?;
        Ok(ImageModel {
            id: Value::Known(image.image_id.clone()),
            region_id: model.region_id.or(region.to_string()),
            image_id: model.image_id.or(image.image_id),
            name: model.name.or(image.image_name.clone()),
            image_type: model.image_type.or(image.image_type.to_string()),
            platform: model.platform.or(image.platform.to_string()),
            image_name: Value::Known(image.image_name),
            description: Value::Known(image.description),
            ..model
        })
    }
}

impl ImageFilter {
    /// The images to mention in the error if no image matches: those of the region, of all
    /// types and platforms. With an `image_id`, only the image with this ID.
    async fn alternatives(
        &self,
        data: &ProviderData,
        selection: &Selection,
        warnings: &mut Diagnostics,
    ) -> Vec<Arc<Image>> {
        let mut others = selection.other_platforms.iter();
        let is_explained = others.any(|image| self.matches(image));
        if !is_explained && self.common.has_type() {
            // The selection has only images of one type. If the read of all types fails,
            // the error has fewer details.
            let ids = self.image_id.clone().map(|id| vec![id]);
            let all = selection::all_images(data, &selection.region, ids, warnings).await;
            if let Ok(all) = all {
                return all;
            }
        }
        let others = selection.other_platforms.iter();
        selection.images.iter().chain(others).cloned().collect()
    }
}
