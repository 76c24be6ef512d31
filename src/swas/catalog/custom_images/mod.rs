//! Lists of custom images, read page by page.

mod pagination;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::sync::Arc;

use tokio::time::Instant;

use super::cache::Fetch;
use super::calls::{Api, CALL_RETRIED, Calls};
use super::error::LoadError;
use super::reads::Read;
use crate::swas::operations::custom_images::{
    CustomImagesQuery, ListCustomImages, model::CustomImage,
};
use aliyun::rpc::retry::RetryLoop;
use pagination::Pagination;

/// All custom images of a region, the newest first, then by ID.
impl Fetch for CustomImagesQuery {
    type Value = Arc<[CustomImage]>;

    const EXPIRES: bool = true;

    async fn fetch<A: Api>(
        read: &Read<Self>,
        calls: &Calls<A, Self>,
    ) -> Result<(Instant, Self::Value), Box<LoadError>> {
        let query = &read.query;
        let mut retries = RetryLoop::until(read.deadline);
        let mut pagination = Pagination::default();
        let mut first_sent = None;
        loop {
            let operation = ListCustomImages {
                query: query.clone(),
                page: pagination.next_page(),
            };
            let plan = || (operation.clone(), calls.reads.count(query));
            let called = calls.call(read.deadline, plan).await;
            let sent = *first_sent.get_or_insert(called.sent);
            let page = called.result?;
            let add = move || {
                let added = pagination.add(page);
                (added.map(|images| images.map(newest_first)), pagination)
            };
            let added;
            (added, pagination) = calls.run::<ListCustomImages, _>(&query.region, add).await?;
            match added {
                Ok(None) => {}
                Ok(Some(images)) => return Ok((sent, images)),
                Err(changed) => {
                    let error = calls.error::<ListCustomImages>(&query.region, changed);
                    if !retries.wait(error.retry(), &error, CALL_RETRIED).await {
                        return Err(error);
                    }
                }
            }
        }
    }
}

fn newest_first(mut images: Vec<CustomImage>) -> Arc<[CustomImage]> {
    images.sort_unstable();
    images.sort_by_cached_key(|image| Reverse((image.created(), image.creation_time.clone())));
    images.into()
}
