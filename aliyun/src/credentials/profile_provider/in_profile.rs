//! The source that a profile holds or names.

use async_trait::async_trait;

use crate::access_key::Credentials;
use crate::credentials::error::CredentialsError;
use crate::credentials::provider::{Context, ProvideCredentials};
use crate::credentials::source::{CredentialsSource, ProfileName};

/// Adds the profile to the source of credentials and of errors.
#[derive(Debug)]
pub(super) struct InProfile {
    pub(super) profile: ProfileName,
    pub(super) provider: Box<dyn ProvideCredentials>,
}

#[async_trait]
impl ProvideCredentials for InProfile {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let in_profile = |source: &mut CredentialsSource| {
            let inner = std::mem::replace(source, CredentialsSource::Fields);
            *source = CredentialsSource::Profile(self.profile.clone(), Box::new(inner));
        };
        let mut provided = self.provider.provide(context).await;
        match &mut provided {
            Ok(credentials) => in_profile(&mut credentials.source),
            Err(CredentialsError::Sts { credentials, .. }) => in_profile(credentials),
            Err(_) => {}
        }
        provided
    }
}
