//! Coalesces reads of one list of custom images.

mod reading;

use std::cmp::Reverse;
use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use super::lookups::{Lookup, Waiting};
use crate::swas::operations::custom_images::{
    CustomImage, CustomImagesQuery, ListCustomImages, Page,
};
use aliyun::rpc::error::Changed;
use reading::Reading;

/// Looks up all custom images of a region, each once, the newest first and then by ID.
#[derive(Debug)]
pub struct CustomImages;

/// The last list.
#[derive(Debug, Default)]
pub enum Known {
    #[default]
    Nothing,
    Part {
        /// When the first request was sent.
        sent: Instant,
        reading: Reading,
    },
    Whole {
        /// When the first request was sent.
        sent: Instant,
        images: Arc<[CustomImage]>,
    },
}

impl Lookup for CustomImages {
    type Scope = CustomImagesQuery;
    type Need = CustomImagesQuery;
    type Found = Arc<[CustomImage]>;
    type Call = ListCustomImages;
    type Answer = Page;
    type Known = Known;

    fn scope(query: &CustomImagesQuery) -> CustomImagesQuery {
        query.clone()
    }

    fn find(known: &Known, _: &CustomImagesQuery, oldest: Instant) -> Option<Arc<[CustomImage]>> {
        match known {
            Known::Whole { sent, images } if *sent >= oldest => Some(Arc::clone(images)),
            _ => None,
        }
    }

    /// The next page, or the first one if those that were read are too old.
    fn call(known: &Known, waiting: &[Waiting<'_, CustomImagesQuery>]) -> ListCustomImages {
        let first = &waiting[0];
        let query = first.need.clone();
        match known {
            Known::Part { sent, reading } if *sent >= first.oldest => ListCustomImages {
                query,
                page: reading.next(),
                is_new: false,
            },
            _ => ListCustomImages {
                query,
                page: 1,
                is_new: true,
            },
        }
    }

    fn serves(_: &ListCustomImages, _: &CustomImagesQuery) -> bool {
        true
    }

    fn learn(
        known: &mut Known,
        call: &ListCustomImages,
        sent: Instant,
        page: Page,
    ) -> Result<(), Changed> {
        if call.is_new {
            *known = Known::Part {
                sent,
                reading: Reading::default(),
            };
        }
        // A call that is not new continues a part.
        let Known::Part { sent, reading } = known else {
            return Ok(());
        };
        let sent = *sent;
        match reading.add(page) {
            Ok(None) => Ok(()),
            Ok(Some(images)) => {
                let images = newest_first(images);
                *known = Known::Whole { sent, images };
                Ok(())
            }
            Err(changed) => {
                if changed.is_final() {
                    *known = Known::Nothing;
                }
                Err(changed)
            }
        }
    }
}

fn newest_first(mut images: Vec<CustomImage>) -> Arc<[CustomImage]> {
    images.sort_unstable();
    images.sort_by_cached_key(|image| {
        let text = &image.creation_time;
        // The text by itself orders times that leave out the seconds.
        Reverse((OffsetDateTime::parse(text, &Rfc3339).ok(), text.clone()))
    });
    images.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use aliyun::client::Operation;

    fn query() -> CustomImagesQuery {
        CustomImagesQuery {
            region: "cn-hangzhou".parse().unwrap(),
            include_shared: false,
        }
    }

    fn page(number: usize, total: usize) -> Page {
        let ids = total.min((number - 1) * 100)..total.min(number * 100);
        let image = |id| json!({"ImageId": id, "CreationTime": format!("2026-01-01T00:{id}Z")});
        let images: Vec<_> = ids.map(|id| image(format!("{id:03}"))).collect();
        let answer = json!({"TotalCount": total, "CustomImages": images});
        ListCustomImages::into_output(serde_json::from_value(answer).unwrap())
    }

    fn call(known: &Known, oldest: Instant) -> ListCustomImages {
        let need = &query();
        CustomImages::call(known, &[Waiting { need, oldest }])
    }

    /// Reads lists of these lengths, one for each request, until there is a list or an
    /// error. Returns the requested pages and the number of images.
    fn read(
        known: &mut Known,
        now: Instant,
        mut totals: impl Iterator<Item = usize>,
    ) -> (Vec<usize>, Option<usize>) {
        let mut requested = Vec::new();
        loop {
            if let Some(images) = CustomImages::find(known, &query(), now) {
                return (requested, Some(images.len()));
            }
            let call = call(known, now);
            requested.push(call.page);
            let answer = page(call.page, totals.next().unwrap());
            match CustomImages::learn(known, &call, now, answer) {
                Err(changed) if changed.is_final() => return (requested, None),
                _ => {}
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn list_is_served_until_it_expires() {
        let now = Instant::now();
        let known = &mut Known::default();
        let second = Duration::from_secs(1);
        let pages = read(known, now, std::iter::repeat(150));
        assert_eq!(pages, (vec![1, 2, 1], Some(150)));
        let pages = read(known, now, std::iter::repeat(150));
        assert_eq!(pages, (vec![], Some(150)));
        let pages = read(known, now + second, std::iter::repeat(10));
        assert_eq!(pages, (vec![1], Some(10)));
    }

    #[tokio::test(start_paused = true)]
    async fn pages_that_are_too_old_are_requested_again() {
        let begin = Instant::now();
        let known = &mut Known::default();
        let first = call(known, begin);
        CustomImages::learn(known, &first, begin, page(1, 230)).unwrap();
        assert_eq!(call(known, begin).page, 3);
        let later = begin + Duration::from_secs(2);
        let pages = read(known, later, std::iter::repeat(230));
        assert_eq!(pages, (vec![1, 3, 2, 1], Some(230)));
    }

    #[tokio::test(start_paused = true)]
    async fn list_that_keeps_changing_is_read_three_times_by_each_read() {
        let now = Instant::now();
        let known = &mut Known::default();
        for _ in 0..2 {
            let pages = read(known, now, [150, 151].into_iter().cycle());
            assert_eq!(pages, (vec![1, 2, 1, 2, 1, 2], None));
        }
        let pages = read(
            known,
            now,
            [150, 151].into_iter().chain(std::iter::repeat(151)),
        );
        assert_eq!(pages, (vec![1, 2, 1, 2, 1], Some(151)));
    }

    #[test]
    fn images_come_the_newest_first_in_any_order_of_the_api() {
        let image = |id: &str, time: &str| -> CustomImage {
            serde_json::from_value(json!({"ImageId": id, "CreationTime": time})).unwrap()
        };
        let mut images = vec![
            image("c", "2026-05-01T16:00:00Z"),
            image("a", "2026-05-02T00:00:00+08:00"),
            image("b", "2026-05-02T00:00:00Z"),
            image("d", ""),
        ];
        for _ in 0..2 {
            let sorted = newest_first(images.clone());
            let ids: Vec<_> = sorted.iter().map(|it| it.image_id.as_str()).collect();
            assert_eq!(ids[..1], ["b"]);
            assert_eq!(ids[3..], ["d"]);
            images.reverse();
        }
    }
}
