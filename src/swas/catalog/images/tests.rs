//! Which calls the reads of a region make, and which images they get.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::cache::ImageCache;
use super::plan::{narrowest_call, serves};
use crate::swas::catalog::reads::Read;
use crate::swas::catalog::tests::images::{api, loader, query as of_region};
use crate::swas::operations::Share;
use crate::swas::operations::images::ListImages;
use crate::swas::operations::images::model::Image;
use crate::swas::operations::images::model::ImageType::{self, App, Custom, System};
use crate::swas::operations::images::sorted::Sorted;
use aliyun::client::Operation;

fn image(id: u8, image_type: &str) -> Image {
    Image {
        image_id: format!("id-{id}"),
        image_name: format!("Name-{}", id % 7),
        image_type: image_type.to_owned().into(),
        platform: "Linux".into(),
        description: String::new(),
    }
}

/// All images of a region, including those that no list contains.
fn region_images() -> Vec<Image> {
    let types = ["system", "app", "custom", "quantum"];
    (0..40)
        .map(|id| image(id, types[usize::from(id) % 4]))
        .collect()
}

/// Returns true for images that no list contains.
fn is_hidden(id: &str) -> bool {
    id == "id-5" || id.ends_with('0')
}

/// The images whose type the API omits.
#[derive(Clone, Copy, Debug)]
enum Omitted {
    None,
    OfHidden,
    OfMany,
}

/// The response of the API.
fn response(call: &ListImages, omitted: Omitted) -> Sorted {
    let is_named = |image: &Image| match &call.image_ids {
        Some(ids) => ids.contains(&image.image_id),
        None => !is_hidden(&image.image_id),
    };
    let is_of_type = |image: &Image| {
        let requested = call.image_type.as_ref();
        requested.is_none_or(|requested| requested.as_str() == image.image_type)
    };
    let mut images = region_images();
    images.retain(|image| is_named(image) && is_of_type(image));
    images.reverse();
    let has_no_type = |image: &&mut Image| match omitted {
        Omitted::None => false,
        Omitted::OfHidden => is_hidden(&image.image_id),
        Omitted::OfMany => *image.image_id > *"id-3",
    };
    let untyped = images.iter_mut().filter(has_no_type);
    untyped.for_each(|image| image.image_type = "".into());
    images.into_iter().map(Arc::new).collect()
}

fn query(image_type: Option<ImageType>, ids: Option<&[u8]>) -> ListImages {
    ListImages {
        region: "cn-hangzhou".parse().unwrap(),
        image_type,
        image_ids: ids.map(|ids| ids.iter().map(|id| format!("id-{id}")).collect()),
    }
}

/// Makes calls until all queries are cached, and returns the calls.
fn calls(cache: &mut ImageCache, now: Instant, queries: &[ListImages]) -> Vec<String> {
    calls_to(cache, now, queries, Omitted::None, false)
}

fn calls_to(
    cache: &mut ImageCache,
    now: Instant,
    queries: &[ListImages],
    omitted: Omitted,
    is_shared: bool,
) -> Vec<String> {
    let oldest = now - Duration::from_secs(1);
    let reads = queries
        .iter()
        .map(|query| Read::new(query.clone(), oldest, now));
    let reads: Vec<_> = reads.collect();
    let mut calls = Vec::new();
    loop {
        let waiting = reads
            .iter()
            .filter(|read| cache.find(&read.query, oldest).is_none());
        let waiting: Vec<_> = waiting.collect();
        if waiting.is_empty() {
            return calls;
        }
        let call = narrowest_call(cache, &waiting, is_shared);
        assert!(serves(&call, &waiting[0].query), "{call:?}");
        let ids = call.image_ids.as_ref().map(|ids| ids.join(" "));
        let image_type = call.image_type.map(ImageType::as_str);
        calls.push(format!("{image_type:?} {}", ids.unwrap_or_default()));
        let images = response(&call, omitted);
        // Processes share the public part of the response.
        let public = call
            .shared_body(&images)
            .filter(|_| is_shared && call.is_shared());
        let public = public.map(|body| serde_json::from_slice(&body).unwrap());
        match public.map(ListImages::into_output) {
            Some(public) => cache.insert(&call, None, public),
            None => cache.insert(&call, Some(now), images),
        }
        assert!(calls.len() < 10, "no end: {calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn batch_of_reads_makes_narrowest_calls() {
    let system = query(Some(System), None);
    let app = query(Some(App), None);
    let all = query(None, None);
    let one = |id| query(None, Some(&[id]));
    let many: Vec<u8> = (0..200).collect();
    for (waiting, expected) in [
        (vec![system.clone()], &["Some(\"system\") "][..]),
        (vec![system.clone(), system.clone()], &["Some(\"system\") "]),
        (vec![system.clone(), app], &["None "]),
        (vec![system.clone(), all], &["None "]),
        (vec![one(3)], &["None id-3"]),
        (vec![query(Some(App), Some(&[1]))], &["Some(\"app\") id-1"]),
        // The list does not have the last two of these.
        (vec![one(3), one(4)], &["None "]),
        (vec![one(3), one(5), one(99)], &["None ", "None id-5 id-99"]),
        (vec![one(3), system], &["None "]),
    ] {
        let mut cache = ImageCache::default();
        assert_eq!(calls(&mut cache, Instant::now(), &waiting), expected);
    }
    let mut cache = ImageCache::default();
    let calls = calls(&mut cache, Instant::now(), &[query(None, Some(&many))]);
    assert_eq!(calls.len(), 5, "a list, and 166 IDs that it lacks");
}

#[tokio::test(start_paused = true)]
async fn cache_of_public_images_never_expires_and_of_custom_images_does() {
    let cache = &mut ImageCache::default();
    let begin = Instant::now();
    assert_eq!(calls(cache, begin, &[query(None, None)]), ["None "]);
    for (seconds, asked, expected) in [
        (1, query(None, None), &[][..]),
        (60, query(Some(App), None), &[]),
        (60, query(None, Some(&[1, 3, 4])), &[]),
        (60, query(None, Some(&[2])), &["None id-2"]),
        (60, query(None, None), &["Some(\"custom\") "]),
        (60, query(Some(Custom), None), &[]),
        (60, query(None, Some(&[2, 6])), &[]),
        (90, query(Some(Custom), Some(&[1])), &[]),
        (
            90,
            query(Some(Custom), Some(&[2])),
            &["Some(\"custom\") id-2"],
        ),
    ] {
        let now = begin + Duration::from_secs(seconds);
        assert_eq!(
            calls(cache, now, std::slice::from_ref(&asked)),
            expected,
            "{asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn planned_call_counts_the_reads_that_it_serves() {
    let (loader, _) = loader(api());
    let [one, _two, _three, _other] = [(1, 1), (1, 2), (1, 9), (2, 1)]
        .map(|(region, id)| loader.calls.begin(of_region(region, [id])));
    let (call, reads) = loader.plan(&one, &ImageCache::default());
    assert_eq!((call.image_ids, reads), (None, 3));
}

#[tokio::test(start_paused = true)]
async fn response_is_inserted_on_another_thread() {
    let (loader, api) = loader(api());
    for calls in [1, 2] {
        loader.read(1, [0, 8 * calls]).await.unwrap();
        assert_eq!(api.calls(), usize::from(calls));
        assert_eq!(api.log.lock().unwrap().work, usize::from(calls));
    }
}

fn any_query() -> impl Strategy<Value = ListImages> {
    let image_type = prop::option::of(prop::sample::select(ImageType::ALL.to_vec()));
    let ids = prop::option::of(prop::collection::vec(0..50_u8, 1..60));
    (image_type, ids).prop_map(|(image_type, ids)| query(image_type, ids.as_deref()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Neither the cache nor other reads of the batch change the result of a read.
    #[test]
    fn batched_read_returns_same_images_as_separate_call(
        rounds in prop::collection::vec(
            (0..3_u64, prop::collection::vec(any_query(), 1..6)), 1..5),
        omitted in prop::sample::select(vec![Omitted::None, Omitted::OfHidden, Omitted::OfMany]),
        is_shared in any::<bool>(),
    ) {
        let mut cache = ImageCache::default();
        let mut now = Instant::now() + Duration::from_secs(10);
        for (seconds, queries) in rounds {
            now += Duration::from_secs(seconds);
            calls_to(&mut cache, now, &queries, omitted, is_shared);
            for query in queries {
                let oldest = now - Duration::from_secs(1);
                let mut found = cache.find(&query, oldest).unwrap().select();
                let mut own = response(&query, omitted);
                match query.image_type {
                    Some(image_type) => own.set_missing_type(image_type),
                    // Another read can know the type of an image.
                    None => for (found, own) in found.iter_mut().zip(own.iter()) {
                        if own.image_type.is_empty() {
                            Arc::make_mut(found).image_type = "".into();
                        }
                    }
                }
                prop_assert_eq!(&found, &*own);
            }
        }
    }
}
