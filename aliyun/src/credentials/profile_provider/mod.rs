//! Credentials of a profile.
//!
//! - `modes`: the provider that a profile describes
//! - `external`: a profile that a command prints
//! - `in_profile`: the profile as a part of the source

mod external;
mod in_profile;
mod modes;

use async_trait::async_trait;

use crate::access_key::Credentials;
use crate::credentials::error::{CredentialsError, ProfileError};
use crate::credentials::profile::reference::ProfileRef;
use crate::credentials::provider::{Context, ProvideCredentials};

/// Provides the credentials of a profile.
#[derive(Debug)]
pub struct ProfileProvider {
    /// The profile.
    pub profile: ProfileRef,
    /// True if a profile without credentials is not configured.
    pub is_optional: bool,
}

#[async_trait]
impl ProvideCredentials for ProfileProvider {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let file = self.profile.read().await?;
        let profile = self.profile.select(&file)?;
        if self.is_optional && !profile.is_configured() {
            return Err(file.profile_error(profile, ProfileError::Unconfigured));
        }
        let provider = file.provider(profile, context)?;
        let credentials = provider.provide(context).await;
        credentials.map_err(|error| CredentialsError::OfProfile {
            profile: file.profile_name(profile),
            error: Box::new(error),
        })
    }
}
