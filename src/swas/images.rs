//! The operation `ListImages`, for any number of images.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;

use super::client::{Client, Error, Operation};
use super::record::{Record, not_empty, or_empty};
use super::region::RegionId;
use super::signature::Parameters;

/// The most IDs that one call takes.
const MOST_IDS: usize = 50;

/// The most calls that are made for one query at the same time.
const MOST_CALLS: usize = 8;

/// A kind of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Asks for images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListImages {
    /// The region.
    pub region: RegionId,
    /// Only images of this type.
    pub image_type: Option<ImageType>,
    /// Only these images. None means all.
    pub image_ids: Option<Vec<String>>,
}

impl Client {
    /// The images that match, each once, ordered by ID.
    ///
    /// Any number of IDs: they go in batches of what one call takes, a few
    /// batches at a time. No ID at all is no call.
    ///
    /// # Errors
    ///
    /// When one of the calls fails, as [`Client::call`].
    pub async fn images(&self, query: &ListImages) -> Result<Vec<Image>, Error> {
        let Some(ids) = &query.image_ids else {
            return Ok(distinct(self.call(query).await?));
        };
        let calls: Vec<_> = ids
            .chunks(MOST_IDS)
            .map(|ids| ListImages {
                region: query.region.clone(),
                image_type: query.image_type,
                image_ids: Some(ids.to_vec()),
            })
            .collect();
        let answers = stream::iter(calls)
            .map(|call| async move { self.call(&call).await })
            .buffered(MOST_CALLS);
        let mut images = distinct(answers.try_concat().await?);
        let asked: HashSet<_> = ids.iter().collect();
        images.retain(|image| asked.contains(&image.image_id));
        Ok(images)
    }
}

/// One entry per ID, whatever the order in which they came.
fn distinct(mut images: Vec<Image>) -> Vec<Image> {
    images.sort_unstable();
    images.dedup_by(|one, other| one.image_id == other.image_id);
    images
}

/// An image: what a server is made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub struct Image {
    /// Names the image to the API. Never empty.
    #[serde(deserialize_with = "not_empty")]
    pub image_id: String,
    /// Names the image to people.
    #[serde(default, deserialize_with = "or_empty")]
    pub image_name: String,
    /// `system`, `app`, `custom`, or what the API may add.
    #[serde(default, deserialize_with = "or_empty")]
    pub image_type: String,
    /// `Linux`, `Windows`, or what the API may add.
    #[serde(default, deserialize_with = "or_empty")]
    pub platform: String,
    /// What the image is for; most have nothing to say.
    #[serde(default, deserialize_with = "or_empty")]
    pub description: String,
}

/// The part of the answer that matters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    images: Vec<Record<Image>>,
}

impl Operation for ListImages {
    type Answer = Answer;
    type Output = Vec<Image>;

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

    fn output(answer: Answer) -> Vec<Image> {
        answer
            .images
            .into_iter()
            .map(|Record(image)| image)
            .collect()
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
    fn each_image_comes_once_in_whatever_order_they_came() {
        let image = |id: &str, name: &str| Image {
            image_id: id.to_owned(),
            image_name: name.to_owned(),
            image_type: "system".to_owned(),
            platform: "Linux".to_owned(),
            description: String::new(),
        };
        let images = [image("b", "x"), image("a", "y"), image("a", "z")];
        let expected = [image("a", "y"), image("b", "x")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]] {
            let images = order.map(|place| images[place].clone()).to_vec();
            assert_eq!(distinct(images), expected);
        }
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
                serde_json::from_str::<Answer>(malformed).is_err(),
                "{malformed}"
            );
        }
    }

    #[test]
    fn fields_that_are_not_known_and_values_of_the_future_pass() {
        let answer = r#"{"RequestId": "R", "More": [1], "Images": [
            {"ImageId": "a", "ImageType": "quantum", "Platform": "Plan9", "Size": {"GiB": 1}}]}"#;
        let answer: Answer = serde_json::from_str(answer).unwrap();
        let expected = Image {
            image_id: "a".to_owned(),
            image_name: String::new(),
            image_type: "quantum".to_owned(),
            platform: "Plan9".to_owned(),
            description: String::new(),
        };
        assert_eq!(answer.images, [Record(expected)]);
    }
}
