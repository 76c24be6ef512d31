//! What reads ask: every operation, by calls that reads share.

use std::sync::Arc;
use std::time::Duration;

use super::calls;
use super::custom_images::CustomImages;
use super::images::Images;
use crate::swas::catalog::immutable::Immutable;
use crate::swas::catalog::lookups::{Answered, Lookup, Lookups};
use crate::swas::operations::custom_images::{CustomImage, CustomImagesQuery, ListCustomImages};
use crate::swas::operations::images::{Image, ListImages};
use crate::swas::operations::plans::{ListPlans, Plan};
use crate::swas::operations::regions::{ListRegions, Region};
use aliyun::client::{ApiClient, CallError, Error, Operation, RetryHistory};
use aliyun::rpc::error::RequestError;
use aliyun::rpc::region::RegionId;

/// Looks up what the API knows. To be shared, so that reads share calls.
pub struct Client {
    limit: Duration,
    calls: Arc<ApiClient>,
    images: Lookups<Images, ApiClient>,
    custom_images: Lookups<CustomImages, ApiClient>,
    plans: Lookups<Immutable<ListPlans>, ApiClient>,
    regions: Lookups<Immutable<ListRegions>, ApiClient>,
}

impl Client {
    /// Nothing is called before somebody asks. A read goes on trying for as long
    /// as `limit`; zero means that nothing is tried twice.
    pub fn new(calls: ApiClient, limit: Duration) -> Self {
        let calls = Arc::new(calls);
        Self {
            limit,
            images: Lookups::new(Arc::clone(&calls), limit),
            custom_images: Lookups::new(Arc::clone(&calls), limit),
            plans: Lookups::new(Arc::clone(&calls), limit),
            regions: Lookups::new(Arc::clone(&calls), limit),
            calls,
        }
    }

    /// The region that is read whichever is asked about, where the endpoint is a
    /// fixed one whose host names it.
    pub fn answering_region(&self) -> Option<RegionId> {
        self.calls.answering_region()
    }

    /// The images that match, each once, sorted by name as people sort and then
    /// by ID.
    ///
    /// # Errors
    ///
    /// When a call fails, and cannot be made again or not in time.
    pub async fn images(&self, query: ListImages) -> Result<Answered<Vec<Arc<Image>>>, Error> {
        let region = query.region.clone();
        self.ask::<_, ListImages>(&self.images, query, region).await
    }

    /// All custom images that match, the newest first.
    ///
    /// # Errors
    ///
    /// When a call fails, and cannot be made again or not in time.
    pub async fn custom_images(
        &self,
        query: CustomImagesQuery,
    ) -> Result<Answered<Arc<[CustomImage]>>, Error> {
        let region = query.region.clone();
        self.ask::<_, ListCustomImages>(&self.custom_images, query, region)
            .await
    }

    /// What a server can be bought as in a region, the cheapest first.
    ///
    /// # Errors
    ///
    /// When the call fails, and cannot be made again or not in time.
    pub async fn plans(&self, query: ListPlans) -> Result<Answered<Arc<Vec<Plan>>>, Error> {
        let region = query.region.clone();
        self.ask::<_, ListPlans>(&self.plans, query, region).await
    }

    /// The regions in which servers are offered, sorted by ID.
    ///
    /// # Errors
    ///
    /// When the call fails, and cannot be made again or not in time.
    pub async fn regions(&self, query: ListRegions) -> Result<Answered<Arc<Vec<Region>>>, Error> {
        let region = query.asked.clone();
        self.ask::<_, ListRegions>(&self.regions, query, region)
            .await
    }

    async fn ask<L, O>(
        &self,
        lookups: &Lookups<L, ApiClient>,
        need: L::Need,
        region: RegionId,
    ) -> Result<Answered<L::Found>, Error>
    where
        L: Lookup<Call = O>,
        O: Operation<Output = L::Answer>,
    {
        // Every wait and every call has a limit of its own. This one is for a
        // read that needs many calls, each of them just in time.
        let limit = self.limit + self.calls.answer_limit();
        match tokio::time::timeout(limit, lookups.get(need)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(unanswered)) => {
                let mut error = calls::error(unanswered);
                // Others met the refusal, in a region of theirs.
                if let Error::Call(call) = &mut error
                    && call.retries.attempts == 0
                {
                    call.host = self.calls.endpoint(&region).host();
                    call.region = region;
                }
                Err(error)
            }
            Err(_) => Err(Error::Call(Box::new(CallError {
                action: O::ACTION,
                host: self.calls.endpoint(&region).host(),
                region,
                failure: RequestError::AnswerTimeout { limit },
                retry_after: None,
                retries: RetryHistory::default(),
            }))),
        }
    }
}
