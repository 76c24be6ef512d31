//! Cache and batching of reads of custom images.

mod pagination;

use std::cmp::Reverse;
use std::sync::Arc;

use tokio::time::Instant;

use super::lookups::{Lookup, Waiting};
use crate::swas::catalog::error::Changed;
use crate::swas::operations::custom_images::{
    CustomImagesQuery, ListCustomImages, Page, model::CustomImage,
};
use pagination::Pagination;

/// Reads of all custom images of a region, the newest first, then by ID.
#[derive(Debug)]
pub struct CustomImages;

/// The cached list.
#[derive(Debug, Default)]
pub enum CachedList {
    #[default]
    Empty,
    Partial {
        /// When the first request was sent.
        sent: Instant,
        pagination: Pagination,
    },
    Complete {
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
    type Known = CachedList;

    fn scope(query: &CustomImagesQuery) -> CustomImagesQuery {
        query.clone()
    }

    fn find(
        cached: &CachedList,
        _: &CustomImagesQuery,
        oldest: Instant,
    ) -> Option<Arc<[CustomImage]>> {
        match cached {
            CachedList::Complete { sent, images } if *sent >= oldest => Some(Arc::clone(images)),
            _ => None,
        }
    }

    /// The next page, or the first one if the cached pages have expired.
    fn call(cached: &CachedList, waiting: &[Waiting<'_, CustomImagesQuery>]) -> ListCustomImages {
        let first = &waiting[0];
        let query = first.need.clone();
        match cached {
            CachedList::Partial { sent, pagination } if *sent >= first.oldest => ListCustomImages {
                query,
                page: pagination.next_page(),
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
        cached: &mut CachedList,
        call: &ListCustomImages,
        sent: Instant,
        page: Page,
    ) -> Result<(), Changed> {
        if call.is_new {
            *cached = CachedList::Partial {
                sent,
                pagination: Pagination::default(),
            };
        }
        // Other calls continue a partial list.
        let CachedList::Partial { sent, pagination } = cached else {
            return Ok(());
        };
        let sent = *sent;
        match pagination.add(page) {
            Ok(None) => Ok(()),
            Ok(Some(images)) => {
                let images = newest_first(images);
                *cached = CachedList::Complete { sent, images };
                Ok(())
            }
            Err(changed) => {
                if changed.is_final() {
                    *cached = CachedList::Empty;
                }
                Err(changed)
            }
        }
    }
}

fn newest_first(mut images: Vec<CustomImage>) -> Arc<[CustomImage]> {
    images.sort_unstable();
    images.sort_by_cached_key(|image| Reverse((image.created(), image.creation_time.clone())));
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
        let response = json!({"TotalCount": total, "CustomImages": images});
        ListCustomImages::into_output(serde_json::from_value(response).unwrap())
    }

    fn call(cached: &CachedList, oldest: Instant) -> ListCustomImages {
        let need = &query();
        CustomImages::call(cached, &[Waiting { need, oldest }])
    }

    /// Reads lists of these lengths, one for each request, until there is a list or an
    /// error. Returns the requested pages and the number of images.
    fn read(
        cached: &mut CachedList,
        now: Instant,
        mut totals: impl Iterator<Item = usize>,
    ) -> (Vec<usize>, Option<usize>) {
        let mut requested = Vec::new();
        loop {
            if let Some(images) = CustomImages::find(cached, &query(), now) {
                return (requested, Some(images.len()));
            }
            let call = call(cached, now);
            requested.push(call.page);
            let page = page(call.page, totals.next().unwrap());
            match CustomImages::learn(cached, &call, now, page) {
                Err(changed) if changed.is_final() => return (requested, None),
                _ => {}
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn cache_hit_until_list_expires() {
        let now = Instant::now();
        let cached = &mut CachedList::default();
        let second = Duration::from_secs(1);
        let pages = read(cached, now, std::iter::repeat(150));
        assert_eq!(pages, (vec![1, 2, 1], Some(150)));
        let pages = read(cached, now, std::iter::repeat(150));
        assert_eq!(pages, (vec![], Some(150)));
        let pages = read(cached, now + second, std::iter::repeat(10));
        assert_eq!(pages, (vec![1], Some(10)));
    }

    #[tokio::test(start_paused = true)]
    async fn cache_of_partial_list_expires_and_restarts_pagination() {
        let begin = Instant::now();
        let cached = &mut CachedList::default();
        let first = call(cached, begin);
        CustomImages::learn(cached, &first, begin, page(1, 230)).unwrap();
        assert_eq!(call(cached, begin).page, 3);
        let later = begin + Duration::from_secs(2);
        let pages = read(cached, later, std::iter::repeat(230));
        assert_eq!(pages, (vec![1, 3, 2, 1], Some(230)));
    }

    #[tokio::test(start_paused = true)]
    async fn pagination_of_list_that_keeps_changing_fails_after_three_attempts() {
        let now = Instant::now();
        let cached = &mut CachedList::default();
        for _ in 0..2 {
            let pages = read(cached, now, [150, 151].into_iter().cycle());
            assert_eq!(pages, (vec![1, 2, 1, 2, 1, 2], None));
        }
        let pages = read(
            cached,
            now,
            [150, 151].into_iter().chain(std::iter::repeat(151)),
        );
        assert_eq!(pages, (vec![1, 2, 1, 2, 1], Some(151)));
    }

    #[test]
    fn images_in_any_order_are_sorted_newest_first() {
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
