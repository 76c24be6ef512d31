//! The source of credentials that a configuration asks for.

use std::sync::OnceLock;

use super::cache::FetchCredentials;
use super::default::Search;
use super::ecs::EcsRole;
use super::oidc::OidcRole;
use super::profile::ProfilePlace;
use super::sts::{Role, Sts};
use super::uri::CredentialsUri;
use super::way;
use super::{Credentials, CredentialsError, Environment, Place};

/// Where credentials come from.
#[derive(Debug)]
pub enum Source {
    /// These are it.
    Keys(Credentials),
    /// Exchanges an OIDC token for the credentials of a role.
    Oidc(OidcRole),
    /// The RAM role of this name, which the ECS instance has.
    EcsRole(String),
    /// Requests credentials from a URI, such as that of a sidecar.
    Uri(CredentialsUri),
    /// Uses a profile of the Alibaba Cloud CLI.
    Profile(ProfilePlace),
    /// Wherever Alibaba Cloud's SDKs look.
    Default {
        /// The profile that the chain tries.
        profile: ProfilePlace,
        /// The source of the chain that gave the first credentials.
        chosen: OnceLock<usize>,
    },
}

/// A role, and with what it is assumed.
#[derive(Debug)]
pub enum AssumedRole {
    /// With whatever the source gives.
    Asked(Role),
    /// The environment names it: with keys that have no token. Whoever holds a
    /// role's credentials has assumed it already.
    OfEnvironment(Role),
}

impl AssumedRole {
    /// The role to assume with these credentials, if it is one for them.
    fn with(&self, credentials: &Credentials) -> Option<&Role> {
        match self {
            Self::Asked(role) => Some(role),
            Self::OfEnvironment(role) => credentials.security_token.is_none().then_some(role),
        }
    }
}

/// Everything there is to know about how credentials are to be had.
#[derive(Debug)]
pub struct Settings {
    /// Source of the base credentials.
    pub source: Source,
    /// The role that is assumed with what the source gives.
    pub role: Option<AssumedRole>,
    /// What completes the source.
    pub environment: Environment,
    /// Who hands out credentials of roles.
    pub sts: Sts,
}

impl FetchCredentials for Settings {
    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let of = |place| move |reason| CredentialsError::Unusable { place, reason };
        let credentials = match &self.source {
            Source::Keys(keys) => keys.clone(),
            Source::Oidc(role) => {
                let granted = role.credentials(&self.sts).await;
                granted.map_err(of(Place::Oidc))?
            }
            Source::EcsRole(name) => {
                let role = EcsRole::new(Some(name.clone()), &self.environment);
                role.credentials().await.map_err(of(Place::EcsRole))?
            }
            Source::Uri(uri) => uri
                .credentials(&self.environment)
                .await
                .map_err(of(Place::Uri))?,
            Source::Profile(profile) => {
                let given = way::credentials(profile, &self.sts).await;
                given.map_err(of(Place::Profile))?
            }
            Source::Default { profile, chosen } => {
                let search = Search {
                    profile,
                    chosen,
                    environment: &self.environment,
                    sts: &self.sts,
                };
                search.credentials().await?
            }
        };
        let role = self.role.as_ref();
        match role.and_then(|role| role.with(&credentials)) {
            None => Ok(credentials),
            Some(role) => {
                let assumed = self.sts.assume_role(role, &credentials).await;
                assumed.map_err(of(Place::AssumedRole))
            }
        }
    }
}
