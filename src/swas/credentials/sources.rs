//! The source of credentials that a configuration asks for.

use std::sync::Arc;

use futures_util::FutureExt;
use reqsign_core::{Context, ProvideCredential, ProvideCredentialDyn, Result};

use super::default::Default;
use super::ecs::EcsRole;
use super::oidc::{Oidc, OidcRole};
use super::profile::{ProfileCredentials, ProfilePlace, Tools};
use super::uri::CredentialsUri;
use super::{Credentials, CredentialsCache, CredentialsError, Environment, Place, Reason};
use crate::swas::sts::{Role, Sts};

/// Where credentials come from.
#[derive(Debug)]
pub enum Source {
    /// These are it.
    Keys(Credentials),
    /// An OIDC token.
    Oidc(OidcRole),
    /// The RAM role of this name, which the ECS instance has.
    EcsRole(String),
    /// A sidecar at this URI.
    Uri(String),
    /// A profile.
    Profile(ProfilePlace),
    /// Wherever Alibaba Cloud's SDKs look. The profile is the one that they
    /// would use.
    Default(ProfilePlace),
}

/// Everything there is to know about how credentials are to be had.
#[derive(Debug)]
pub struct Settings {
    /// Where they come from.
    pub source: Source,
    /// The role that is assumed with them.
    pub role: Option<Role>,
    /// What completes the source.
    pub environment: Environment,
    /// Who hands out credentials of roles.
    pub sts: Sts,
}

impl Settings {
    /// Fetches credentials when they are needed.
    #[must_use]
    pub fn cached(self) -> CredentialsCache {
        let settings = Arc::new(self);
        CredentialsCache::new(Box::new(move || {
            let settings = Arc::clone(&settings);
            async move { settings.fetch().await }.boxed()
        }))
    }

    async fn fetch(&self) -> std::result::Result<Credentials, CredentialsError> {
        let context = Context::new().with_env(self.environment.clone());
        let tools = Tools {
            environment: self.environment.clone(),
            sts: self.sts.clone(),
        };
        let credentials = match &self.source {
            Source::Keys(keys) => keys.clone(),
            Source::Oidc(role) => {
                let oidc = Oidc {
                    role: role.clone(),
                    sts: self.sts.clone(),
                };
                ask(&oidc, Place::Oidc, &context).await?
            }
            Source::EcsRole(name) => {
                let role = EcsRole::new(Some(name.clone()), &self.environment);
                ask(&role, Place::EcsRole, &context).await?
            }
            Source::Uri(uri) => ask(&CredentialsUri(uri.clone()), Place::Uri, &context).await?,
            Source::Profile(place) => {
                let profile = ProfileCredentials {
                    place: place.clone(),
                    tools,
                };
                ask(&profile, Place::Profile, &context).await?
            }
            Source::Default(place) => Default { place, tools }.look(&context).await?,
        };
        match &self.role {
            None => Ok(credentials),
            Some(role) => {
                let assumed = self.sts.assume_role(role, &credentials).await;
                assumed.map_err(|reason| CredentialsError::Unusable {
                    place: Place::AssumedRole,
                    reason,
                })
            }
        }
    }
}

async fn ask(
    provider: &dyn ProvideCredentialDyn<Credential = Credentials>,
    place: Place,
    context: &Context,
) -> std::result::Result<Credentials, CredentialsError> {
    give(provider, context)
        .await
        .map_err(|reason| CredentialsError::Unusable { place, reason })
}

/// What the provider gives, or why it gives nothing.
pub(super) async fn give(
    provider: &dyn ProvideCredentialDyn<Credential = Credentials>,
    context: &Context,
) -> std::result::Result<Credentials, Reason> {
    match provider.provide_credential_dyn(context).await {
        Ok(Some(credentials)) => Ok(credentials),
        // No provider in here does it: each says why.
        Ok(None) => Err(Reason::Other("it gave none".to_owned())),
        Err(error) => Err(Reason::of(&error)),
    }
}

/// Credentials that are there already.
///
/// reqsign's own provider of these shows its secrets in Debug output.
#[derive(Debug)]
pub(super) struct Keys(pub(super) Credentials);

impl ProvideCredential for Keys {
    type Credential = Credentials;

    async fn provide_credential(&self, _: &Context) -> Result<Option<Credentials>> {
        Ok(Some(self.0.clone()))
    }
}
