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

/// Reads the file for each fetch. A default profile without credentials is not configured.
#[async_trait]
impl ProvideCredentials for ProfileRef {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let file = self.read().await?;
        let profile = self.select(&file)?;
        if self.is_default && !profile.is_configured() {
            return Err(profile.error(ProfileError::Unconfigured));
        }
        let credentials = file.provider(profile, context)?.provide(context).await;
        credentials.map_err(|error| CredentialsError::OfProfile {
            profile: profile.name.clone(),
            error: Box::new(error),
        })
    }
}
