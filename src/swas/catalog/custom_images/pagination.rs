//! Pagination that detects changes of the list.

use std::collections::HashSet;

use crate::swas::operations::custom_images::{PAGE_SIZE, Page, model::CustomImage};

/// Requests the pages of a list with `request`, which gets their numbers, counted from 1.
/// If the list changed meanwhile, returns the reason: a sentence about the list as "it",
/// without its period.
///
/// The API has no cursor: an image that is created or deleted between two requests
/// moves others to another page. A list of several pages is therefore read in this
/// order: the first page, the others from the last to the second, the first page again.
/// It is complete if TotalCount stays the same, no image comes twice, their number is
/// TotalCount, and the first page is the same at the end:
///
/// - If the API lists the newest image first, every new image is on the first page,
///   which changes. Without a new one, TotalCount shows every deletion.
/// - If the API lists it last, images only move to lower pages, which are read later. An
///   image that moves cannot be missed, and one that is read twice is found by its ID.
///
/// In any other order, a change that keeps TotalCount and the first page as they are can
/// go unnoticed.
///
/// `first` keeps the first page as it was read last, so that another attempt begins with it.
pub async fn read_pages<E, R: Future<Output = Result<Page, E>>>(
    first: &mut Option<Page>,
    request: impl Fn(usize) -> R,
) -> Result<Result<Vec<CustomImage>, String>, E> {
    let mut page = match first.take() {
        Some(page) => page,
        None => request(1).await?,
    };
    let total = page.total_count;
    let mut images = Vec::new();
    // Extended by each page, because all of them together would take long.
    let mut distinct = HashSet::new();
    // The last page is the first one that is not full: if TotalCount is a multiple of the
    // page size, it is empty and proves that there are no more images.
    let mut others = (2..=total / PAGE_SIZE + 1).rev();
    let mut number = 1;
    loop {
        if let Err(reason) = check(&page, number, total) {
            return Ok(Err(reason));
        }
        distinct.extend(ids(page.custom_images.iter().flatten()).map(str::to_owned));
        images.extend(page.custom_images.unwrap_or_default());
        let Some(next) = others.next() else { break };
        number = next;
        page = request(number).await?;
    }
    if distinct.len() != total {
        let distinct = distinct.len();
        let reason = format!("its pages had {distinct} different images of {total}");
        return Ok(Err(reason));
    }
    if total > PAGE_SIZE {
        let again = request(1).await?;
        let unchanged = check(&again, 1, total).and_then(|()| {
            // The images of a page are sorted.
            let is_same = ids(again.custom_images.iter().flatten()).eq(ids(&images[..PAGE_SIZE]));
            let reason = "the first page had other images when it was read again";
            is_same.then_some(()).ok_or(reason.to_owned())
        });
        if let Err(reason) = unchanged {
            *first = Some(again).filter(|page| check(page, 1, page.total_count).is_ok());
            return Ok(Err(reason));
        }
    }
    Ok(Ok(images))
}

/// Returns an error if a page contradicts TotalCount of the list.
fn check(page: &Page, number: usize, total: usize) -> Result<(), String> {
    if page.total_count != total {
        return Err(format!(
            "TotalCount changed from {total} to {}",
            page.total_count
        ));
    }
    let expected = page.expected_len(number);
    let length = page.custom_images.iter().flatten().count();
    if length < expected {
        return Err(format!("page {number} had {length} of {expected} images"));
    }
    Ok(())
}

fn ids<'a>(images: impl IntoIterator<Item = &'a CustomImage>) -> impl Iterator<Item = &'a str> {
    images.into_iter().map(|image| image.image_id.as_str())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use futures_util::FutureExt;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::swas::catalog::custom_images::MAX_READS;
    use crate::swas::operations::custom_images::{CustomImagesQuery, ListCustomImages};
    use aliyun::client::Operation;

    /// A page with these images.
    fn page(total: usize, ids: impl IntoIterator<Item = u32>) -> Page {
        let image = |id| serde_json::from_value(json!({"ImageId": format!("id-{id}")}));
        let images = ids.into_iter().map(|id| image(id).unwrap()).collect();
        Page {
            total_count: total,
            page_number: None,
            page_size: None,
            custom_images: Some(images),
        }
    }

    fn page_of_list(list: &[u32], number: usize) -> Page {
        let before = list.len().min((number - 1) * PAGE_SIZE);
        let ids = list[before..].iter().take(PAGE_SIZE);
        page(list.len(), ids.copied())
    }

    /// The result of reading a list from a fake server, and the requested pages.
    struct Outcome {
        result: Result<BTreeSet<String>, String>,
        requested: Vec<usize>,
    }

    /// Reads as the catalog does, until the list is complete or the error is final.
    fn read(server: impl FnMut(usize) -> Page) -> Outcome {
        let server = RefCell::new(server);
        let requested = RefCell::new(Vec::new());
        let request = async |page| {
            let request = ListCustomImages {
                query: CustomImagesQuery {
                    region: "cn-hangzhou".parse().unwrap(),
                    include_shared: false,
                },
                page,
            };
            requested.borrow_mut().push(page);
            let page = server.borrow_mut()(page);
            request.check(&page).map(|()| page)
        };
        let mut first = None;
        let mut reads = 0;
        let result = loop {
            reads += 1;
            let list = read_pages(&mut first, request);
            match list.now_or_never().unwrap() {
                Err(malformed) => break Err(malformed),
                Ok(Err(reason)) if reads == MAX_READS => break Err(reason),
                Ok(Err(_)) => {}
                Ok(Ok(images)) => {
                    let distinct: BTreeSet<_> =
                        images.iter().map(|it| it.image_id.clone()).collect();
                    assert_eq!(distinct.len(), images.len());
                    break Ok(distinct);
                }
            }
        };
        Outcome {
            result,
            requested: requested.take(),
        }
    }

    fn image_ids(ids: impl IntoIterator<Item = u32>) -> BTreeSet<String> {
        ids.into_iter().map(|id| format!("id-{id}")).collect()
    }

    #[test]
    fn pagination_of_unchanged_list_requests_only_first_page_twice() {
        for (images, expected) in [
            (0, &[1][..]),
            (99, &[1]),
            (100, &[1, 2]),
            (101, &[1, 2, 1]),
            (230, &[1, 3, 2, 1]),
        ] {
            let list: Vec<_> = (0..images).collect();
            let read = read(|number| page_of_list(&list, number));
            assert_eq!(read.requested, expected);
            assert_eq!(read.result, Ok(image_ids(list)));
        }
    }

    #[test]
    fn pagination_restarts_once_after_change_between_pages() {
        let old: Vec<_> = (0..150).collect();
        let without = |id| old.iter().copied().filter(move |it| *it != id);
        for (name, new, expected) in [
            (
                "created at the front, deleted on page 1",
                [500].into_iter().chain(without(50)).collect::<Vec<_>>(),
                &[1, 2, 1, 2, 1][..],
            ),
            (
                "created at the front, deleted on page 2",
                [500].into_iter().chain(without(120)).collect(),
                &[1, 2, 1, 2, 1],
            ),
            (
                "created at the end, deleted on page 1",
                without(50).chain([500]).collect(),
                &[1, 2, 1, 2, 1],
            ),
            ("deleted", without(120).collect(), &[1, 2, 1, 2, 1]),
        ] {
            let read = read_changing(&old, &new);
            assert_eq!(read.result, Ok(image_ids(new)), "{name}");
            assert_eq!(read.requested, expected, "{name}");
        }
    }

    /// Reads a list that is replaced after the first request.
    fn read_changing(old: &[u32], new: &[u32]) -> Outcome {
        let mut is_first = true;
        read(|number| {
            let list = if std::mem::take(&mut is_first) {
                old
            } else {
                new
            };
            page_of_list(list, number)
        })
    }

    /// An event between two requests.
    #[derive(Clone, Debug)]
    enum Event {
        Create,
        Delete(prop::sample::Index),
        /// Keeps TotalCount as it is.
        Replace(prop::sample::Index),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            1 => Just(Event::Create),
            1 => any::<prop::sample::Index>().prop_map(Event::Delete),
            4 => any::<prop::sample::Index>().prop_map(Event::Replace),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// The list has TotalCount images, or there is an error.
        #[test]
        fn pagination_of_arbitrary_pages_returns_total_count_images_or_error(
            size in 0_usize..330,
            script in prop::collection::vec(
                (prop_oneof![6 => Just(0), 1 => 1..5_usize], 0_u32..330, 0_usize..=100),
                0..10,
            ),
        ) {
            let list: Vec<_> = (0..u32::try_from(size).unwrap()).collect();
            let mut script = script.into_iter();
            let mut totals = BTreeSet::new();
            let read = read(|number| {
                let page = match script.next() {
                    None => page_of_list(&list, number),
                    // Another TotalCount, or other images.
                    Some((more, first, length)) => {
                        let length = u32::try_from(length).unwrap();
                        page(size + more, first..first + length)
                    }
                };
                totals.insert(page.total_count);
                page
            });
            prop_assert!(read.requested.len() <= 3 * 4 + 1, "{:?}", read.requested);
            if let Ok(images) = read.result {
                prop_assert!(totals.contains(&images.len()));
            }
        }

        /// No image is missing that existed all the time, whether the API lists the newest
        /// image first or last.
        #[test]
        fn pagination_of_changing_list_misses_no_image(
            size in 90_u32..330,
            newest_first: bool,
            events in prop::collection::vec(prop::collection::vec(event(), 0..3), 0..12),
        ) {
            let mut list: Vec<_> = (0..size).collect();
            let mut next = size;
            let mut always: BTreeSet<u32> = list.iter().copied().collect();
            let mut ever = always.clone();
            let mut events = events.into_iter();
            let read = read(|number| {
                let page = page_of_list(&list, number);
                for event in events.next().into_iter().flatten() {
                    if let Event::Delete(index) | Event::Replace(index) = &event
                        && !list.is_empty()
                    {
                        always.remove(&list.remove(index.index(list.len())));
                    }
                    if let Event::Create | Event::Replace(_) = event {
                        let place = if newest_first { 0 } else { list.len() };
                        list.insert(place, next);
                        ever.insert(next);
                        next += 1;
                    }
                }
                page
            });
            prop_assert!(read.requested.len() <= 3 * 4 + 1, "{:?}", read.requested);
            if let Ok(images) = read.result {
                prop_assert!(images.is_superset(&image_ids(always)));
                prop_assert!(images.is_subset(&image_ids(ever)));
            }
        }
    }
}
