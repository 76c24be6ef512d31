//! Lists of custom images, read page by page.

mod pagination;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use super::cache::Fetch;
use super::calls::{Api, CALL_RETRIED, Calls};
use super::error::{ListChanged, LoadError};
use super::reads::Read;
use crate::swas::operations::custom_images::{
    CustomImagesQuery, ListCustomImages, model::CustomImage,
};
use aliyun::rpc::retry::RetryLoop;
use pagination::read_pages;

/// All custom images of a region, the newest first, then by ID.
impl Fetch for CustomImagesQuery {
    type Value = Arc<[CustomImage]>;

    const EXPIRES: bool = true;

    async fn fetch<A: Api>(
        read: &Read<Self>,
        calls: &Calls<A, Self>,
    ) -> Result<(Instant, Self::Value), Box<LoadError>> {
        let query = &read.query;
        let oldest = OnceLock::new();
        let request = |page| {
            let oldest = &oldest;
            async move {
                let operation = ListCustomImages {
                    query: query.clone(),
                    page,
                };
                let plan = || (operation.clone(), calls.reads.count(query));
                let called = calls.call(read.deadline, plan).await;
                oldest.get_or_init(|| called.sent);
                called.result
            }
        };
        let whole = |total, images| {
            let work = move || whole_list(total, images);
            calls.run::<ListCustomImages, _>(&query.region, work)
        };
        let mut retries = RetryLoop::until(read.deadline);
        let mut first = None;
        let mut times = 0;
        loop {
            times += 1;
            let reason = match read_pages(&mut first, request, whole).await? {
                Ok(images) => {
                    let sent = *oldest.get_or_init(Instant::now);
                    return Ok((sent, images));
                }
                Err(reason) => reason,
            };
            let changed = ListChanged { times, reason };
            let error = calls.error::<ListCustomImages>(&query.region, changed);
            if !retries.wait(error.retry(), &error, CALL_RETRIED).await {
                return Err(error);
            }
        }
    }
}

/// Sorts the images of all pages, unless one comes twice.
fn whole_list(total: usize, images: Vec<CustomImage>) -> Result<Arc<[CustomImage]>, String> {
    let distinct: HashSet<_> = images.iter().map(|image| &image.image_id).collect();
    if distinct.len() == total {
        Ok(newest_first(images))
    } else {
        let distinct = distinct.len();
        Err(format!(
            "its pages had {distinct} different images of {total}"
        ))
    }
}

fn newest_first(mut images: Vec<CustomImage>) -> Arc<[CustomImage]> {
    images.sort_unstable();
    images.sort_by_cached_key(|image| Reverse((image.created(), image.creation_time.clone())));
    images.into()
}
