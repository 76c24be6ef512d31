//! The region that is meant where none is named.

use tokio::sync::OnceCell;

use super::Reason;
use super::profile::ProfilePlace;
use super::renamed::{Renamed, instead_of_variables};
use crate::rpc::region::{REGION_VARIABLES, RegionId};

/// The region that the configuration or the environment names, or else the one
/// that a profile of the Alibaba Cloud CLI comes with. The profile is read when
/// it is first needed.
#[derive(Debug)]
pub struct DefaultRegion {
    named: Option<RegionId>,
    profile: ProfilePlace,
    found: OnceCell<Result<RegionId, Reason>>,
}

impl DefaultRegion {
    /// The named one, or that of the profile.
    pub fn new(named: Option<RegionId>, profile: ProfilePlace) -> Self {
        Self {
            named,
            profile,
            found: OnceCell::new(),
        }
    }

    /// The region.
    ///
    /// # Errors
    ///
    /// When none is named and the profile has none.
    pub async fn get(&self) -> Result<&RegionId, &Reason> {
        if let Some(region) = &self.named {
            return Ok(region);
        }
        let found = self.found.get_or_init(|| self.profile.region()).await;
        found.as_ref()
    }

    /// Variables that are set under names which nobody reads, and would name one.
    pub fn renamed(&self) -> Vec<Renamed> {
        instead_of_variables(&REGION_VARIABLES, self.profile.environment())
    }
}
