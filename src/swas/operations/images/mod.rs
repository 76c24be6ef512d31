//! The operation `ListImages`.

mod sorted;

use std::borrow::Cow;
use std::sync::Arc;

use aliyun::text::debug_quote;
use serde::{Deserialize, Deserializer};

use aliyun::client::Operation;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::{StrictList, intern_known, required_string, string_or_default};

pub use sorted::Sorted;

/// The API's maximum number of IDs in one call.
pub const MAX_IDS: usize = 50;

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

/// The platform of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Linux,
    Windows,
}

impl Platform {
    pub const ALL: [Self; 2] = [Self::Linux, Self::Windows];

    /// The value of the field `Platform`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }
}

/// Lists images of a region. A read may have any number of IDs; the catalog splits it
/// into calls of at most [`MAX_IDS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListImages {
    pub region: RegionId,
    /// `None` means images of all types.
    pub image_type: Option<ImageType>,
    /// `None` means all images.
    pub image_ids: Option<Vec<String>>,
}

/// An image that servers are created from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub struct Image {
    /// Never empty.
    #[serde(deserialize_with = "required_string")]
    pub image_id: String,
    #[serde(default, deserialize_with = "string_or_default")]
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
    intern_known(deserializer, Platform::ALL.map(Platform::as_str))
}

/// The response.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListImagesResponse {
    images: StrictList<Arc<Image>>,
}

impl Operation for ListImages {
    type Response = ListImagesResponse;
    type Output = Sorted;

    const ACTION: &'static str = "ListImages";

    fn region(&self) -> &RegionId {
        &self.region
    }

    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::from([("RegionId", self.region.to_string())]);
        if let Some(image_type) = self.image_type {
            parameters.insert("ImageType", image_type.as_str().to_owned());
        }
        if let Some(ids) = &self.image_ids {
            parameters.insert("ImageIds", serde_json::json!(ids).to_string());
        }
        parameters
    }

    fn into_output(response: ListImagesResponse) -> Sorted {
        response.images.0.into_iter().collect()
    }

    /// Rejects a list in which no image is of the requested type: filtered, it would be
    /// empty.
    fn check(&self, images: &Sorted) -> Result<(), String> {
        let requested = self.image_type.filter(|_| self.image_ids.is_none());
        let Some(requested) = requested.map(ImageType::as_str) else {
            return Ok(());
        };
        let mut types = images.iter().map(|image| &*image.image_type);
        match types.next() {
            Some(first)
                if types
                    .chain([first])
                    .all(|one| !["", requested].contains(&one)) =>
            {
                Err(format!(
                    "it has only images of other types, such as {}, though {requested} was \
                     requested",
                    debug_quote(first)
                ))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_ids_are_a_json_array_in_a_string() {
        let query = ListImages {
            region: "cn-hangzhou".parse().unwrap(),
            image_type: Some(ImageType::System),
            image_ids: Some(vec!["a\"b".to_owned(), "镜像".to_owned()]),
        };
        let expected = [
            ("ImageIds", r#"["a\"b","镜像"]"#),
            ("ImageType", "system"),
            ("RegionId", "cn-hangzhou"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(query.parameters(), expected.into());
    }

    #[test]
    fn response_without_list_of_named_images_is_malformed() {
        for malformed in [
            "{}",
            r#"{"Images": null}"#,
            r#"{"Images": {}}"#,
            r#"{"Images": "none"}"#,
            r#"{"Images": [{}]}"#,
            r#"{"Images": [["a", "name", "system", "Linux", ""]]}"#,
            r#"{"Images": [null]}"#,
            r#"{"Images": [{"ImageId": ""}]}"#,
            r#"{"Images": [{"ImageId": null}]}"#,
            r#"{"Images": [{"ImageId": 7}]}"#,
            r#"{"Images": [{"ImageId": "a", "ImageName": 7}]}"#,
        ] {
            assert!(
                serde_json::from_str::<ListImagesResponse>(malformed).is_err(),
                "{malformed}"
            );
        }
    }

    #[test]
    fn response_with_unknown_fields_and_values_is_accepted() {
        let response = r#"{"RequestId": "R", "More": [1], "Images": [
            {"ImageId": "a", "ImageType": "quantum", "Platform": "Plan9", "Size": {"GiB": 1}}]}"#;
        let response: ListImagesResponse = serde_json::from_str(response).unwrap();
        let expected = Image {
            image_id: "a".to_owned(),
            image_name: String::new(),
            image_type: "quantum".into(),
            platform: "Plan9".into(),
            description: String::new(),
        };
        assert_eq!(response.images.0, [Arc::new(expected)]);
    }
}
