//! The operation `ListImages`, for any number of images.

mod sorted;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use aliyun::client::Operation;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::{StrictList, intern_known, required_string, string_or_default};

pub use sorted::Sorted;

/// The most IDs that one call takes.
pub const MOST_IDS: usize = 50;

/// A kind of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageType {
    /// An operating system.
    System,
    /// An application on one.
    App,
    /// Made by the account, or shared with it.
    Custom,
}

impl ImageType {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::System, Self::App, Self::Custom];

    /// The API's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::App => "app",
            Self::Custom => "custom",
        }
    }
}

/// What an image runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
}

impl Platform {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::Linux, Self::Windows];

    /// The API's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }
}

/// Asks for images: a read for any number of them, a call for at most
/// [`MOST_IDS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListImages {
    /// The region.
    pub region: RegionId,
    /// Only images of this type.
    pub image_type: Option<ImageType>,
    /// Only these images. None means all.
    pub image_ids: Option<Vec<String>>,
}

/// An image: what a server is made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub struct Image {
    /// Names the image to the API. Never empty.
    #[serde(deserialize_with = "required_string")]
    pub image_id: String,
    /// Names the image to people.
    #[serde(default, deserialize_with = "string_or_default")]
    pub image_name: String,
    /// `system`, `app`, `custom`, or what the API may add.
    #[serde(default, deserialize_with = "image_type")]
    pub image_type: Cow<'static, str>,
    /// `Linux`, `Windows`, or what the API may add.
    #[serde(default, deserialize_with = "platform")]
    pub platform: Cow<'static, str>,
    /// What the image is for; most have nothing to say.
    #[serde(default, deserialize_with = "string_or_default")]
    pub description: String,
}

fn image_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    intern_known(deserializer, ImageType::ALL.map(ImageType::as_str))
}

fn platform<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    intern_known(deserializer, Platform::ALL.map(Platform::as_str))
}

/// The part of the response that matters.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sent_as_a_json_array_in_text() {
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
    fn an_answer_without_a_list_of_named_images_is_malformed() {
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
    fn fields_that_are_not_known_and_values_of_the_future_pass() {
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
