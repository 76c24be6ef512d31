//! Lists of custom images, read page by page.

mod pagination;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use super::cache::Fetch;
use super::calls::{Api, CALL_RETRIED, Calls};
use super::error::{Cause, LoadError};
use super::reads::Read;
use crate::swas::operations::custom_images::{
    CustomImagesQuery, ListCustomImages, model::CustomImage,
};
use aliyun::rpc::retry::{Retry, RetryLoop};
use pagination::read_pages;

/// Number of times that a list is read if it changes each time.
const MAX_READS: u32 = 3;

/// All custom images of a region, the newest first, then by ID.
impl Fetch for CustomImagesQuery {
    type Value = Arc<[CustomImage]>;

    async fn fetch<A: Api>(
        read: &Read<Self>,
        calls: &Calls<A, Self>,
    ) -> Result<(Option<Instant>, Self::Value), Box<LoadError>> {
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
        let mut retries = RetryLoop::until(read.deadline);
        let mut first = None;
        loop {
            let reason = match read_pages(&mut first, request).await? {
                Ok(images) => {
                    let sort = || newest_first(images);
                    let images = calls.run::<ListCustomImages, _>(&query.region, sort);
                    // Always with a time, so that the list expires.
                    let sent = oldest.get().copied().flatten();
                    return Ok((sent.or(Some(read.not_before)), images.await?));
                }
                Err(reason) => reason,
            };
            let is_last = retries.number() == MAX_READS;
            let reason = if is_last {
                format!("{reason}, in the last of {MAX_READS} reads")
            } else {
                reason
            };
            let error = calls.error::<ListCustomImages>(&query.region, Cause::Changed(reason));
            let retry = Retry::Transient(None);
            if is_last || !retries.wait(retry, &error, CALL_RETRIED).await {
                return Err(error);
            }
        }
    }
}

fn newest_first(mut images: Vec<CustomImage>) -> Arc<[CustomImage]> {
    images.sort_unstable();
    images.sort_by_cached_key(|image| Reverse((image.created(), image.creation_time.clone())));
    images.into()
}
