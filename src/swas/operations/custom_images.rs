//! The operation `ListCustomImages`, page by page.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

use aliyun::client::Operation;
use aliyun::rpc::number::{self, ApiNumber};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::{Scalar, StrictList, required_string, string_or_default};

/// Images per page: the maximum of the API.
pub const PAGE_SIZE: usize = 100;

/// The maximum number of images that are read.
const MOST_IMAGES: usize = 10_000;

/// The maximum length of a page, in bytes of its texts: ten times what a page has. All
/// pages are in memory together.
const LARGEST_PAGE: usize = 512 * 1024;

/// Selects the custom images that the API lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomImagesQuery {
    pub region: RegionId,
    /// Lists images that other accounts share with this one too.
    pub include_shared: bool,
}

/// Requests one page of a list of custom images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCustomImages {
    pub query: CustomImagesQuery,
    /// Counted from 1.
    pub page: usize,
    /// Discards the pages that were read before.
    pub is_new: bool,
}

/// An image of the account, or one that another account shares with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CustomImage {
    /// Never empty.
    #[serde(deserialize_with = "required_string")]
    pub image_id: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub description: String,
    /// In the form of RFC 3339.
    #[serde(default, deserialize_with = "string_or_default")]
    pub creation_time: String,
    /// A number as text: `0` copying, `1` available, `2` unavailable, `3` failed to
    /// be made, `4` being made.
    #[serde(default, deserialize_with = "string_or_default")]
    pub status: String,
    /// `Linux`, `Windows`, or what the API may add.
    #[serde(default, deserialize_with = "string_or_default")]
    pub os_type: String,
    /// GiB.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub required_system_disk_size: Option<ApiNumber>,
    /// GiB.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub required_data_disk_size: Option<ApiNumber>,
    /// The image that it was made from.
    #[serde(default, deserialize_with = "string_or_default")]
    pub source_image_name: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub source_image_version: String,
    /// Shared with Elastic Compute Service.
    #[serde(default)]
    pub in_share: Option<bool>,
    /// Shared across accounts. The API's documentation leaves open in which direction:
    /// this does not tell own images from others.
    #[serde(default, deserialize_with = "flag")]
    pub in_share_user: Option<bool>,
    /// The account that owns it. Text, because the API's 64-bit integers do not fit
    /// Terraform's numbers.
    #[serde(default, deserialize_with = "digits")]
    pub user_id: String,
    #[serde(default, deserialize_with = "string_or_default")]
    pub resource_group_id: String,
    /// The server that it was made from.
    #[serde(default, deserialize_with = "string_or_default")]
    pub instance_id: String,
    #[serde(default, deserialize_with = "tags")]
    pub tags: BTreeMap<String, String>,
}

/// A page as it travels.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListCustomImagesResponse {
    #[serde(deserialize_with = "count")]
    total_count: usize,
    #[serde(default, deserialize_with = "count_if_any")]
    page_number: Option<usize>,
    #[serde(default, deserialize_with = "count_if_any")]
    page_size: Option<usize>,
    #[serde(default, deserialize_with = "list")]
    custom_images: Option<Vec<CustomImage>>,
}

/// One page, and the number of images on all pages.
#[derive(Clone, Debug)]
pub struct Page {
    pub total: usize,
    pub number: Option<usize>,
    pub size: Option<usize>,
    /// Each once. `None` if the response has no list.
    pub images: Option<Vec<CustomImage>>,
}

impl Operation for ListCustomImages {
    type Response = ListCustomImagesResponse;
    type Output = Page;

    const ACTION: &'static str = "ListCustomImages";

    fn region(&self) -> &RegionId {
        &self.query.region
    }

    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::from([
            ("RegionId", self.query.region.to_string()),
            ("PageNumber", self.page.to_string()),
            ("PageSize", PAGE_SIZE.to_string()),
        ]);
        if !self.query.include_shared {
            // Without it, the API lists shared images too.
            parameters.insert("Share", "False".to_owned());
        }
        parameters
    }

    fn into_output(response: ListCustomImagesResponse) -> Page {
        let mut images = response.custom_images;
        if let Some(images) = &mut images {
            // Which of two entries with one ID counts must not depend on the order of
            // the API.
            images.sort_unstable();
            images.dedup_by(|one, other| one.image_id == other.image_id);
        }
        Page {
            total: response.total_count,
            number: response.page_number,
            size: response.page_size,
            images,
        }
    }

    /// Rejects a page that contradicts itself or the request. Pages that contradict
    /// each other are found by [`reading`].
    fn check(&self, page: &Page) -> Result<(), String> {
        let (requested, total) = (self.page, page.total);
        if let Some(number) = page.number.filter(|number| *number != requested) {
            return Err(format!(
                "PageNumber is {number}, though page {requested} was requested"
            ));
        }
        if let Some(size) = page.size.filter(|size| *size != PAGE_SIZE) {
            return Err(format!(
                "PageSize is {size}, though {PAGE_SIZE} was requested"
            ));
        }
        if total > MOST_IMAGES {
            let reason = format!("TotalCount is more than {MOST_IMAGES}, which is as many as");
            return Err(format!("{reason} are read"));
        }
        let room = page.room(requested);
        let images = match &page.images {
            None if room > 0 => {
                return Err(format!(
                    "it has no \"CustomImages\", though TotalCount is {total}"
                ));
            }
            None => &[][..],
            Some(images) => images,
        };
        if images.len() > room {
            let length = images.len();
            return Err(format!(
                "page {requested} has {length} images, though TotalCount, {total}, leaves room \
                 for {room} there"
            ));
        }
        let bytes: usize = images.iter().map(CustomImage::bytes).sum();
        if bytes > LARGEST_PAGE {
            return Err(format!("page {requested} is longer than 512 KiB"));
        }
        Ok(())
    }
}

impl Page {
    /// The number of images that page `number` has if TotalCount is right.
    pub fn room(&self, number: usize) -> usize {
        let before = number.saturating_sub(1).saturating_mul(PAGE_SIZE);
        self.total.saturating_sub(before).min(PAGE_SIZE)
    }
}

impl CustomImage {
    /// The length of its texts.
    fn bytes(&self) -> usize {
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
        ];
        let tags = self.tags.iter().flat_map(|(key, value)| [key, value]);
        texts.into_iter().chain(tags).map(String::len).sum()
    }
}

/// A whole number, or its text.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let word = Scalar::deserialize(deserializer)?;
    let unexpected = match word {
        Scalar::Absent => Unexpected::Unit,
        _ => Unexpected::Other("no whole number"),
    };
    whole(&word).ok_or_else(|| D::Error::invalid_type(unexpected, &"a whole number"))
}

/// The same, and `None` for anything else.
fn count_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    Scalar::deserialize(deserializer).map(|word| whole(&word))
}

fn whole(word: &Scalar) -> Option<usize> {
    match word {
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Absent | Scalar::Other => None,
    }
}

/// A list of objects. Null is malformed.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    StrictList::deserialize(deserializer).map(|StrictList(entries)| Some(entries))
}

/// A boolean, or its text. `None` for anything else.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Scalar::Absent | Scalar::Other => None,
    })
}

/// An integer of any length, or its text. Empty for anything else.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let is_number = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => Some(text.trim().to_owned()).filter(is_number),
        Scalar::Absent | Scalar::Other => None,
    }
    .unwrap_or_default())
}

/// Tags by their keys. A key that is blank or has several values is left out, so that
/// no filter selects an image by it.
fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Tag {
        #[serde(default)]
        key: Scalar,
        #[serde(default)]
        value: Scalar,
    }

    let listed = Option::<StrictList<Tag>>::deserialize(deserializer)?;
    let mut tags: BTreeMap<String, Option<String>> = BTreeMap::new();
    for Tag { key, value } in listed.map(|StrictList(tags)| tags).unwrap_or_default() {
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
    let has_meaning = |(key, value): (String, Option<String>)| {
        let value = value.filter(|_| !key.trim().is_empty());
        if value.is_none() {
            tracing::debug!("a tag of a custom image has no key or several values: ignored");
        }
        Some((key, value?))
    };
    Ok(tags.into_iter().filter_map(has_meaning).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(response: &Value) -> Result<Page, String> {
        let response: ListCustomImagesResponse =
            serde_json::from_value(response.clone()).map_err(|it| it.to_string())?;
        Ok(ListCustomImages::into_output(response))
    }

    /// Checks a response to a request for a page.
    fn checked(page: usize, response: &Value) -> Result<(), String> {
        let request = ListCustomImages {
            query: CustomImagesQuery {
                region: "cn-hangzhou".parse().unwrap(),
                include_shared: false,
            },
            page,
            is_new: true,
        };
        request.check(&read(response)?)
    }

    fn images(count: usize) -> Vec<Value> {
        let image = |number| json!({"ImageId": format!("id-{number}")});
        (0..count).map(image).collect()
    }

    fn image(fields: &Value) -> CustomImage {
        let mut image = json!({"ImageId": "a"});
        let entries = fields.as_object().unwrap().clone();
        image.as_object_mut().unwrap().extend(entries);
        serde_json::from_value(image).unwrap()
    }

    #[test]
    fn response_without_a_list_of_named_images_is_malformed() {
        for malformed in [
            json!({}),
            json!({"TotalCount": "0", "CustomImages": null}),
            json!({"TotalCount": 1}),
            json!({"TotalCount": 1, "CustomImages": [{}]}),
            json!({"TotalCount": 1, "CustomImages": [{"ImageId": ""}]}),
            json!({"TotalCount": 1, "CustomImages": [{"ImageId": "a", "InShare": "yes"}]}),
            json!({"TotalCount": 1, "CustomImages": [{"ImageId": "a", "Tags": {}}]}),
        ] {
            assert!(checked(1, &malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn total_count_that_is_missing_wrong_or_too_small_is_malformed() {
        for total in [
            json!(null),
            json!(""),
            json!("many"),
            json!(-1),
            json!(1.5),
            json!(true),
            json!([2]),
            json!(0),
            json!(1),
            json!("1"),
            json!(10_001),
            json!(1e9),
            json!(1e300),
        ] {
            let response = json!({"TotalCount": total, "CustomImages": images(2)});
            assert!(checked(1, &response).is_err(), "{total}");
        }
        let response = json!({"CustomImages": images(2)});
        assert!(checked(1, &response).is_err());
        for total in [json!(2), json!("2"), json!(" 2 "), json!(2.0), json!(3)] {
            let response = json!({"TotalCount": total, "CustomImages": images(2)});
            assert_eq!(checked(1, &response), Ok(()), "{total}");
        }
    }

    #[test]
    fn page_contradicting_its_request_is_malformed() {
        for (page, fields, is_right) in [
            (1, json!({}), true),
            (1, json!({"PageNumber": "1", "PageSize": "100"}), true),
            (1, json!({"PageNumber": 1, "PageSize": 100}), true),
            (1, json!({"PageNumber": null, "PageSize": "?"}), true),
            (1, json!({"PageNumber": 2}), false),
            (2, json!({"PageNumber": "1"}), false),
            (1, json!({"PageSize": 50}), false),
            (1, json!({"PageSize": "10"}), false),
        ] {
            let mut response = json!({"TotalCount": 150, "CustomImages": images(50)});
            let fields = fields.as_object().unwrap().clone();
            response.as_object_mut().unwrap().extend(fields);
            assert_eq!(
                checked(page, &response).is_ok(),
                is_right,
                "{page} {response}"
            );
        }
    }

    #[test]
    fn page_has_no_more_images_than_total_count_leaves() {
        for (page, total, count, is_right) in [
            (1, 0, 0, true),
            (1, 150, 100, true),
            (1, 150, 99, true),
            (2, 150, 50, true),
            (2, 150, 51, false),
            (2, 100, 0, true),
            (2, 100, 1, false),
            (1, 150, 101, false),
        ] {
            let response = json!({"TotalCount": total, "CustomImages": images(count)});
            let case = format!("page {page} of {total} has {count}");
            assert_eq!(checked(page, &response).is_ok(), is_right, "{case}");
        }
    }

    #[test]
    fn list_may_be_absent_where_there_are_no_images() {
        for (page, total, is_right) in [(1, 0, true), (2, 100, true), (2, 101, false)] {
            let response = json!({"TotalCount": total});
            assert_eq!(checked(page, &response).is_ok(), is_right, "{page} {total}");
        }
    }

    #[test]
    fn duplicates_on_a_page_count_once() {
        let twice = json!([{"ImageId": "a", "Name": "b"}, {"ImageId": "a", "Name": "a"}]);
        let page = read(&json!({"TotalCount": 1, "CustomImages": twice})).unwrap();
        let names: Vec<_> = page.images.iter().flatten().map(|it| &it.name).collect();
        assert_eq!(names, ["a"]);
    }

    #[test]
    fn user_id_keeps_every_digit() {
        for (user_id, expected) in [
            (json!(i64::MAX), "9223372036854775807"),
            (json!("9223372036854775807"), "9223372036854775807"),
            (json!(1_234_567_890_123_456_u64), "1234567890123456"),
            (json!(" 12 "), "12"),
            (json!("000123"), "000123"),
            (json!(null), ""),
            (json!("root"), ""),
            (json!(0.5), ""),
            (json!(["1"]), ""),
        ] {
            let image = image(&json!({"UserId": user_id}));
            assert_eq!(image.user_id, expected, "{user_id}");
        }
    }

    #[test]
    fn in_share_user_is_a_boolean_or_its_text() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!("False"), Some(false)),
            (json!(null), None),
            (json!("perhaps"), None),
            (json!(1), None),
        ] {
            let image = image(&json!({"InShareUser": value}));
            assert_eq!(image.in_share_user, expected, "{value}");
        }
    }

    #[test]
    fn tags_without_one_meaning_are_left_out() {
        for (tags, expected) in [
            (json!(null), json!({})),
            (json!([]), json!({})),
            (
                json!([{"Key": "env", "Value": "prod"}, {"Key": "a", "Value": ""}]),
                json!({"env": "prod", "a": ""}),
            ),
            (json!([{"Key": "env"}]), json!({"env": ""})),
            (
                json!([{"Key": "a", "Value": 1}, {"Key": "b", "Value": true}]),
                json!({"a": "1", "b": "true"}),
            ),
            (
                json!([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "1"}]),
                json!({"a": "1"}),
            ),
            (
                json!([
                    {"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"},
                    {"Key": "a", "Value": "1"},
                ]),
                json!({}),
            ),
            (
                json!([{"Key": " ", "Value": "1"}, {"Value": "2"}, {"Key": "a", "Value": {}}]),
                json!({}),
            ),
        ] {
            let image = image(&json!({"Tags": tags}));
            assert_eq!(json!(image.tags), expected, "{tags}");
        }
    }
}
