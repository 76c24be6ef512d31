//! The default region.

use tokio::sync::OnceCell;

use super::error::CredentialsError;
use super::profile::reference::ProfileRef;
use crate::rpc::region::RegionId;

/// The configured region or else that of a profile, which is read on first use.
#[derive(Debug)]
pub struct DefaultRegion {
    profile: Option<ProfileRef>,
    region: OnceCell<Result<RegionId, CredentialsError>>,
}

/// A configured region.
impl From<RegionId> for DefaultRegion {
    fn from(region: RegionId) -> Self {
        Self {
            profile: None,
            region: OnceCell::new_with(Some(Ok(region))),
        }
    }
}

/// The region of a profile.
impl From<ProfileRef> for DefaultRegion {
    fn from(profile: ProfileRef) -> Self {
        Self {
            profile: Some(profile),
            region: OnceCell::new(),
        }
    }
}

impl DefaultRegion {
    /// Returns true if the region is that of a profile that the configuration or the
    /// environment names.
    pub fn has_explicit_profile(&self) -> bool {
        let profile = self.profile.as_ref();
        profile.is_some_and(|profile| !profile.is_default)
    }

    /// Returns the region.
    ///
    /// # Errors
    ///
    /// If no region is configured and the profile has none.
    pub async fn get(&self) -> Result<&RegionId, &CredentialsError> {
        let read = async || match &self.profile {
            Some(profile) => profile.region().await,
            None => Err(CredentialsError::NotSet("no region is configured")),
        };
        self.region.get_or_init(read).await.as_ref()
    }
}
