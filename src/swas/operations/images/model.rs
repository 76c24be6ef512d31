//! Images.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

use aliyun::rpc::strict::{intern_known, name_or_default, required_string, string_or_default};

/// The type of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageType {
    /// An operating system.
    System,
    /// An operating system with an application.
    App,
    /// Created by the account, or shared with it.
    Custom,
}

impl ImageType {
    pub const ALL: [Self; 3] = [Self::System, Self::App, Self::Custom];

    /// The value of the parameter `ImageType`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::App => "app",
            Self::Custom => "custom",
        }
    }
}

/// The platforms of images: values of the field `Platform`.
pub const PLATFORMS: [&str; 2] = ["Linux", "Windows"];

/// An image that servers are created from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub struct Image {
    /// Never empty.
    #[serde(deserialize_with = "required_string")]
    pub image_id: String,
    #[serde(default, deserialize_with = "name_or_default")]
    pub image_name: String,
    /// `system`, `app`, `custom`, or a value that the API adds later.
    #[serde(default, deserialize_with = "image_type")]
    pub image_type: Cow<'static, str>,
    /// `Linux`, `Windows`, or a value that the API adds later.
    #[serde(default, deserialize_with = "platform")]
    pub platform: Cow<'static, str>,
    /// The purpose of the image. Empty for most.
    #[serde(default, deserialize_with = "string_or_default")]
    pub description: String,
}

fn image_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    intern_known(deserializer, ImageType::ALL.map(ImageType::as_str))
}

fn platform<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    intern_known(deserializer, PLATFORMS)
}
