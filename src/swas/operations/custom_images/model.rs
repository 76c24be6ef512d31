//! Custom images.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use aliyun::rpc::number::{self, ApiNumber};
use aliyun::rpc::strict::{
    Scalar, StrictObject, list_or_default, name_or_default, optional_bool, required_string,
    string_or_default,
};

/// An image of the account, or one that another account shares with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CustomImage {
    /// Never empty.
    #[serde(deserialize_with = "required_string")]
    pub image_id: String,
    #[serde(default, deserialize_with = "name_or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub description: String,
    /// In the form of RFC 3339.
    #[serde(default, deserialize_with = "string_or_default")]
    pub creation_time: String,
    /// A number as text: `0` copying, `1` available, `2` unavailable, `3` creation
    /// failed, `4` creating.
    #[serde(default, deserialize_with = "string_or_default")]
    pub status: String,
    /// `Linux`, `Windows`, or a value that the API adds later.
    #[serde(default, deserialize_with = "string_or_default")]
    pub os_type: String,
    /// GiB.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub required_system_disk_size: Option<ApiNumber>,
    /// GiB.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub required_data_disk_size: Option<ApiNumber>,
    /// The image that this one was created from.
    #[serde(default, deserialize_with = "string_or_default")]
    pub source_image_name: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub source_image_version: String,
    /// Shared with Elastic Compute Service.
    #[serde(default, deserialize_with = "optional_bool")]
    pub in_share: Option<bool>,
    /// Shared across accounts. The API's documentation does not specify the direction, so
    /// this flag cannot identify images of other accounts.
    #[serde(default, deserialize_with = "optional_bool")]
    pub in_share_user: Option<bool>,
    /// The account that owns the image. Text, because 64-bit integers do not fit
    /// Terraform's numbers.
    #[serde(default, deserialize_with = "digits")]
    pub user_id: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub resource_group_id: String,
    /// The server that the image was created from.
    #[serde(default, deserialize_with = "string_or_default")]
    pub instance_id: String,
    /// Empty if the API does not return it. The host of an endpoint decides which region's
    /// images are listed.
    #[serde(default, deserialize_with = "string_or_default")]
    pub region_id: String,
    #[serde(default, deserialize_with = "tags")]
    pub tags: BTreeMap<String, String>,
}

impl CustomImage {
    /// The creation time. `None` if the API does not return one that can be read.
    pub fn created(&self) -> Option<OffsetDateTime> {
        let text = self.creation_time.replacen(' ', "T", 1);
        let time = OffsetDateTime::parse(&text, &Rfc3339);
        // Alibaba Cloud omits the seconds in some responses.
        let seconds = || {
            let (minutes, zone) = text.split_at_checked("2024-01-01T00:00".len())?;
            OffsetDateTime::parse(&format!("{minutes}:00{zone}"), &Rfc3339).ok()
        };
        time.ok().or_else(seconds)
    }

    /// The total length of all strings. Each one of a tag counts 24 bytes more, for its place
    /// in memory.
    pub(super) fn bytes(&self) -> usize {
        let texts = [
            &self.image_id,
            &self.name,
            &self.description,
            &self.creation_time,
            &self.status,
            &self.os_type,
            &self.source_image_name,
            &self.source_image_version,
            &self.user_id,
            &self.resource_group_id,
            &self.instance_id,
            &self.region_id,
        ];
        let tags = self.tags.iter().flat_map(|(key, value)| [key, value]);
        let places = self.tags.len() * 2 * size_of::<String>();
        let lengths = texts.into_iter().chain(tags).map(String::len);
        lengths.sum::<usize>() + places
    }
}

/// Deserializes an integer of any length or its text; empty for anything else.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let scalar = Scalar::deserialize(deserializer)?;
    let text = scalar.as_str().trim();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || scalar == Scalar::Other {
        tracing::debug!("ignoring a value that is not an integer");
    }
    Ok(if is_number { text } else { "" }.to_owned())
}

/// Maximum number of tags of an image: five times that of Alibaba Cloud's resources.
const MAX_TAGS: usize = 100;

/// Deserializes a list of tags as a map. Omits a key that is blank or has several values:
/// a filter must not select an image by an ambiguous tag.
fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Tag {
        #[serde(default)]
        key: Scalar,
        #[serde(default)]
        value: Scalar,
    }

    let mut tags: BTreeMap<String, Option<String>> = BTreeMap::new();
    for StrictObject(Tag { key, value }) in list_or_default(deserializer, MAX_TAGS)? {
        let Scalar::Text(key) = key else { continue };
        let value = match value {
            Scalar::Text(value) => Some(value),
            Scalar::Absent => Some(String::new()),
            Scalar::Other => None,
        };
        match tags.entry(key) {
            Entry::Vacant(place) => drop(place.insert(value)),
            Entry::Occupied(mut place) if *place.get() != value => drop(place.insert(None)),
            Entry::Occupied(_) => {}
        }
    }
    let unambiguous = |(key, value): (String, Option<String>)| {
        let value = value.filter(|_| !key.trim().is_empty());
        if value.is_none() {
            tracing::debug!("ignoring a custom image tag with a blank key or several values");
        }
        Some((key, value?))
    };
    Ok(tags.into_iter().filter_map(unambiguous).collect())
}
