//! Reads of images, which share calls.
//!
//! Public images, of every type but `custom`, do not change during a run of Terraform:
//! they are read once. Custom images can be created in the same run, so their entries
//! expire. The API may return an image by ID that is on no list.
//!
//! - `cache`: lists by type, and images by ID
//! - `plan`: the narrowest call for the reads that wait

mod cache;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::time::Instant;

use super::cache::{CachedFailure, entry};
use super::calls::{Api, Called, Calls};
use super::error::LoadError;
use super::reads::Read;
use crate::swas::operations::images::ListImages;
use crate::swas::operations::images::sorted::Sorted;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::retry::Retry;
pub use cache::Found;
use cache::ImageCache;

/// Reads images: one call at a time in each region, for all reads that wait by then.
#[derive(Debug)]
pub struct ImageLoader<A> {
    pub calls: Calls<A, ListImages>,
    regions: Mutex<HashMap<RegionId, Arc<Region>>>,
}

#[derive(Debug, Default)]
struct Region {
    /// Replaced after each call, which wakes reads for which it has enough now.
    cache: watch::Sender<Arc<ImageCache>>,
    /// The last failure. Locked during a call, so that other reads wait for its response.
    /// They get the lock, and reach their deadlines, in the order in which they began.
    failure: tokio::sync::Mutex<Option<(ListImages, CachedFailure)>>,
}

impl Region {
    fn cache(&self) -> Arc<ImageCache> {
        Arc::clone(&self.cache.borrow())
    }

    /// Inserts a response into the cache. Takes time that depends on the response.
    fn insert(&self, call: &ListImages, sent: Option<Instant>, images: Sorted) {
        let mut cache = self.cache();
        Arc::make_mut(&mut cache).insert(call, sent, images);
        self.cache.send_replace(cache);
    }

    fn find(&self, read: &Read<ListImages>) -> Option<Found> {
        self.cache().find(&read.query, read.not_before)
    }
}

impl<A: Api> ImageLoader<A> {
    pub fn new(calls: Calls<A, ListImages>) -> Self {
        Self {
            calls,
            regions: Mutex::default(),
        }
    }

    /// Returns the images that match.
    ///
    /// # Errors
    ///
    /// If a call for the read fails, or has just failed.
    pub async fn get(&self, query: ListImages) -> Result<Found, Box<LoadError>> {
        let read = self.calls.begin(query);
        let region = entry(&self.regions, &read.query.region);
        let mut turn = pin!(region.failure.lock());
        let mut inserted = region.cache.subscribe();
        let mut last_failure = loop {
            if let Some(images) = region.find(&read) {
                return Ok(images);
            }
            tokio::select! {
                last_failure = &mut turn => break last_failure,
                _ = inserted.changed() => {}
            }
        };
        loop {
            if let Some(images) = region.find(&read) {
                return Ok(images);
            }
            if let Some((call, failure)) = &*last_failure
                && plan::serves(call, &read.query)
            {
                failure.check(&read).await?;
            }
            let plan = || self.plan(&read, &region.cache());
            let Called {
                operation,
                reads,
                sent,
                result,
            } = self.calls.call(read.deadline, plan).await;
            let inserted = match result {
                Ok(images) => {
                    let (region, call) = (Arc::clone(&region), operation.clone());
                    let insert = move || region.insert(&call, sent, images);
                    self.calls
                        .run::<ListImages, _>(&read.query.region, insert)
                        .await
                }
                Err(error) => Err(error),
            };
            let Err(error) = inserted else {
                *last_failure = None;
                continue;
            };
            let ids = operation.image_ids.as_ref();
            if ids.is_none_or(|ids| ids.len() < 2) || error.retry() != Retry::SplitBatch {
                *last_failure = Some((operation, CachedFailure::new(error.clone())));
            } else if reads > 1 {
                // The invalid ID may be one of another read, even if that was canceled by now.
                // Each read makes a call of its own from now on.
                for other in self.calls.reads.active() {
                    let is_of_region = other.query.region == operation.region;
                    if is_of_region && plan::serves(&operation, &other.query) {
                        other.separate();
                    }
                }
                continue;
            }
            return Err(error);
        }
    }

    /// Returns the next call, and the number of reads that it serves. The first of them is
    /// `read`.
    fn plan(&self, read: &Read<ListImages>, cache: &ImageCache) -> (ListImages, usize) {
        let active = self.calls.reads.active();
        let others = active.iter().map(Arc::as_ref).filter(|other| {
            other.query.region == read.query.region
                && !std::ptr::eq(*other, read)
                && !other.is_separate()
                && !read.is_separate()
                && cache.find(&other.query, other.not_before).is_none()
        });
        let waiting: Vec<_> = std::iter::once(read).chain(others).collect();
        let call = plan::narrowest_call(cache, &waiting, self.calls.shared.is_some());
        let served = waiting.iter().filter(|it| plan::serves(&call, &it.query));
        let reads = served.count();
        (call, reads)
    }
}
