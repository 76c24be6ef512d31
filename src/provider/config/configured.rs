//! What data sources read with.

use std::sync::Arc;

use super::REGION_VARIABLES;
use crate::provider::checks;
use crate::swas::credentials::DefaultRegion;
use crate::swas::{Client, RegionId};
use crate::terraform::{AttributePath, Diagnostic, ReadError, Value};

/// What came of the provider block.
#[derive(Debug)]
pub struct Configured {
    /// Or the argument that is not known yet.
    region: Result<Arc<DefaultRegion>, AttributePath>,
    client: Result<Client, Obstacle>,
}

/// Why nothing can be read, which is no error before something is.
#[derive(Clone, Debug)]
pub(super) enum Obstacle {
    /// This argument of the provider block is not known before apply.
    Unknown(AttributePath),
    /// The block asks for something and does not say all of it.
    Incomplete(Diagnostic),
}

impl Configured {
    pub(super) fn new(
        region: Result<Arc<DefaultRegion>, AttributePath>,
        client: Result<Client, Obstacle>,
    ) -> Self {
        Self { region, client }
    }

    /// What calls the API.
    ///
    /// # Errors
    ///
    /// When the provider block is incomplete, or when something that calling
    /// needs is not known yet.
    pub fn client(&self) -> Result<&Client, ReadError> {
        self.client.as_ref().map_err(|obstacle| match obstacle {
            Obstacle::Unknown(path) => ReadError::ProviderUnknown(path.clone()),
            Obstacle::Incomplete(error) => error.clone().into(),
        })
    }

    /// The region that a data block names, or else the provider's.
    ///
    /// # Errors
    ///
    /// When neither names one, or when the provider's is not known yet.
    pub async fn region(&self, region_id: &Value<String>) -> Result<RegionId, ReadError> {
        let path = AttributePath::attribute("region_id");
        if let Some(region) = region_id.known() {
            return Ok(checks::parsed_region(region, path)?);
        }
        let region = self.region.as_ref();
        let region = region.map_err(|unknown| ReadError::ProviderUnknown(unknown.clone()))?;
        region.get().await.cloned().map_err(|reason| {
            Diagnostic::error(
                "No region",
                format!(
                    "Images are listed region by region, and no region is set. Set \
                     \"region_id\" here, \"region\" in the provider block, or the environment \
                     variable {}. A profile of the Alibaba Cloud CLI may name one too, but \
                     {reason}.",
                    REGION_VARIABLES[0]
                ),
            )
            .at(path)
            .into()
        })
    }
}
