//! The trait of credentials providers.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use super::error::{CredentialsError, SourceKind};
use super::sts::Sts;
use crate::access_key::Credentials;
use crate::env::Environment;
use crate::http::client::HttpClient;

/// A source of credentials.
#[async_trait]
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// Returns credentials. Each call fetches them anew, so that files that have changed are
    /// read again.
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError>;
}

/// Dependencies of providers, which [`ProvideCredentials::provide`] gets.
#[derive(Clone, Debug)]
pub struct Context {
    /// Snapshot of the environment.
    pub environment: Environment,
    /// Client for requests of credentials.
    pub http: Arc<HttpClient>,
    /// STS, which assumes roles.
    pub sts: Sts,
    /// The role that the ECS instance had first. A refresh uses the same role, because
    /// another one could be another identity.
    pub first_ecs_role: Arc<OnceLock<String>>,
}

/// Static keys.
#[async_trait]
impl ProvideCredentials for Credentials {
    async fn provide(&self, _: &Context) -> Result<Credentials, CredentialsError> {
        Ok(self.clone())
    }
}

#[async_trait]
impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Box<P> {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        (**self).provide(context).await
    }
}

/// A provider that the environment configures, or the error of its variables.
#[async_trait]
impl<P: ProvideCredentials> ProvideCredentials for Result<P, CredentialsError> {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        match self {
            Ok(provider) => provider.provide(context).await,
            Err(error) => Err(error.clone()),
        }
    }
}

/// A provider whose errors name the kind of the source.
#[derive(Debug)]
pub struct Source<P>(pub SourceKind, pub P);

#[async_trait]
impl<P: ProvideCredentials> ProvideCredentials for Source<P> {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let Self(kind, provider) = self;
        let credentials = provider.provide(context).await;
        credentials.map_err(|error| CredentialsError::Source {
            kind: *kind,
            error: Box::new(error),
        })
    }
}
