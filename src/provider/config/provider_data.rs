//! Provider data, with which data sources read.

use std::sync::Arc;

use crate::provider::diagnostics;
use crate::provider::list;
use crate::swas::catalog::client::Client;
use crate::swas::catalog::error::CatalogError;
use crate::swas::catalog::lookups::Answered;
use crate::swas::operations::regions::{Language, ListRegions};
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, ReadError};
use aliyun::credentials::region::DefaultRegion;
use aliyun::rpc::api_error::ErrorKind;
use aliyun::rpc::region::RegionId;

/// Maximum number of regions in an error. There are fewer.
const MOST_REGIONS: usize = 100;

/// The configured provider. An unknown or missing value is not an error before a read needs
/// it.
pub struct ProviderData {
    region: Result<Arc<DefaultRegion>, ReadError>,
    client: Result<Client, ReadError>,
    context: diagnostics::ErrorContext,
}

impl ProviderData {
    pub(super) fn new(
        region: Result<Arc<DefaultRegion>, ReadError>,
        client: Result<Client, ReadError>,
        context: diagnostics::ErrorContext,
    ) -> Self {
        Self {
            region,
            client,
            context,
        }
    }

    /// Runs `request` with the client. Adds a warning if the quota of the API delayed it.
    ///
    /// # Errors
    ///
    /// Returns the diagnostic of a failed request, or the error of an unknown or invalid
    /// configuration.
    pub async fn fetch<'a, T, F>(
        &'a self,
        request: impl FnOnce(&'a Client) -> F,
        warnings: &mut Diagnostics,
    ) -> Result<T, ReadError>
    where
        F: Future<Output = Result<Answered<T>, CatalogError>>,
    {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        match request(client).await {
            Ok(answered) => {
                warnings.append(diagnostics::quota_warning(&answered));
                Ok(answered.found)
            }
            Err(error) => Err(self.failure(client, &error).await.into()),
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
        let region = self.named_region(region_id).await?;
        let answering = self
            .client
            .as_ref()
            .ok()
            .and_then(Client::fixed_endpoint_region);
        if let Some(answering) = answering.filter(|answering| *answering != region) {
            let detail = format!(
                "This block reads region {region}, and the endpoint that is configured is that of \
                 {answering}. The host decides: what it answers is what {answering} has. Put \
                 \"{{region}}\" in the place of the region in \"endpoints\" of the provider \
                 block or in {}.",
                self.context.endpoint_variable
            );
            let warning = Diagnostic::warning("Endpoint of another region", detail);
            warnings.push(warning.at(AttributePath::attribute("region_id")));
        }
        Ok(region)
    }

    async fn named_region(&self, region_id: Option<RegionId>) -> Result<RegionId, ReadError> {
        if let Some(region) = region_id {
            return Ok(region);
        }
        let default = self.region.as_ref().map_err(Clone::clone)?;
        default.get().await.cloned().map_err(|reason| {
            let path = AttributePath::attribute("region_id");
            diagnostics::no_region(reason, default.has_explicit_profile())
                .at(path)
                .into()
        })
    }

    /// Returns the diagnostic of a failed call. If the region does not exist, it lists the
    /// existing ones.
    async fn failure(&self, client: &Client, error: &CatalogError) -> Diagnostic {
        let mut diagnostic = diagnostics::diagnostic(error, &self.context);
        if let CatalogError::Call(call) = error
            && error.kind() == Some(ErrorKind::NoSuchRegion)
        {
            let regions = ListRegions {
                region: call.region.clone(),
                accept_language: Some(Language::English),
            };
            // If the list of regions fails, too, the error is complete without it.
            let regions = client.regions(regions).await.unwrap_or_default().found;
            if !regions.is_empty() {
                diagnostic.detail.push_str("\n\nThe regions are:");
                let lines = regions
                    .iter()
                    .map(|region| match region.local_name.as_str() {
                        "" => region.region_id.clone(),
                        name => format!("{} ({name})", region.region_id),
                    });
                list::append(&mut diagnostic.detail, lines, MOST_REGIONS);
            }
        }
        diagnostic
    }
}
