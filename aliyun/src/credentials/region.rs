//! The default region.

use tokio::sync::OnceCell;

use super::error::CredentialsError;
use super::profile::reference::ProfileRef;
use crate::rpc::region::RegionId;

/// The configured region or else that of a profile.
#[derive(Debug)]
pub enum DefaultRegion {
    /// A configured region.
    Configured(RegionId),
    /// The region of a profile.
    Profile(Box<ProfileRegion>),
}

/// The region of a profile, which is read on first use.
#[derive(Debug)]
pub struct ProfileRegion {
    profile: ProfileRef,
    region: OnceCell<Result<RegionId, CredentialsError>>,
}

impl DefaultRegion {
    /// Creates the region of a profile.
    pub fn of_profile(profile: ProfileRef) -> Self {
        Self::Profile(Box::new(ProfileRegion {
            profile,
            region: OnceCell::new(),
        }))
    }

    /// Returns true if the region is that of a profile that the configuration or the
    /// environment names.
    pub fn has_explicit_profile(&self) -> bool {
        match self {
            Self::Configured(_) => false,
            Self::Profile(of_profile) => {
                let profile = &of_profile.profile;
                profile.has_explicit_name() || profile.has_explicit_file()
            }
        }
    }

    /// Returns the region.
    ///
    /// # Errors
    ///
    /// If no region is configured and the profile has none.
    pub async fn get(&self) -> Result<&RegionId, &CredentialsError> {
        match self {
            Self::Configured(region) => Ok(region),
            Self::Profile(of_profile) => {
                let ProfileRegion { profile, region } = &**of_profile;
                region.get_or_init(|| profile.region()).await.as_ref()
            }
        }
    }
}
