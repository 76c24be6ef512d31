//! The operation `ListImages`.
//!
//! - `model`: images
//! - `sorted`: images in the order of lists

pub mod model;
pub mod sorted;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use aliyun::client::Operation;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::StrictList;
use aliyun::text::debug_quote;

use super::Share;
use model::{Image, ImageType};
use sorted::Sorted;

/// The API's maximum number of IDs in one call.
pub const MAX_IDS: usize = 50;

/// The API's error code for an image type that does not exist.
pub const INVALID_IMAGE_TYPE: &str = "InvalidImageType.ValueNotSupported";

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

/// Response of `ListImages`.
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

    fn entries(response: &ListImagesResponse) -> Option<usize> {
        Some(response.images.0.len())
    }

    fn into_output(response: ListImagesResponse) -> Sorted {
        response.images.0.into_iter().collect()
    }

    /// Rejects a list without an image of the requested type: filtering would make it
    /// empty.
    fn check(&self, images: &Sorted) -> Result<(), String> {
        let requested = self.image_type.filter(|_| self.image_ids.is_none());
        let Some(requested) = requested.map(ImageType::as_str) else {
            return Ok(());
        };
        let is_other = |image: &Arc<Image>| !["", requested].contains(&&*image.image_type);
        match images.first() {
            Some(first) if images.iter().all(is_other) => Err(format!(
                "it has only images of other types, such as {}, but {requested} was requested",
                debug_quote(&first.image_type)
            )),
            _ => Ok(()),
        }
    }
}

/// Lists of everything but custom images are shared.
impl Share for ListImages {
    fn is_shared(&self) -> bool {
        self.image_ids.is_none() && self.image_type != Some(ImageType::Custom)
    }

    fn shared_body(&self, images: &Sorted) -> Option<Vec<u8>> {
        // In a list of all types, an image without a type can be a custom one.
        let is_typed = |image: &Arc<Image>| !image.image_type.is_empty();
        if self.image_type.is_none() && !images.iter().all(is_typed) {
            return None;
        }
        let custom = ImageType::Custom.as_str();
        let public: Vec<_> = images
            .iter()
            .filter(|image| image.image_type != custom)
            .collect();
        serde_json::to_vec(&BTreeMap::from([("Images", public)])).ok()
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
