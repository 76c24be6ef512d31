//! Custom images in state.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::provider::validators;
use crate::swas::operations::custom_images::model::CustomImage;
use crate::terraform::{AttributePath, Diagnostic, Number, Type};

#[derive(Debug, Serialize)]
pub(super) struct CustomImageObject {
    pub(super) id: String,
    image_id: String,
    pub(super) name: String,
    description: String,
    creation_time: String,
    status: String,
    os_type: String,
    required_system_disk_size: Option<Number>,
    required_data_disk_size: Option<Number>,
    source_image_name: String,
    source_image_version: String,
    in_share: Option<bool>,
    in_share_user: Option<bool>,
    user_id: String,
    resource_group_id: String,
    instance_id: String,
    tags: BTreeMap<String, String>,
}

impl From<&CustomImage> for CustomImageObject {
    fn from(image: &CustomImage) -> Self {
        Self {
            id: image.image_id.clone(),
            image_id: image.image_id.clone(),
            name: image.name.clone(),
            description: image.description.clone(),
            creation_time: image.creation_time.clone(),
            status: status(image).to_owned(),
            os_type: image.os_type.clone(),
            required_system_disk_size: image.required_system_disk_size.map(Number::from),
            required_data_disk_size: image.required_data_disk_size.map(Number::from),
            source_image_name: image.source_image_name.clone(),
            source_image_version: image.source_image_version.clone(),
            in_share: image.in_share,
            in_share_user: image.in_share_user,
            user_id: image.user_id.clone(),
            resource_group_id: image.resource_group_id.clone(),
            instance_id: image.instance_id.clone(),
            tags: image.tags.clone(),
        }
    }
}

/// The documented statuses: the word that users read, and the API's number.
const STATUSES: [(&str, &str); 5] = [
    ("available", "1"),
    ("copying", "0"),
    ("creating", "4"),
    ("unavailable", "2"),
    ("creation_failed", "3"),
];

/// The word for a documented status, or else the API's number.
pub(super) fn status(image: &CustomImage) -> &str {
    let known = STATUSES.iter().find(|(_, number)| *number == image.status);
    known.map_or(&image.status, |(word, _)| word)
}

/// Parses a status: a word, or the API's number.
pub(super) fn status_number(text: &str, path: &AttributePath) -> Result<String, Diagnostic> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    validators::one_of(text, path, STATUSES).map(str::to_owned)
}

pub(super) fn image_type() -> Type {
    Type::Object(vec![
        ("id", Type::String),
        ("image_id", Type::String),
        ("name", Type::String),
        ("description", Type::String),
        ("creation_time", Type::String),
        ("status", Type::String),
        ("os_type", Type::String),
        ("required_system_disk_size", Type::Number),
        ("required_data_disk_size", Type::Number),
        ("source_image_name", Type::String),
        ("source_image_version", Type::String),
        ("in_share", Type::Bool),
        ("in_share_user", Type::Bool),
        ("user_id", Type::String),
        ("resource_group_id", Type::String),
        ("instance_id", Type::String),
        ("tags", Type::String.map()),
    ])
}
