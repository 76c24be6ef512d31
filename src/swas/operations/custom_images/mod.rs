//! The operation `ListCustomImages`, which returns a list in pages.

pub mod model;

use aliyun::text::debug_quote;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

use super::Share;
use aliyun::client::Operation;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::{Scalar, StrictList};

use model::CustomImage;

/// Images per page: the API's maximum.
pub const PAGE_SIZE: usize = 100;

/// The maximum length of a list.
const MAX_IMAGES: usize = 10_000;

/// The maximum size of a page, see [`CustomImage::bytes`]: ten times the usual size.
const MAX_PAGE_BYTES: usize = 512 * 1024;

/// The maximum size of a list, divided among its pages: all are in memory together.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// Selects the custom images that the API lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomImagesQuery {
    pub region: RegionId,
    /// Includes images that other accounts share with this one.
    pub include_shared: bool,
}

/// Requests one page of a list of custom images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCustomImages {
    pub query: CustomImagesQuery,
    /// Counted from 1.
    pub page: usize,
}

/// Custom images belong to the account.
impl Share for ListCustomImages {}

/// Response of `ListCustomImages`: one page.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Page {
    /// The number of images on all pages.
    #[serde(deserialize_with = "count")]
    pub total_count: usize,
    #[serde(default, deserialize_with = "optional_count")]
    pub page_number: Option<usize>,
    #[serde(default, deserialize_with = "optional_count")]
    pub page_size: Option<usize>,
    /// Sorted, without duplicates. `None` if the response has no list.
    #[serde(default, deserialize_with = "list")]
    pub custom_images: Option<Vec<CustomImage>>,
}

impl Operation for ListCustomImages {
    type Response = Page;
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
            // By default, the API lists shared images too.
            parameters.insert("Share", "False".to_owned());
        }
        parameters
    }

    fn into_output(mut page: Page) -> Page {
        if let Some(images) = &mut page.custom_images {
            // Sorting first makes the choice between duplicates independent of the
            // API's order.
            images.sort_unstable();
            images.dedup_by(|one, other| one.image_id == other.image_id);
        }
        page
    }

    /// Rejects a page that contradicts itself or the request. Contradictions between
    /// pages are detected by the catalog, which reads all pages.
    fn check(&self, page: &Page) -> Result<(), String> {
        let (requested, total) = (self.page, page.total_count);
        if let Some(number) = page.page_number.filter(|number| *number != requested) {
            return Err(format!(
                "PageNumber is {number}, but page {requested} was requested"
            ));
        }
        if let Some(size) = page.page_size.filter(|size| *size != PAGE_SIZE) {
            return Err(format!("PageSize is {size}, but {PAGE_SIZE} was requested"));
        }
        if total > MAX_IMAGES {
            return Err(format!(
                "TotalCount is more than {MAX_IMAGES}, the maximum of this provider"
            ));
        }
        let expected = page.expected_len(requested);
        if page.custom_images.is_none() && expected > 0 {
            return Err(format!(
                "it has no \"CustomImages\", but TotalCount is {total}"
            ));
        }
        let images = page.custom_images.as_deref().unwrap_or_default();
        if images.len() > expected {
            let length = images.len();
            return Err(format!(
                "page {requested} has {length} images, but TotalCount is {total}, which leaves \
                 {expected} for this page"
            ));
        }
        let region = self.query.region.as_str();
        let is_elsewhere = |image: &&CustomImage| !["", region].contains(&&*image.region_id);
        if let Some(image) = images.iter().find(is_elsewhere) {
            let other = debug_quote(&image.region_id);
            return Err(format!(
                "it has images of another region, {other}, but {region} was requested"
            ));
        }
        let bytes: usize = images.iter().map(CustomImage::bytes).sum();
        let pages = total.div_ceil(PAGE_SIZE).max(1);
        let max_bytes = MAX_PAGE_BYTES.min(MAX_LIST_BYTES / pages);
        if bytes > max_bytes {
            let max = max_bytes / 1024;
            return Err(format!("page {requested} is longer than {max} KiB"));
        }
        Ok(())
    }
}

impl Page {
    /// The expected number of images on page `number`, by TotalCount.
    pub fn expected_len(&self, number: usize) -> usize {
        let before = number.saturating_sub(1).saturating_mul(PAGE_SIZE);
        self.total_count.saturating_sub(before).min(PAGE_SIZE)
    }
}

/// Deserializes a whole number or its text.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let scalar = Scalar::deserialize(deserializer)?;
    let unexpected = match scalar {
        Scalar::Absent => Unexpected::Unit,
        _ => Unexpected::Other("no whole number"),
    };
    let count = scalar.as_count();
    count.ok_or_else(|| D::Error::invalid_type(unexpected, &"a whole number"))
}

/// Deserializes a whole number or its text; `None` for anything else.
fn optional_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let scalar = Scalar::deserialize(deserializer)?;
    let count = scalar.as_count();
    if count.is_none() && scalar != Scalar::Absent {
        tracing::debug!("ignoring a value that is not a whole number");
    }
    Ok(count)
}

/// Deserializes a list of at most [`PAGE_SIZE`] objects. Null is malformed.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let list = StrictList::<T, PAGE_SIZE>::deserialize(deserializer);
    list.map(|StrictList(entries)| Some(entries))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn decode(response: &Value) -> Result<Page, String> {
        let page = serde_json::from_value(response.clone()).map_err(|it| it.to_string())?;
        Ok(ListCustomImages::into_output(page))
    }

    /// Decodes and checks a response to the request for `page`.
    fn check_page(page: usize, response: &Value) -> Result<(), String> {
        let request = ListCustomImages {
            query: CustomImagesQuery {
                region: "cn-hangzhou".parse().unwrap(),
                include_shared: false,
            },
            page,
        };
        request.check(&decode(response)?)
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
    fn response_without_list_of_named_images_is_malformed() {
        for malformed in [
            json!({}),
            json!({"TotalCount": "0", "CustomImages": null}),
            json!({"TotalCount": 1}),
            json!({"TotalCount": 1, "CustomImages": [{}]}),
            json!({"TotalCount": 1, "CustomImages": [{"ImageId": ""}]}),
            json!({"TotalCount": 1, "CustomImages": {}}),
            json!({"TotalCount": 1, "CustomImages": "[{\"ImageId\": \"a\"}]"}),
            json!({"TotalCount": 1, "CustomImages": [{"ImageId": 7}]}),
        ] {
            assert!(check_page(1, &malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn total_count_missing_invalid_or_too_small_is_malformed() {
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
            assert!(check_page(1, &response).is_err(), "{total}");
        }
        let response = json!({"CustomImages": images(2)});
        assert!(check_page(1, &response).is_err());
        for total in [json!(2), json!("2"), json!(" 2 "), json!(2.0), json!(3)] {
            let response = json!({"TotalCount": total, "CustomImages": images(2)});
            assert_eq!(check_page(1, &response), Ok(()), "{total}");
        }
    }

    #[test]
    fn page_number_or_size_other_than_requested_is_malformed() {
        for (page, fields, is_valid) in [
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
                check_page(page, &response).is_ok(),
                is_valid,
                "{page} {response}"
            );
        }
    }

    #[test]
    fn page_longer_than_total_count_allows_is_malformed() {
        for (page, total, count, is_valid) in [
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
            assert_eq!(check_page(page, &response).is_ok(), is_valid, "{case}");
        }
    }

    #[test]
    fn page_larger_than_its_part_of_a_list_is_malformed() {
        let page = |tags: usize, length: usize| {
            let value = "a".repeat(length);
            let tags: Vec<_> = (0..tags)
                .map(|key| json!({"Key": key, "Value": value}))
                .collect();
            let image = |id| json!({"ImageId": format!("id-{id}"), "Tags": tags});
            (0..100).map(image).collect::<Vec<_>>()
        };
        for (total, page, expected) in [
            (100, page(90, 0), Ok(())),
            (100, page(90, 9), Err("page 1 is longer than 512 KiB")),
            (10_000, page(10, 0), Ok(())),
            (10_000, page(90, 0), Err("page 1 is longer than 81 KiB")),
        ] {
            let response = json!({"TotalCount": total, "CustomImages": page});
            let result = check_page(1, &response);
            assert_eq!(result, expected.map_err(str::to_owned), "{total}");
        }
    }

    #[test]
    fn list_absent_on_empty_page_is_accepted() {
        for (page, total, is_valid) in [(1, 0, true), (2, 100, true), (2, 101, false)] {
            let response = json!({"TotalCount": total});
            assert_eq!(
                check_page(page, &response).is_ok(),
                is_valid,
                "{page} {total}"
            );
        }
    }

    #[test]
    fn page_with_duplicates_keeps_one() {
        let twice = json!([{"ImageId": "a", "Name": "b"}, {"ImageId": "a", "Name": "a"}]);
        let page = decode(&json!({"TotalCount": 1, "CustomImages": twice})).unwrap();
        let images = page.custom_images.iter();
        let names: Vec<_> = images.flatten().map(|it| &it.name).collect();
        assert_eq!(names, ["a"]);
    }

    #[test]
    fn user_id_of_64_bits_keeps_every_digit() {
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
    fn tags_blank_or_ambiguous_are_omitted() {
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
