//! The operation `ListCustomImages`, page by page.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use super::amount::{self, Amount};
use super::call::Operation;
use super::lookups::{Lookup, Waiting};
use super::record::{Records, not_empty, or_empty};
use super::region::RegionId;
use super::signature::Parameters;

/// How many images a page has, which is the most that the API gives.
const PAGE_SIZE: usize = 100;

/// The most images that are read, which is also to say that pages have an end.
const MOST_IMAGES: usize = 10_000;

/// The longest page, in bytes of its texts: ten times what a page has. All pages are
/// in memory together.
const LARGEST_PAGE: usize = 512 * 1024;

/// Asks for one page of the account's own images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCustomImages {
    region: RegionId,
    /// Counted from 1.
    page: usize,
}

/// An image of the account's own, or shared with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CustomImage {
    /// Names the image to the API. Never empty.
    #[serde(deserialize_with = "not_empty")]
    pub image_id: String,
    /// Names the image to people.
    #[serde(default, deserialize_with = "or_empty")]
    pub name: String,
    /// What people say of it.
    #[serde(default, deserialize_with = "or_empty")]
    pub description: String,
    /// In the form of RFC 3339.
    #[serde(default, deserialize_with = "or_empty")]
    pub creation_time: String,
    /// A number as text: `0` copying, `1` available, `2` unavailable, `3` failed to
    /// be made, `4` being made.
    #[serde(default, deserialize_with = "or_empty")]
    pub status: String,
    /// `Linux`, `Windows`, or what the API may add.
    #[serde(default, deserialize_with = "or_empty")]
    pub os_type: String,
    /// GiB.
    #[serde(default, deserialize_with = "amount::if_any")]
    pub required_system_disk_size: Option<Amount>,
    /// GiB.
    #[serde(default, deserialize_with = "amount::if_any")]
    pub required_data_disk_size: Option<Amount>,
    /// The image that it was made from.
    #[serde(default, deserialize_with = "or_empty")]
    pub source_image_name: String,
    /// The version of that image.
    #[serde(default, deserialize_with = "or_empty")]
    pub source_image_version: String,
    /// Whether it is shared with Elastic Compute Service.
    #[serde(default)]
    pub in_share: Option<bool>,
}

/// One page, and how many images there are on all of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Page {
    #[serde(default, deserialize_with = "amount::if_any")]
    total_count: Option<Amount>,
    custom_images: Records<CustomImage>,
}

impl Operation for ListCustomImages {
    type Answer = Page;
    type Output = Page;

    const ACTION: &'static str = "ListCustomImages";

    fn region(&self) -> &RegionId {
        &self.region
    }

    fn parameters(&self) -> Parameters {
        Parameters::from([
            ("RegionId", self.region.to_string()),
            ("PageNumber", self.page.to_string()),
            ("PageSize", PAGE_SIZE.to_string()),
        ])
    }

    fn output(page: Page) -> Page {
        page
    }

    /// A list that is shorter than it is said to be would be taken for the whole.
    fn check(&self, page: &Page) -> Result<(), String> {
        let Records(images) = &page.custom_images;
        let before = (self.page - 1) * PAGE_SIZE;
        if let Some(total) = page.total_count {
            if total > Amount::from(MOST_IMAGES) {
                let reason = format!("TotalCount is more than {MOST_IMAGES}, which is as many as");
                return Err(format!("{reason} are read"));
            }
            if images.len() < PAGE_SIZE && Amount::from(before + images.len()) < total {
                let (length, page) = (images.len(), self.page);
                return Err(format!(
                    "page {page} has {length} of {PAGE_SIZE} images, though TotalCount tells of more"
                ));
            }
        }
        if before >= MOST_IMAGES {
            return Err(format!("it goes on after {MOST_IMAGES} images"));
        }
        let bytes: usize = images.iter().map(CustomImage::bytes).sum();
        if bytes > LARGEST_PAGE {
            return Err(format!("page {} is longer than 512 KiB", self.page));
        }
        Ok(())
    }
}

impl CustomImage {
    /// How long its texts are.
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
        ];
        texts.into_iter().map(String::len).sum()
    }
}

/// Looks up all images of the account's own in a region, each once, the newest
/// first and then by ID.
#[derive(Debug)]
pub struct CustomImages;

/// The pages that were read one after the other.
#[derive(Debug, Default)]
pub struct Pages {
    /// When the first of them was asked for: what they tell is as old as that.
    /// None when there are none.
    sent: Option<Instant>,
    read: usize,
    total: Option<Amount>,
    images: Vec<CustomImage>,
    /// What all pages hold, once there are no more.
    all: Option<Arc<[CustomImage]>>,
}

impl Pages {
    fn add(&mut self, page: Page) {
        let Records(images) = page.custom_images;
        let length = images.len();
        self.images.extend(images);
        self.read += 1;
        let is_last = match self.total {
            Some(total) => Amount::from(self.images.len()) >= total,
            None => length < PAGE_SIZE,
        };
        if is_last {
            self.all = Some(newest_first(std::mem::take(&mut self.images)));
        }
    }
}

fn newest_first(mut images: Vec<CustomImage>) -> Arc<[CustomImage]> {
    // An image may come twice. Which of the two counts must not depend on the
    // API's order.
    images.sort_unstable();
    images.dedup_by(|one, other| one.image_id == other.image_id);
    images.sort_by_cached_key(|image| {
        let text = &image.creation_time;
        // The text by itself orders times that leave out the seconds.
        Reverse((OffsetDateTime::parse(text, &Rfc3339).ok(), text.clone()))
    });
    images.into()
}

impl Lookup for CustomImages {
    type Scope = RegionId;
    type Need = RegionId;
    type Found = Arc<[CustomImage]>;
    type Call = ListCustomImages;
    type Answer = Page;
    type Known = Pages;

    fn scope(region: &RegionId) -> RegionId {
        region.clone()
    }

    fn find(known: &Pages, _: &RegionId, oldest: Instant) -> Option<Arc<[CustomImage]>> {
        let is_fresh = known.sent.is_some_and(|sent| sent >= oldest);
        known.all.clone().filter(|_| is_fresh)
    }

    /// The next page, or the first one where those that were read are too old.
    fn call(known: &Pages, waiting: &[Waiting<'_, RegionId>]) -> ListCustomImages {
        let first = &waiting[0];
        let goes_on = known.all.is_none() && known.sent.is_some_and(|sent| sent >= first.oldest);
        ListCustomImages {
            region: first.need.clone(),
            page: if goes_on { known.read + 1 } else { 1 },
        }
    }

    fn serves(_: &ListCustomImages, _: &RegionId) -> bool {
        true
    }

    /// Where an image came or went between two pages, which moves others to
    /// another page, it begins anew.
    fn learn(known: &mut Pages, call: &ListCustomImages, sent: Instant, page: Page) {
        if call.page == 1 {
            *known = Pages {
                sent: Some(sent),
                total: page.total_count,
                ..Pages::default()
            };
        } else if page.total_count != known.total {
            *known = Pages::default();
            return;
        }
        known.add(page);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn page(ids: std::ops::Range<usize>, total: Option<usize>) -> Page {
        let images = ids.map(|id| {
            serde_json::json!({
                "ImageId": format!("id-{id}"),
                "CreationTime": format!("2026-01-01T00:00:{:02}Z", id % 60),
            })
        });
        let images: Vec<_> = images.collect();
        let page = serde_json::json!({
            "CustomImages": images,
            "TotalCount": total.map(|total| total.to_string()),
        });
        serde_json::from_value(page).unwrap()
    }

    /// Reads until all is known; returns the pages that were asked for.
    fn read(known: &mut Pages, now: Instant, images: usize, tells_total: bool) -> Vec<usize> {
        let need = "cn-hangzhou".parse().unwrap();
        let mut asked = Vec::new();
        while CustomImages::find(known, &need, now).is_none() {
            let waiting = Waiting {
                need: &need,
                oldest: now,
            };
            let call = CustomImages::call(known, &[waiting]);
            let ids = images.min((call.page - 1) * 100)..images.min(call.page * 100);
            let answer = page(ids, tells_total.then_some(images));
            CustomImages::learn(known, &call, now, answer);
            asked.push(call.page);
            assert!(asked.len() < 10, "no end: {asked:?}");
        }
        asked
    }

    #[tokio::test(start_paused = true)]
    async fn each_page_is_asked_for_once() {
        let now = Instant::now();
        for (images, tells_total, expected) in [
            (0, true, &[1][..]),
            (0, false, &[1]),
            (100, true, &[1]),
            (100, false, &[1, 2]),
            (101, true, &[1, 2]),
            (230, true, &[1, 2, 3]),
            (230, false, &[1, 2, 3]),
        ] {
            let known = &mut Pages::default();
            assert_eq!(read(known, now, images, tells_total), expected);
            assert_eq!(known.all.as_ref().unwrap().len(), images);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pages_that_are_too_old_or_of_another_list_are_asked_for_again() {
        let begin = Instant::now();
        let known = &mut Pages::default();
        let later = begin + Duration::from_secs(2);
        let first = ListCustomImages {
            region: "cn-hangzhou".parse().unwrap(),
            page: 1,
        };
        CustomImages::learn(known, &first, begin, page(0..100, Some(230)));
        assert_eq!(read(known, later, 230, true), [1, 2, 3]);
        CustomImages::learn(known, &first, later, page(0..100, Some(231)));
        // The second page tells of fewer images than the first.
        assert_eq!(read(known, later, 230, true), [2, 1, 2, 3]);
    }

    #[test]
    fn an_answer_without_a_list_of_named_images_is_malformed() {
        for malformed in [
            "{}",
            r#"{"TotalCount": "0", "CustomImages": null}"#,
            r#"{"CustomImages": [{}]}"#,
            r#"{"CustomImages": [{"ImageId": ""}]}"#,
            r#"{"CustomImages": [{"ImageId": "a", "InShare": "yes"}]}"#,
        ] {
            assert!(
                serde_json::from_str::<Page>(malformed).is_err(),
                "{malformed}"
            );
        }
    }
}
