//! How reads of images share calls.
//!
//! What Alibaba Cloud publishes, every type but `custom`, no run of Terraform can
//! change: it is asked for once. The account's own images can be made in the
//! same run, and the API may know IDs that it does not list.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::time::Instant;

use crate::swas::catalog::lookups::{Lookup, Waiting};
use crate::swas::operations::images::{Image, ImageType, ListImages, MOST_IDS, Sorted};
use aliyun::rpc::error::Changed;
use aliyun::rpc::region::RegionId;

/// Looks up images of a region: those of a list, each once, sorted by name as
/// people sort and then by ID.
#[derive(Debug)]
pub struct Images;

/// What is known of the images of a region.
#[derive(Debug, Default)]
pub struct KnownImages {
    /// The last list of each type that was asked for, and of all types.
    lists: HashMap<Option<ImageType>, List>,
    /// What was asked for by ID.
    by_id: HashMap<String, IdEntry>,
}

#[derive(Debug)]
struct List {
    sent: Instant,
    images: Sorted,
    /// Places in the list. Many lists are never asked for an ID.
    places: OnceCell<HashMap<String, usize>>,
}

/// What the API said when it was asked for an ID.
#[derive(Debug, Default)]
struct IdEntry {
    image: Option<(Instant, Arc<Image>)>,
    /// When it last said nothing, by the type that was asked for along with it.
    absent: HashMap<Option<ImageType>, Instant>,
}

/// What is known of an ID.
enum CacheHit<'a> {
    Image(&'a Arc<Image>),
    /// It has no image, or none of the type that is asked for.
    Absent,
    /// It has to be asked for.
    Miss,
}

impl List {
    fn new(sent: Instant, images: Sorted) -> Self {
        Self {
            sent,
            images,
            places: OnceCell::new(),
        }
    }

    fn of_type(&self, image_type: ImageType) -> impl Iterator<Item = &Arc<Image>> {
        let images = self.images.iter();
        images.filter(move |image| image.image_type == image_type.as_str())
    }

    fn by_id(&self, id: &str) -> Option<&Arc<Image>> {
        let places = self.places.get_or_init(|| {
            let ids = self.images.iter().map(|image| image.image_id.clone());
            ids.enumerate().map(|(place, id)| (id, place)).collect()
        });
        places.get(id).map(|place| &self.images[*place])
    }
}

impl KnownImages {
    /// The newest list with all of the account's own images, if it is fresh.
    fn custom_list(&self, oldest: Instant) -> Option<&List> {
        let keys = [&Some(ImageType::Custom), &None];
        let lists = keys.into_iter().filter_map(|key| self.lists.get(key));
        let newest = lists.max_by_key(|list| list.sent);
        newest.filter(|list| list.sent >= oldest)
    }

    /// A list with all immutable images of this type, or of all types.
    fn public_list(&self, image_type: Option<ImageType>) -> Option<&List> {
        let list = self.lists.get(&image_type);
        list.or_else(|| self.lists.get(&None))
    }

    /// The list of this type, or of all types.
    fn list(&self, image_type: Option<ImageType>, oldest: Instant) -> Option<&List> {
        match image_type {
            Some(ImageType::Custom) => self.custom_list(oldest),
            Some(public) => self.public_list(Some(public)),
            None => self.public_list(None).filter(|list| list.sent >= oldest),
        }
    }

    /// Keeps a list, and puts what it says of the account's own images into the
    /// list of all types: what is immutable in there has not changed.
    fn insert_list(&mut self, image_type: Option<ImageType>, list: List) {
        if image_type == Some(ImageType::Custom)
            && let Some(all) = self.lists.get_mut(&None)
        {
            let immutable = all.images.iter().filter(|image| !is_own(image));
            let images = immutable.chain(list.of_type(ImageType::Custom));
            *all = List::new(list.sent, images.cloned().collect());
        }
        self.lists.insert(image_type, list);
    }

    /// What is known of this ID.
    fn image(&self, id: &str, image_type: Option<ImageType>, oldest: Instant) -> CacheHit<'_> {
        let asked = self.by_id.get(id);
        let listed = self.lists.values();
        let listed = listed.filter_map(|list| Some((list.sent, list.by_id(id)?)));
        let named = asked.and_then(|asked| asked.image.as_ref());
        let seen = listed.chain(named.map(|(sent, image)| (*sent, image)));
        let counts = |(sent, image): &(Instant, &Arc<Image>)| *sent >= oldest || !is_own(image);
        if let Some((_, image)) = seen.filter(counts).max_by_key(|(sent, _)| *sent) {
            return match image_type {
                Some(asked) if asked.as_str() != image.image_type => CacheHit::Absent,
                _ => CacheHit::Image(image),
            };
        }
        let absent = |image_type| {
            let sent = asked.and_then(|asked| asked.absent.get(&image_type));
            sent.is_some_and(|sent| *sent >= oldest)
        };
        if absent(None) || absent(image_type) {
            CacheHit::Absent
        } else {
            CacheHit::Miss
        }
    }

    /// Those of a read's IDs about which nothing is known.
    fn unknown_ids<'a>(&'a self, read: &Waiting<'a, ListImages>) -> impl Iterator<Item = &'a str> {
        let image_type = read.need.image_type;
        let oldest = read.oldest;
        let ids = read.need.image_ids.iter().flatten().map(String::as_str);
        ids.filter(move |id| matches!(self.image(id, image_type, oldest), CacheHit::Miss))
    }
}

fn is_own(image: &Image) -> bool {
    image.image_type == ImageType::Custom.as_str()
}

impl Lookup for Images {
    type Scope = RegionId;
    type Need = ListImages;
    type Found = Vec<Arc<Image>>;
    type Call = ListImages;
    type Answer = Sorted;
    type Known = KnownImages;

    fn scope(query: &ListImages) -> RegionId {
        query.region.clone()
    }

    fn find(known: &KnownImages, query: &ListImages, oldest: Instant) -> Option<Vec<Arc<Image>>> {
        let image_type = query.image_type;
        let Some(ids) = &query.image_ids else {
            let list = known.list(image_type, oldest)?;
            return Some(match image_type {
                Some(image_type) => list.of_type(image_type).cloned().collect(),
                None => list.images.to_vec(),
            });
        };
        let mut images = Vec::new();
        for id in ids {
            match known.image(id, image_type, oldest) {
                CacheHit::Image(image) => images.push(Arc::clone(image)),
                CacheHit::Absent => {}
                CacheHit::Miss => return None,
            }
        }
        let images: Sorted = images.into_iter().collect();
        Some(images.to_vec())
    }

    /// What is read alone is asked for as it is. Of several reads, the narrowest
    /// list that covers all is; what that does not name is then asked for by ID.
    fn call(known: &KnownImages, waiting: &[Waiting<'_, ListImages>]) -> ListImages {
        let has_list = |read: &&Waiting<'_, ListImages>| {
            known.list(read.need.image_type, read.oldest).is_some()
        };
        let first = &waiting[0];
        let region = first.need.region.clone();
        let few = |ids: &Vec<String>| waiting.len() == 1 && ids.len() <= MOST_IDS;
        let is_alone = first.need.image_ids.as_ref().is_some_and(few);
        if is_alone || has_list(&first) {
            // Whoever waits although the list is known asks for IDs.
            let reads: Vec<_> = waiting
                .iter()
                .filter(|read| is_alone || has_list(read))
                .collect();
            let types = reads.iter().map(|read| read.need.image_type);
            let image_type = exactly_one(types.collect()).flatten();
            let mut seen = HashSet::new();
            let ids = reads.into_iter().flat_map(|read| known.unknown_ids(read));
            let ids = ids
                .filter(|id| seen.insert(*id))
                .take(MOST_IDS)
                .map(str::to_owned);
            return ListImages {
                region,
                image_type,
                image_ids: Some(ids.collect()),
            };
        }
        let types = waiting.iter().filter(|read| !has_list(read)).map(|read| {
            match read.need.image_type {
                // What is immutable is known.
                None if known.public_list(None).is_some() => Some(ImageType::Custom),
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
            (Some(ids), Some(asked)) => is_of_type && asked.iter().any(|id| ids.contains(id)),
            (Some(_), None) => false,
        }
    }

    fn can_be_divided(call: &ListImages) -> bool {
        call.image_ids.as_ref().is_some_and(|ids| ids.len() > 1)
    }

    fn learn(
        known: &mut KnownImages,
        call: &ListImages,
        sent: Instant,
        mut images: Sorted,
    ) -> Result<(), Changed> {
        if let Some(image_type) = call.image_type {
            // Where only one type is asked for, it need not be told.
            images.set_missing_type(image_type);
        }
        let Some(ids) = &call.image_ids else {
            known.insert_list(call.image_type, List::new(sent, images));
            return Ok(());
        };
        let images: HashMap<_, _> = images
            .iter()
            .map(|image| (&image.image_id, image))
            .collect();
        for id in ids {
            let asked = known.by_id.entry(id.clone()).or_default();
            match images.get(id) {
                Some(image) => asked.image = Some((sent, Arc::clone(image))),
                None => {
                    asked.absent.insert(call.image_type, sent);
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

    /// The images of a region. Every fifth is known by its ID and not listed.
    fn world() -> Vec<Image> {
        let types = ["system", "app", "custom", "quantum"];
        (0..40)
            .map(|id| image(id, types[usize::from(id) % 4]))
            .collect()
    }

    /// As the API answers.
    fn answer(call: &ListImages) -> Vec<Image> {
        let is_named = |image: &Image| match &call.image_ids {
            Some(ids) => ids.contains(&image.image_id),
            None => image.image_id != "id-5" && !image.image_id.ends_with('0'),
        };
        let is_of_type = |image: &Image| {
            let asked = call.image_type.as_ref();
            asked.is_none_or(|asked| asked.as_str() == image.image_type)
        };
        let mut images = world();
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

    /// Makes calls until all are answered, and returns these.
    fn calls(known: &mut KnownImages, now: Instant, queries: &[ListImages]) -> Vec<String> {
        let oldest = now - Duration::from_secs(1);
        let mut calls = Vec::new();
        loop {
            let waiting = queries.iter().map(|need| Waiting { need, oldest });
            let waiting: Vec<_> = waiting
                .filter(|it| Images::find(known, it.need, oldest).is_none())
                .collect();
            if waiting.is_empty() {
                return calls;
            }
            let call = Images::call(known, &waiting);
            assert!(Images::serves(&call, waiting[0].need), "{call:?}");
            let ids = call.image_ids.as_ref().map(|ids| ids.join(" "));
            let image_type = call.image_type.map(ImageType::as_str);
            calls.push(format!("{image_type:?} {}", ids.unwrap_or_default()));
            let answer = answer(&call).into_iter().map(Arc::new);
            Images::learn(known, &call, now, answer.collect()).unwrap();
            assert!(calls.len() < 10, "no end: {calls:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_narrowest_calls_are_made() {
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
            let mut known = KnownImages::default();
            assert_eq!(calls(&mut known, Instant::now(), &waiting), expected);
        }
        let mut known = KnownImages::default();
        let calls = calls(&mut known, Instant::now(), &[query(None, Some(&many))]);
        assert_eq!(calls.len(), 5, "a list, and 166 IDs that it lacks");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_published_is_asked_for_once_and_what_is_custom_again() {
        let known = &mut KnownImages::default();
        let begin = Instant::now();
        assert_eq!(calls(known, begin, &[query(None, None)]), ["None "]);
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
                calls(known, now, std::slice::from_ref(&asked)),
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

        /// Whatever was asked before and whoever waits along, a read gets what a
        /// call of its own would have brought.
        #[test]
        fn a_shared_answer_is_the_same_as_ones_own(
            rounds in prop::collection::vec(
                (0..3_u64, prop::collection::vec(any_query(), 1..6)), 1..5),
        ) {
            let mut known = KnownImages::default();
            let mut now = Instant::now() + Duration::from_secs(10);
            for (seconds, queries) in rounds {
                now += Duration::from_secs(seconds);
                calls(&mut known, now, &queries);
                for query in queries {
                    let oldest = now - Duration::from_secs(1);
                    let found = Images::find(&known, &query, oldest).unwrap();
                    let own = answer(&ListImages {
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
