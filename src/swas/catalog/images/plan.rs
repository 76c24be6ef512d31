//! Plans the narrowest call for the reads that wait.

use std::collections::HashSet;

use super::cache::ImageCache;
use crate::swas::catalog::reads::Read;
use crate::swas::operations::images::model::ImageType;
use crate::swas::operations::images::{ListImages, MAX_IDS};

/// Plans the next call for reads of one region that are not cached. It serves the first
/// of them.
///
/// A single read is sent unchanged. For several reads, requests the narrowest list that
/// covers all of them, and then the IDs that are not on it. `prefers_lists` is true if
/// processes share lists.
pub fn narrowest_call(
    cache: &ImageCache,
    waiting: &[&Read<ListImages>],
    prefers_lists: bool,
) -> ListImages {
    let has_list =
        |read: &Read<ListImages>| cache.list(read.query.image_type, read.not_before).is_some();
    let first = waiting[0];
    let prefers_lists = prefers_lists && first.query.image_type != Some(ImageType::Custom);
    let ids = first.query.image_ids.as_ref();
    let is_alone =
        !prefers_lists && waiting.len() == 1 && ids.is_some_and(|ids| ids.len() <= MAX_IDS);
    // Reads that wait although their list is cached are reads of IDs.
    let is_by_id = is_alone || has_list(first);
    let reads = waiting.iter();
    let reads = reads.filter(|read| is_alone || has_list(read) == is_by_id);
    let mut types = reads.clone().map(|read| match read.query.image_type {
        // Public images are cached.
        None if !is_by_id && cache.has_public_images() => Some(ImageType::Custom),
        image_type => image_type,
    });
    let mut seen = HashSet::new();
    let ids = reads.clone();
    let ids = ids.flat_map(|read| cache.uncached_ids(&read.query, read.not_before));
    let ids = ids.filter(|id| seen.insert(*id)).take(MAX_IDS);
    ListImages {
        region: first.query.region.clone(),
        image_type: if cache.omits_types {
            types.next().flatten()
        } else {
            exactly_one(types.collect()).flatten()
        },
        image_ids: is_by_id.then(|| ids.map(str::to_owned).collect()),
    }
}

/// Returns true if the query needs the response to the call, so that its failure is one of
/// the query.
pub fn serves(call: &ListImages, query: &ListImages) -> bool {
    let is_of_type = call.image_type.is_none() || call.image_type == query.image_type;
    match (&call.image_ids, &query.image_ids) {
        (None, _) => {
            let completes = query.image_type.is_none();
            is_of_type || completes && call.image_type == Some(ImageType::Custom)
        }
        (Some(ids), Some(requested)) => is_of_type && requested.iter().any(|id| ids.contains(id)),
        (Some(_), None) => false,
    }
}

/// Returns the one element, if there is no other.
fn exactly_one<T: Copy>(set: HashSet<T>) -> Option<T> {
    let mut elements = set.into_iter();
    elements.next().filter(|_| elements.next().is_none())
}
