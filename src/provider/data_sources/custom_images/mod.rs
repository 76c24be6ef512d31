//! The data source `swas_custom_images`: images of the account, and images that other
//! accounts share with it.

mod object;

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::provider::blocking::run_blocking;
use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::not_found;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::custom_images::CustomImagesQuery;
use crate::swas::operations::custom_images::model::CustomImage;
use crate::swas::operations::images::model::Platform;
use crate::terraform::{
    Attribute, AttributePath, ConfigError, DataSource, Diagnostic, Diagnostics, Parser, ReadError,
    Schema, Type, Value,
};
use aliyun::rpc::region::RegionId;

use object::{CustomImageObject, image_type, status_number};

/// The maximum number of images that a warning lists.
const MAX_LISTED: usize = 10;

#[derive(Debug)]
pub struct CustomImagesDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct CustomImagesModel {
    region_id: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
    name_regex: Value<String>,
    os_type: Value<String>,
    status: Value<String>,
    tags: Value<BTreeMap<String, Value<String>>>,
    include_shared: Value<bool>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    images: Value<Vec<CustomImageObject>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<String>>,
    #[serde(skip_deserializing)]
    names: Value<Vec<String>>,
}

/// The parsed arguments.
#[derive(Debug)]
pub struct CustomImagesFilter {
    region_id: Option<RegionId>,
    image_ids: Option<Vec<String>>,
    name_regex: Option<Regex>,
    os_type: Option<Platform>,
    /// The API's number.
    status: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    include_shared: bool,
}

impl CustomImagesFilter {
    fn matches(&self, image: &CustomImage) -> bool {
        let ids = self.image_ids.as_ref();
        let regex = self.name_regex.as_ref();
        ids.is_none_or(|ids| ids.contains(&image.image_id))
            && regex.is_none_or(|regex| regex.is_match(&image.name))
            && self.os_type.is_none_or(|os| os.as_str() == image.os_type)
            && self
                .status
                .as_ref()
                .is_none_or(|status| *status == image.status)
            && self
                .tags
                .iter()
                .flatten()
                .all(|(key, value)| image.tags.get(key) == Some(value))
    }

    /// The warning about IDs that no image has.
    fn missing_ids_warning(&self, region: &RegionId, images: &[CustomImage]) -> Option<Diagnostic> {
        let found = images.iter().map(|image| &image.image_id);
        not_found::ids_warning(
            "Images not found",
            &format!("In region {region}, no custom image has"),
            &not_found::missing_ids(self.image_ids.as_deref()?, found),
            "image_ids",
            if self.include_shared {
                "public images, of images of another region or another account, or of images \
                 that have been deleted."
            } else {
                "public images, of images of another region or another account, or of images \
                 that have been deleted. Images that another account shares with this one are \
                 listed only with \"include_shared = true\"."
            },
        )
    }
}

/// The warning that some of several images have no creation time that can be read, so
/// that the first one may not be the newest.
fn unknown_age_warning(region: &RegionId, images: &[&CustomImage]) -> Option<Diagnostic> {
    let unknown = images.iter().filter(|image| image.created().is_none());
    let mut unknown = unknown.map(|image| image.image_id.clone()).peekable();
    // Some regions may return none at all, which leaves no order to rely on.
    let has_times = images.iter().any(|image| !image.creation_time.is_empty());
    unknown.peek().filter(|_| images.len() > 1 && has_times)?;
    let mut detail = format!(
        "Custom images of region {region} have no creation time that can be read. They are listed \
         last, and may be newer than the first one:"
    );
    list::append(&mut detail, unknown, MAX_LISTED);
    detail.push_str("\nSelect images by \"image_ids\" or \"name_regex\".");
    let warning = Diagnostic::warning("Images without a creation time", detail);
    Some(warning.at(AttributePath::attribute("images")))
}

impl DataSource for CustomImagesDataSource {
    type ProviderData = ProviderData;
    type Model = CustomImagesModel;
    type Filter = CustomImagesFilter;

    const TYPE_NAME: &'static str = "swas_custom_images";

    fn schema() -> Schema {
        Schema {
            description: "The account's own images in a region that match all arguments given: \
                          the newest first. Nothing found is an empty list, not an error.\n\n\
                          ~> **Any account can share an image with yours, under any name.** Such \
                          images are left out unless `include_shared` is `true`. With it, the \
                          newest image may be a stranger's: use only images whose `user_id` you \
                          trust. [Shared images](../guides/select-an-image.md#shared-images) \
                          shows how.\n\n~> **Note** A newer image can change the ID on any \
                          plan, and `alicloud_simple_application_server_instance` then resets \
                          the system disk. [Pin the image](../guides/pin-an-image.md) of every \
                          server.",
            attributes: attributes(),
            blocks: Vec::new(),
        }
    }

    fn parse(
        model: &CustomImagesModel,
        parser: &mut Parser<'_>,
    ) -> Result<CustomImagesFilter, ConfigError> {
        let region_id = parser.text("region_id", &model.region_id, validators::region);
        let image_ids = validators::ids("image_ids", &model.image_ids, parser);
        let name_regex = parser.text("name_regex", &model.name_regex, validators::regex);
        let os_type = parser.text("os_type", &model.os_type, validators::platform);
        let status = parser.text("status", &model.status, status_number);
        let tags = validators::tags("tags", &model.tags, parser);
        let include_shared =
            parser.value("include_shared", &model.include_shared, |set, _| Ok(*set));
        Ok(CustomImagesFilter {
            region_id: region_id?,
            image_ids: image_ids?,
            name_regex: name_regex?,
            os_type: os_type?,
            status: status?,
            tags: tags?,
            include_shared: include_shared?.unwrap_or_default(),
        })
    }

    async fn read(
        data: &ProviderData,
        filter: CustomImagesFilter,
        model: CustomImagesModel,
        warnings: &mut Diagnostics,
    ) -> Result<CustomImagesModel, ReadError> {
        let region = data.region(filter.region_id.clone(), warnings).await?;
        // An empty list of IDs needs no call, and therefore no client.
        let images = if filter.image_ids.as_ref().is_some_and(Vec::is_empty) {
            None
        } else {
            let query = CustomImagesQuery {
                region: region.clone(),
                include_shared: filter.include_shared,
            };
            let images = data.fetch(|client| client.custom_images(query), warnings);
            Some(images.await?)
        };
        let completed = run_blocking(move || filter.into_state(model, &region, images.as_deref()));
        let (model, found) = completed.await?;
        warnings.append(found);
        Ok(model)
    }
}

impl CustomImagesFilter {
    /// Returns the state: the model with the images that match. `images` is `None` if none
    /// is requested.
    fn into_state(
        self,
        model: CustomImagesModel,
        region: &RegionId,
        images: Option<&[CustomImage]>,
    ) -> (CustomImagesModel, Diagnostics) {
        let mut warnings = Diagnostics::default();
        let mut objects: Vec<CustomImageObject> = Vec::new();
        if let Some(images) = images {
            let unmatched = not_found::value_warning(
                &format!("custom image of region {region}"),
                "os_type",
                self.os_type.map(Platform::as_str),
                images.iter().map(|image| image.os_type.as_str()),
            );
            let matching: Vec<_> = images.iter().filter(|it| self.matches(it)).collect();
            let found = [
                self.missing_ids_warning(region, images),
                unmatched,
                unknown_age_warning(region, &matching),
            ];
            for warning in found.into_iter().flatten() {
                warnings.push(warning);
            }
            objects.extend(matching.into_iter().map(CustomImageObject::from));
        }
        let mut arguments = vec![
            json!(region.as_str()),
            json!(model.image_ids),
            json!(model.name_regex),
            json!(model.os_type),
            json!(model.status),
        ];
        // Omitted if unset, so that the ID of a block without them stays the one of
        // earlier releases. Their types differ, which makes the list unambiguous.
        arguments.extend(self.tags.map(|tags| json!(tags)));
        arguments.extend(self.include_shared.then_some(json!(true)));
        let id = digest(&json!(arguments));
        let ids = objects.iter().map(|image| image.id.clone());
        let names = objects.iter().map(|image| image.name.clone());
        let model = CustomImagesModel {
            region_id: model.region_id.or(region.to_string()),
            id: Value::Known(id),
            ids: Value::Known(ids.collect()),
            names: Value::Known(names.collect()),
            images: Value::Known(objects),
            ..model
        };
        (model, warnings)
    }
}

fn attributes() -> Vec<Attribute> {
    vec![
        attributes::region_id("Region whose images are listed"),
        attributes::id_filter("image_ids", "images with these IDs"),
        attributes::name_regex(),
        Attribute::optional(
            "os_type",
            Type::String,
            "Only images with this system: `Linux` or `Windows`.",
        ),
        Attribute::optional(
            "status",
            Type::String,
            "Only images with this status: `available`, `copying`, `creating`, `unavailable`, \
             `creation_failed`, or the API's number for another one.",
        ),
        Attribute::optional(
            "tags",
            Type::String.map(),
            "Only images that have all of these tags.",
        ),
        Attribute::optional(
            "include_shared",
            Type::Bool,
            "Whether images that other accounts share with this one are listed too. Defaults to \
             `false`. Check `user_id` of each image before you use it: any account can share an \
             image with yours.",
        ),
        attributes::computed_id("image_ids"),
        Attribute::computed(
            "images",
            image_type().list(),
            "The images that match, the newest first, then by ID. What the API does not tell is \
             null or empty.\n\n\
             - `id`: ID of the image\n\
             - `image_id`: the same\n\
             - `name`: name of the image\n\
             - `description`: what its owner wrote about it\n\
             - `creation_time`: when it was made\n\
             - `status`: `available`, `copying`, `creating`, `unavailable`, `creation_failed`, or \
             the API's number for another one\n\
             - `os_type`: `Linux` or `Windows`\n\
             - `required_system_disk_size`: the smallest system disk that it fits on, in GiB\n\
             - `required_data_disk_size`: the smallest data disk that it fits on, in GiB\n\
             - `source_image_name`: name of the image that it was made from\n\
             - `source_image_version`: version of that image\n\
             - `in_share`: whether it is shared with ECS\n\
             - `in_share_user`: whether it is shared across accounts, as the API says; this does \
             not tell whose it is\n\
             - `user_id`: ID of the account that owns it\n\
             - `resource_group_id`: ID of its resource group\n\
             - `instance_id`: ID of the server that it was made from\n\
             - `tags`: its tags; one without a key or with several values is left out",
        ),
        attributes::projected_list("ids", "IDs of `images`").suggest("image_ids"),
        attributes::projected_list("names", "names of `images`").suggest("name_regex"),
    ]
}
