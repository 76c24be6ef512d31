//! The client that data sources read with.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Cached;
use super::calls::Calls;
use super::gate::Usage;
use super::images::{Found, ImageLoader};
use super::shared::SharedResponses;
use crate::swas::catalog::error::LoadError;
use crate::swas::operations::custom_images::{
    CustomImagesQuery, ListCustomImages, model::CustomImage,
};
use crate::swas::operations::images::ListImages;
use crate::swas::operations::plans::{ListPlans, Plan};
use crate::swas::operations::regions::{ListRegions, Region};
use aliyun::client::{ApiClient, Operation};
use aliyun::http::error::HttpError;
use aliyun::redact::Redactor;
use aliyun::rpc::error::{AttemptError, RequestError};
use aliyun::rpc::region::RegionId;

/// Reads from the API. All data sources share one client, so that their reads are
/// coalesced and cached together.
pub struct Client {
    retry_limit: Duration,
    api: Arc<ApiClient>,
    images: ImageLoader<ApiClient>,
    custom_images: Cached<ApiClient, CustomImagesQuery>,
    plans: Cached<ApiClient, ListPlans>,
    regions: Cached<ApiClient, ListRegions>,
    shared: Option<Arc<SharedResponses>>,
}

/// The result of a read, with the use of the quota.
#[derive(Debug)]
pub struct Loaded<T> {
    pub value: T,
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// Time for which the read waited because the API had throttled calls.
    pub throttled: Duration,
    /// Use of the quota of the operation since the start.
    pub usage: Usage,
}

impl Client {
    /// Creates a client, which makes no call before the first read. A read is retried
    /// until `retry_limit` has passed; zero disables retries. `shared` has the responses of
    /// other processes.
    pub fn new(api: ApiClient, retry_limit: Duration, shared: Option<SharedResponses>) -> Self {
        let (api, shared) = (Arc::new(api), shared.map(Arc::new));
        Self {
            retry_limit,
            images: ImageLoader::new(Calls::new(Arc::clone(&api), retry_limit, shared.clone())),
            custom_images: Cached::new(Calls::new(Arc::clone(&api), retry_limit, shared.clone())),
            plans: Cached::new(Calls::new(Arc::clone(&api), retry_limit, shared.clone())),
            regions: Cached::new(Calls::new(Arc::clone(&api), retry_limit, shared.clone())),
            shared,
            api,
        }
    }

    /// Returns the fault that makes this process do without the cache directory, the first
    /// time that this is called after it.
    pub fn take_cache_fault(&self) -> Option<&str> {
        self.shared.as_ref()?.take_fault()
    }

    /// Returns the redactor of the secrets that were sent, which responses can repeat.
    pub fn redactor(&self) -> &Redactor {
        self.api.redactor()
    }

    /// Returns the region in the host of a fixed endpoint. Responses are for this region,
    /// regardless of the requested one.
    pub fn fixed_endpoint_region(&self) -> Option<RegionId> {
        self.api.fixed_endpoint_region()
    }

    /// Returns the time limit of a read, which may make many calls that are each within their
    /// own time limit.
    pub fn time_limit(&self) -> Duration {
        self.retry_limit + self.api.response_timeout()
    }

    /// The images that match.
    ///
    /// # Errors
    ///
    /// If a call fails and is not retryable, or its retries exceed the retry limit.
    pub async fn images(&self, query: ListImages) -> Result<Loaded<Found>, Box<LoadError>> {
        let images = &self.images;
        self.read::<ListImages, _, _>(&images.calls, query.region.clone(), images.get(query))
            .await
    }

    /// All custom images that match, the newest first.
    ///
    /// # Errors
    ///
    /// If a call fails and is not retryable, or its retries exceed the retry limit.
    pub async fn custom_images(
        &self,
        query: CustomImagesQuery,
    ) -> Result<Loaded<Arc<[CustomImage]>>, Box<LoadError>> {
        let images = &self.custom_images;
        self.read::<ListCustomImages, _, _>(&images.calls, query.region.clone(), images.get(query))
            .await
    }

    /// The plans of a region, the cheapest first.
    ///
    /// # Errors
    ///
    /// If the call fails and is not retryable, or its retries exceed the retry limit.
    pub async fn plans(&self, query: ListPlans) -> Result<Loaded<Arc<Vec<Plan>>>, Box<LoadError>> {
        let plans = &self.plans;
        self.read::<ListPlans, _, _>(&plans.calls, query.region.clone(), plans.get(query))
            .await
    }

    /// The regions in which servers are offered, sorted by ID.
    ///
    /// # Errors
    ///
    /// If the call fails and is not retryable, or its retries exceed the retry limit.
    pub async fn regions(
        &self,
        query: ListRegions,
    ) -> Result<Loaded<Arc<Vec<Region>>>, Box<LoadError>> {
        let regions = &self.regions;
        self.read::<ListRegions, _, _>(&regions.calls, query.region.clone(), regions.get(query))
            .await
    }

    async fn read<O: Operation, Q, T>(
        &self,
        calls: &Calls<ApiClient, Q>,
        region: RegionId,
        value: impl Future<Output = Result<T, Box<LoadError>>>,
    ) -> Result<Loaded<T>, Box<LoadError>> {
        let before = calls.gate.usage();
        let limit = self.time_limit();
        let Ok(value) = tokio::time::timeout(limit, value).await else {
            let timeout = RequestError::from(HttpError::ResponseTimeout { limit });
            return Err(calls.error::<O>(&region, AttemptError::from(timeout)));
        };
        let usage = calls.gate.usage();
        Ok(Loaded {
            value: value?,
            action: O::ACTION,
            throttled: usage.closed.saturating_sub(before.closed),
            usage,
        })
    }
}
