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
use crate::credentials::error::{
    CredentialsError, CredentialsErrorKind, ProfileError, ProviderKind,
};
use crate::credentials::profile::reference::ProfileRef;
use crate::credentials::provider::{Context, ProvideCredentials};

/// Provides the credentials of a profile.
#[derive(Debug)]
pub struct ProfileProvider {
    profile: ProfileRef,
    source: ProviderKind,
    is_optional: bool,
}

impl ProfileProvider {
    /// Creates the provider of the profile that the configuration names.
    pub fn new(profile: ProfileRef) -> Self {
        Self {
            profile,
            source: ProviderKind::Profile,
            is_optional: false,
        }
    }

    /// Creates the provider of a profile in the default chain. If it `is_optional`, a profile
    /// without credentials is not configured.
    pub(crate) fn of_chain(profile: ProfileRef, source: ProviderKind, is_optional: bool) -> Self {
        Self {
            profile,
            source,
            is_optional,
        }
    }

    async fn fetch(&self, context: &Context) -> Result<Credentials, CredentialsErrorKind> {
        let file = self.profile.read().await?;
        let profile = self.profile.select(&file)?;
        if self.is_optional && !profile.is_configured() {
            return Err(file.profile_error(profile, ProfileError::Unconfigured));
        }
        let provider = file.provider(profile, context)?;
        let credentials = provider.provide(context).await;
        credentials.map_err(|error| CredentialsErrorKind::OfProfile {
            file: file.path.clone(),
            profile: profile.name.clone(),
            error: Box::new(error),
        })
    }
}

#[async_trait]
impl ProvideCredentials for ProfileProvider {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let fetched = self.fetch(context).await;
        fetched.map_err(|kind| self.source.error(kind))
    }
}
