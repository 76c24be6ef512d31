//! Cache and batching of reads of images.
//!
//! Public images, of every type but `custom`, do not change during a run of Terraform:
//! they are read once. Custom images can be created in the same run, so their entries
//! expire. The API may return an image by ID that is on no list.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::time::Instant;

use crate::swas::catalog::error::Changed;
use crate::swas::catalog::lookups::{Lookup, Waiting};
use crate::swas::operations::images::model::{Image, ImageType};
use crate::swas::operations::images::sorted::Sorted;
use crate::swas::operations::images::{ListImages, MAX_IDS};
use aliyun::rpc::region::RegionId;

/// Reads of the images of a region, in natural order of names, then by ID.
#[derive(Debug)]
pub struct Images;

/// The cached images of a region.
#[derive(Debug, Default)]
pub struct ImageCache {
    /// The last list of each requested type, and of all types.
    lists: HashMap<Option<ImageType>, List>,
    /// Results of requests by ID.
    by_id: HashMap<String, IdEntry>,
}

#[derive(Debug)]
struct List {
    sent: Instant,
    images: Sorted,
    /// Positions in the list by ID. Built on first use: many lists are never searched.
    positions: OnceCell<HashMap<String, usize>>,
}

/// The last results of requests for an ID.
#[derive(Debug, Default)]
struct IdEntry {
    image: Option<(Instant, Arc<Image>)>,
    /// Times of the last requests without a result, by the type that was requested too.
    absent: HashMap<Option<ImageType>, Instant>,
}

/// The result of a cache lookup by ID.
enum CacheHit<'a> {
    Image(&'a Arc<Image>),
    /// Cached: no image of the requested type has the ID.
    Absent,
    /// Not cached, or expired.
    Miss,
}

impl List {
    fn new(sent: Instant, images: Sorted) -> Self {
        Self {
            sent,
            images,
            positions: OnceCell::new(),
        }
    }

    fn of_type(&self, image_type: ImageType) -> impl Iterator<Item = &Arc<Image>> {
        let images = self.images.iter();
        images.filter(move |image| image.image_type == image_type.as_str())
    }

    fn by_id(&self, id: &str) -> Option<&Arc<Image>> {
        let positions = self.positions.get_or_init(|| {
            let ids = self.images.iter().map(|image| image.image_id.clone());
            ids.enumerate()
                .map(|(position, id)| (id, position))
                .collect()
        });
        positions.get(id).map(|position| &self.images[*position])
    }
}

impl ImageCache {
    /// The newest list with all custom images, unless it has expired.
    fn custom_list(&self, oldest: Instant) -> Option<&List> {
        let keys = [&Some(ImageType::Custom), &None];
        let lists = keys.into_iter().filter_map(|key| self.lists.get(key));
        let newest = lists.max_by_key(|list| list.sent);
        newest.filter(|list| list.sent >= oldest)
    }

    /// A list with all public images of this type, or of all types. Never expires.
    fn public_list(&self, image_type: Option<ImageType>) -> Option<&List> {
        let list = self.lists.get(&image_type);
        // An image without a type can be of the requested one.
        let is_complete = |list: &&List| {
            image_type.is_none() || list.images.iter().all(|image| !image.image_type.is_empty())
        };
        list.or_else(|| self.lists.get(&None).filter(is_complete))
    }

    /// The list of this type, or of all types.
    fn list(&self, image_type: Option<ImageType>, oldest: Instant) -> Option<&List> {
        match image_type {
            Some(ImageType::Custom) => self.custom_list(oldest),
            Some(public) => self.public_list(Some(public)),
            None => self.public_list(None).filter(|list| list.sent >= oldest),
        }
    }

    /// Inserts a list. Merges custom images into the list of all types too, whose public
    /// images have not changed.
    fn insert_list(&mut self, image_type: Option<ImageType>, list: List) {
        if image_type == Some(ImageType::Custom)
            && let Some(all) = self.lists.get_mut(&None)
        {
            let public = all.images.iter().filter(|image| !is_custom(image));
            let images = public.chain(list.of_type(ImageType::Custom));
            *all = List::new(list.sent, images.cloned().collect());
        }
        self.lists.insert(image_type, list);
    }

    /// Looks up an image by ID.
    fn image(&self, id: &str, image_type: Option<ImageType>, oldest: Instant) -> CacheHit<'_> {
        let entry = self.by_id.get(id);
        let listed = self.lists.values();
        let listed = listed.filter_map(|list| Some((list.sent, list.by_id(id)?)));
        let named = entry.and_then(|entry| entry.image.as_ref());
        let seen = listed.chain(named.map(|(sent, image)| (*sent, image)));
        let is_fresh =
            |(sent, image): &(Instant, &Arc<Image>)| *sent >= oldest || !is_custom(image);
        if let Some((_, image)) = seen.filter(is_fresh).max_by_key(|(sent, _)| *sent) {
            return match image_type {
                Some(requested) if requested.as_str() != image.image_type => CacheHit::Absent,
                _ => CacheHit::Image(image),
            };
        }
        let absent = |image_type| {
            let sent = entry.and_then(|entry| entry.absent.get(&image_type));
            sent.is_some_and(|sent| *sent >= oldest)
        };
        if absent(None) || absent(image_type) {
            CacheHit::Absent
        } else {
            CacheHit::Miss
        }
    }

    /// The IDs of a read that are not cached.
    fn uncached_ids<'a>(&'a self, read: &Waiting<'a, ListImages>) -> impl Iterator<Item = &'a str> {
        let image_type = read.need.image_type;
        let oldest = read.oldest;
        let ids = read.need.image_ids.iter().flatten().map(String::as_str);
        ids.filter(move |id| matches!(self.image(id, image_type, oldest), CacheHit::Miss))
    }
}

fn is_custom(image: &Image) -> bool {
    image.image_type == ImageType::Custom.as_str()
}

impl Lookup for Images {
    type Scope = RegionId;
    type Need = ListImages;
    type Found = Vec<Arc<Image>>;
    type Call = ListImages;
    type Answer = Sorted;
    type Known = ImageCache;

    fn scope(query: &ListImages) -> RegionId {
        query.region.clone()
    }

    fn find(cache: &ImageCache, query: &ListImages, oldest: Instant) -> Option<Vec<Arc<Image>>> {
        let image_type = query.image_type;
        let Some(ids) = &query.image_ids else {
            let list = cache.list(image_type, oldest)?;
            return Some(match image_type {
                Some(image_type) => list.of_type(image_type).cloned().collect(),
                None => list.images.to_vec(),
            });
        };
        let mut images = Vec::new();
        for id in ids {
            match cache.image(id, image_type, oldest) {
                CacheHit::Image(image) => images.push(Arc::clone(image)),
                CacheHit::Absent => {}
                CacheHit::Miss => return None,
            }
        }
        let images: Sorted = images.into_iter().collect();
        Some(images.to_vec())
    }

    /// A single read is sent unchanged. For several reads, requests the narrowest list
    /// that covers all of them, and then the IDs that are not on it.
    fn call(cache: &ImageCache, waiting: &[Waiting<'_, ListImages>]) -> ListImages {
        let has_list = |read: &&Waiting<'_, ListImages>| {
            cache.list(read.need.image_type, read.oldest).is_some()
        };
        let first = &waiting[0];
        let region = first.need.region.clone();
        let fits_one_call = |ids: &Vec<String>| waiting.len() == 1 && ids.len() <= MAX_IDS;
        let is_alone = first.need.image_ids.as_ref().is_some_and(fits_one_call);
        if is_alone || has_list(&first) {
            // Reads that wait although their list is cached are reads of IDs.
            let reads: Vec<_> = waiting
                .iter()
                .filter(|read| is_alone || has_list(read))
                .collect();
            let types = reads.iter().map(|read| read.need.image_type);
            let image_type = exactly_one(types.collect()).flatten();
            let mut seen = HashSet::new();
            let ids = reads.into_iter().flat_map(|read| cache.uncached_ids(read));
            let ids = ids
                .filter(|id| seen.insert(*id))
                .take(MAX_IDS)
                .map(str::to_owned);
            return ListImages {
                region,
                image_type,
                image_ids: Some(ids.collect()),
            };
        }
        let types = waiting.iter().filter(|read| !has_list(read)).map(|read| {
            match read.need.image_type {
                // Public images are cached.
                None if cache.public_list(None).is_some() => Some(ImageType::Custom),
                image_type => image_type,
            }
        });
        ListImages {
            region,
            image_type: exactly_one(types.collect()).flatten(),
            image_ids: None,
        }
    }

    fn serves(call: &ListImages, query: &ListImages) -> bool {
        let is_of_type = call.image_type.is_none() || call.image_type == query.image_type;
        match (&call.image_ids, &query.image_ids) {
            (None, _) => {
                let completes = query.image_type.is_none();
                is_of_type || completes && call.image_type == Some(ImageType::Custom)
            }
            (Some(ids), Some(requested)) => {
                is_of_type && requested.iter().any(|id| ids.contains(id))
            }
            (Some(_), None) => false,
        }
    }

    fn can_be_divided(call: &ListImages) -> bool {
        call.image_ids.as_ref().is_some_and(|ids| ids.len() > 1)
    }

    fn learn(
        cache: &mut ImageCache,
        call: &ListImages,
        sent: Instant,
        mut images: Sorted,
    ) -> Result<(), Changed> {
        if let Some(image_type) = call.image_type {
            // A response to a request for one type may omit the type.
            images.set_missing_type(image_type);
        }
        let Some(ids) = &call.image_ids else {
            cache.insert_list(call.image_type, List::new(sent, images));
            return Ok(());
        };
        let images: HashMap<_, _> = images
            .iter()
            .map(|image| (&image.image_id, image))
            .collect();
        for id in ids {
            let entry = cache.by_id.entry(id.clone()).or_default();
            match images.get(id) {
                Some(image) => entry.image = Some((sent, Arc::clone(image))),
                None => {
                    entry.absent.insert(call.image_type, sent);
                }
            }
        }
        Ok(())
    }
}

/// The one element, if there is no other.
fn exactly_one<T: Copy>(set: HashSet<T>) -> Option<T> {
    let mut elements = set.into_iter();
    elements.next().filter(|_| elements.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::ImageType::{App, Custom, System};
    use super::*;

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

    /// The response of the API.
    fn response(call: &ListImages) -> Vec<Image> {
        let is_named = |image: &Image| match &call.image_ids {
            Some(ids) => ids.contains(&image.image_id),
            None => image.image_id != "id-5" && !image.image_id.ends_with('0'),
        };
        let is_of_type = |image: &Image| {
            let requested = call.image_type.as_ref();
            requested.is_none_or(|requested| requested.as_str() == image.image_type)
        };
        let mut images = region_images();
        images.retain(|image| is_named(image) && is_of_type(image));
        images.reverse();
        images
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
        let oldest = now - Duration::from_secs(1);
        let mut calls = Vec::new();
        loop {
            let waiting = queries.iter().map(|need| Waiting { need, oldest });
            let waiting: Vec<_> = waiting
                .filter(|it| Images::find(cache, it.need, oldest).is_none())
                .collect();
            if waiting.is_empty() {
                return calls;
            }
            let call = Images::call(cache, &waiting);
            assert!(Images::serves(&call, waiting[0].need), "{call:?}");
            let ids = call.image_ids.as_ref().map(|ids| ids.join(" "));
            let image_type = call.image_type.map(ImageType::as_str);
            calls.push(format!("{image_type:?} {}", ids.unwrap_or_default()));
            let images = response(&call).into_iter().map(Arc::new);
            Images::learn(cache, &call, now, images.collect()).unwrap();
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

    fn any_query() -> impl Strategy<Value = ListImages> {
        let image_type = prop::option::of(prop::sample::select(ImageType::ALL.to_vec()));
        let ids = prop::option::of(prop::collection::vec(0..50_u8, 1..60));
        (image_type, ids).prop_map(|(image_type, ids)| query(image_type, ids.as_deref()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Neither the cache nor other reads of the batch change the result of a read.
        #[test]
        fn batched_read_returns_same_images_as_separate_call(
            rounds in prop::collection::vec(
                (0..3_u64, prop::collection::vec(any_query(), 1..6)), 1..5),
        ) {
            let mut cache = ImageCache::default();
            let mut now = Instant::now() + Duration::from_secs(10);
            for (seconds, queries) in rounds {
                now += Duration::from_secs(seconds);
                calls(&mut cache, now, &queries);
                for query in queries {
                    let oldest = now - Duration::from_secs(1);
                    let found = Images::find(&cache, &query, oldest).unwrap();
                    let own = response(&ListImages {
                        region: query.region.clone(),
                        image_type: query.image_type,
                        image_ids: query.image_ids.clone(),
                    });
                    let own: Sorted = own.into_iter().map(Arc::new).collect();
                    prop_assert_eq!(&found, &*own);
                }
            }
        }
    }
}
