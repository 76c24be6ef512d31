//! The data source `swas_custom_images`: images of the account, and images that other
//! accounts share with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::fields::{self, Entry, Field, Objects, fields};
use crate::provider::data_sources::not_found;
use crate::provider::fetched::Work;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::custom_images::CustomImagesQuery;
use crate::swas::operations::custom_images::model::CustomImage;
use crate::terraform::{
    Attribute, AttributePath, ConfigError, DataSource, Diagnostic, Diagnostics, DynamicValue,
    Parser, ReadError, Schema, Type, Value,
};
use aliyun::rpc::region::RegionId;

/// The maximum number of images that a warning lists.
const MAX_LISTED: usize = 10;

/// The documented statuses: the word that users read, and the API's number.
const STATUSES: [(&str, &str); 5] = [
    ("available", "1"),
    ("copying", "0"),
    ("creating", "4"),
    ("unavailable", "2"),
    ("creation_failed", "3"),
];

#[derive(Debug)]
pub struct CustomImagesDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct CustomImagesModel<'a> {
    region_id: Value<String>,
    image_ids: Value<Vec<Value<String>>>,
    name_regex: Value<String>,
    os_type: Value<String>,
    status: Value<String>,
    tags: Value<BTreeMap<String, Value<String>>>,
    include_shared: Value<bool>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    images: Value<Objects<'a, CustomImage>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<&'a str>>,
    #[serde(skip_deserializing)]
    names: Value<Vec<&'a str>>,
}

/// The parsed arguments.
#[derive(Debug)]
pub struct CustomImagesFilter {
    region_id: Option<RegionId>,
    image_ids: Option<Vec<String>>,
    name_regex: Option<Regex>,
    os_type: Option<&'static str>,
    /// The API's number.
    status: Option<String>,
    tags: BTreeMap<String, String>,
    include_shared: bool,
}

impl Entry for CustomImage {
    const FIELDS: &'static [Field<Self>] = fields! {
        "id": Text(|it| &it.image_id), "ID of the image.";
        "image_id": Text(|it| &it.image_id), "Same as `id`.";
        "name": Text(|it| &it.name), "Name of the image.";
        "description": Text(|it| &it.description), "Description of the image.";
        "creation_time": Text(|it| &it.creation_time),
            "Creation time of the image's snapshot, in RFC 3339 format.";
        "status": Text(status),
            "Status of the image: `available`, `copying`, `creating`, `unavailable`, \
             `creation_failed`, or another number of the API.";
        "os_type": Text(|it| &it.os_type),
            "Operating system of the image. Valid values: `Linux` and `Windows`.";
        "required_system_disk_size": Number(|it| it.required_system_disk_size),
            "Minimum size of the system disk in GiB.";
        "required_data_disk_size": Number(|it| it.required_data_disk_size),
            "Minimum size of the data disk in GiB.";
        "source_image_name": Text(|it| &it.source_image_name), "Name of the source image.";
        "source_image_version": Text(|it| &it.source_image_version), "Version of the source image.";
        "in_share": Bool(|it| it.in_share), "Whether the image is shared with ECS.";
        "in_share_user": Bool(|it| it.in_share_user),
            "Whether the API reports the image as shared across accounts. Does not tell which \
             account owns it.";
        "user_id": Text(|it| &it.user_id), "ID of the account that owns the image.";
        "resource_group_id": Text(|it| &it.resource_group_id), "ID of the resource group.";
        "instance_id": Text(|it| &it.instance_id), "ID of the source server.";
        "tags": Map(|it| &it.tags),
            "Tags of the image, except those with a blank key or several values.";
    };
}

/// The word for a documented status, or else the API's number.
fn status(image: &CustomImage) -> &str {
    let known = STATUSES.iter().find(|(_, number)| *number == image.status);
    known.map_or(&image.status, |(word, _)| word)
}

/// Parses a status: a word, or the API's number.
fn status_number(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    validators::one_of(text, path, STATUSES).map(str::to_owned)
}

impl DataSource for CustomImagesDataSource {
    type ProviderData = ProviderData;
    type Model = CustomImagesModel<'static>;
    type Filter = CustomImagesFilter;

    const TYPE_NAME: &'static str = "swas_custom_images";

    fn schema() -> Schema {
        Schema {
            description: "Returns the account's own images in a region that match all arguments, \
                          newest first.\nIf no image matches, the list is empty.",
            attributes: vec![
                attributes::region_id("images"),
                attributes::id_filter("image_ids", "images"),
                attributes::name_regex(),
                fields::argument::<CustomImage>("os_type"),
                fields::argument::<CustomImage>("status"),
                Attribute::optional(
                    "tags",
                    Type::String.map(),
                    "Tags that the image must have, all of them.",
                ),
                Attribute::optional(
                    "include_shared",
                    Type::Bool,
                    "Include images that other accounts share. Defaults to `false`.",
                ),
                attributes::computed_id("image_ids"),
                fields::list::<CustomImage>(
                    "images",
                    "Matching images, newest first, then by ID. Numbers and booleans that the API \
                     does not return are `null`.",
                ),
                attributes::projected_list("ids", "IDs", "images").suggest("image_ids"),
                attributes::projected_list("names", "Names", "images").suggest("name_regex"),
            ],
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
            tags: tags?.unwrap_or_default(),
            include_shared: include_shared?.unwrap_or_default(),
        })
    }

    async fn read(
        data: &ProviderData,
        filter: CustomImagesFilter,
        mut model: CustomImagesModel<'static>,
        warnings: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        let region = data.region(filter.region_id.clone(), warnings).await?;
        let query = CustomImagesQuery {
            region: region.clone(),
            include_shared: filter.include_shared,
        };
        let ids = filter.image_ids.as_deref();
        let images = data.fetch(ids, |client| client.custom_images(query), warnings);
        let images = images.await?;
        let encode = move |images: Arc<[CustomImage]>, work: &mut Work| {
            let mut matching = Vec::new();
            for image in images.iter() {
                work.check()?;
                if filter.matches(image) {
                    matching.push(image);
                }
            }
            filter.add_warnings(&region, &images, work);
            work.warn(unknown_age_warning(&region, &matching));
            model.region_id = model.region_id.or(region.to_string());
            DynamicValue::encode(&CustomImagesModel {
                id: Value::Known(digest(&model)),
                ids: Value::Known(matching.iter().map(|image| &*image.image_id).collect()),
                names: Value::Known(matching.iter().map(|image| &*image.name).collect()),
                images: Value::Known(Objects(matching)),
                ..model
            })
        };
        images.process(warnings, encode).await
    }
}

impl CustomImagesFilter {
    fn matches(&self, image: &CustomImage) -> bool {
        let ids = self.image_ids.as_ref();
        let status = self.status.as_ref();
        let regex = self.name_regex.as_ref();
        let mut tags = self.tags.iter();
        ids.is_none_or(|ids| ids.contains(&image.image_id))
            && self.os_type.is_none_or(|os| os == image.os_type)
            && status.is_none_or(|status| *status == image.status)
            && tags.all(|(key, value)| image.tags.get(key) == Some(value))
            && regex.is_none_or(|regex| regex.is_match(&image.name))
    }

    fn add_warnings(&self, region: &RegionId, images: &[CustomImage], work: &mut Work) {
        let entries = format!("custom image of region {region}");
        let shared = if self.include_shared {
            ""
        } else {
            " Images that other accounts share are included only with \"include_shared = true\"."
        };
        work.warn(not_found::ids_warning(
            &entries,
            "image_ids",
            self.image_ids.as_deref().unwrap_or_default(),
            images.iter().map(|image| &*image.image_id),
            &format!(
                "They were deleted, are public images, or belong to another region or \
                 account.{shared}"
            ),
        ));
        work.warn(not_found::value_warning(
            &entries,
            "os_type",
            self.os_type,
            images.iter().map(|image| &*image.os_type),
        ));
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
        "These custom images of region {region} have no valid creation time. They are listed last, \
         and may be newer than the first image:"
    );
    list::append(&mut detail, unknown, MAX_LISTED);
    detail.push_str("\nSelect images with \"image_ids\" or \"name_regex\".");
    let warning = Diagnostic::warning("Images without a creation time", detail);
    Some(warning.at(AttributePath::attribute("images")))
}
