//! The configured provider, which data sources use to read.

use std::sync::Arc;

use tokio::time::Instant;

use super::cache::fault_warning;
use super::resolver::deprecation_warning;
use crate::provider::diagnostics;
use crate::provider::fetched::Fetched;
use crate::swas::catalog::client::{Client, Loaded};
use crate::swas::catalog::error::LoadError;
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, ReadError};
use aliyun::credentials::region::DefaultRegion;
use aliyun::env::Environment;
use aliyun::rpc::region::RegionId;

/// The configured provider. An unknown or missing value is not an error before a read needs
/// it.
pub struct ProviderData {
    pub(super) region: Result<Arc<DefaultRegion>, ReadError>,
    pub(super) client: Result<Client, ReadError>,
    pub(super) context: diagnostics::ErrorContext,
    pub(super) environment: Environment,
}

impl ProviderData {
    /// Runs `request` with the client, unless `ids` is empty: then nothing can match. Adds a
    /// warning if the quota of the API delayed it, and those about deprecated variables and a
    /// cache directory that it met. The time limit of the read includes work on the response.
    ///
    /// # Errors
    ///
    /// Returns the diagnostic of a failed request, or the error of an unknown or invalid
    /// configuration.
    pub async fn fetch<'a, T, F>(
        &'a self,
        ids: Option<&[String]>,
        request: impl FnOnce(&'a Client) -> F,
        warnings: &mut Diagnostics,
    ) -> Result<Fetched<T>, ReadError>
    where
        T: Default + Send + 'static,
        F: Future<Output = Result<Loaded<T>, Box<LoadError>>>,
    {
        if ids.is_some_and(<[String]>::is_empty) {
            return Ok(Fetched::none());
        }
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let deadline = Instant::now() + client.time_limit();
        let loaded = request(client).await;
        // Some variables are read only with a profile.
        warnings.append(deprecation_warning(&self.environment));
        if let Some(fault) = client.take_cache_fault() {
            warnings.push(fault_warning(fault));
        }
        match loaded {
            Ok(loaded) => {
                if let Some(warning) = diagnostics::quota_warning(&loaded, &self.context) {
                    warnings.push(warning);
                }
                let redactor = client.redactor().clone();
                Ok(Fetched::new(loaded.value, deadline, redactor))
            }
            Err(error) => Err(diagnostics::diagnostic(&error, &self.context).into()),
        }
    }

    /// Returns the region of a data block, or else the provider's.
    ///
    /// # Errors
    ///
    /// If neither is set, or the provider's is unknown.
    pub async fn region(
        &self,
        region_id: Option<RegionId>,
        warnings: &mut Diagnostics,
    ) -> Result<RegionId, ReadError> {
        let region = self.resolve_region(region_id).await?;
        let client = self.client.as_ref().ok();
        let endpoint_region = client.and_then(Client::fixed_endpoint_region);
        if let Some(endpoint_region) = endpoint_region.filter(|fixed| *fixed != region) {
            let detail = format!(
                "The configured endpoint serves {endpoint_region}, but this block reads {region}. \
                 The API returns the data of {endpoint_region}. Replace the region in \
                 \"endpoints\" of the provider block or in {} with \"{{region}}\".",
                self.context.endpoint_variable
            );
            let warning = Diagnostic::warning("Endpoint of another region", detail);
            warnings.push(warning.at(AttributePath::attribute("region_id")));
        }
        Ok(region)
    }

    async fn resolve_region(&self, region_id: Option<RegionId>) -> Result<RegionId, ReadError> {
        if let Some(region) = region_id {
            return Ok(region);
        }
        let default = self.region.as_ref().map_err(Clone::clone)?;
        default.get().await.cloned().map_err(|reason| {
            let path = AttributePath::attribute("region_id");
            diagnostics::no_region(reason, default.has_explicit_profile(), &self.context)
                .at(path)
                .into()
        })
    }
}
