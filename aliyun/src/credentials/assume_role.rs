//! Credentials of a role, with the credentials of another provider.

use async_trait::async_trait;

use super::error::CredentialsError;
use super::provider::{Context, ProvideCredentials};
use super::source::CredentialsSource;
use super::sts::{Role, Sts};
use crate::access_key::Credentials;
use crate::rpc::request::Authentication;

/// Assumes a role with the credentials of `source`.
#[derive(Debug)]
pub struct AssumeRole<P> {
    /// Provider of the credentials that may assume the role.
    pub source: P,
    /// The role.
    pub role: Role,
    /// STS, if it is not that of the [`Context`].
    pub sts: Option<Sts>,
    /// True if temporary credentials of the source are returned unchanged: their holder has
    /// assumed a role already, and the environment's role is not for them.
    pub only_with_permanent_keys: bool,
}

#[async_trait]
impl<P: ProvideCredentials> ProvideCredentials for AssumeRole<P> {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let credentials = self.source.provide(context).await?;
        if self.only_with_permanent_keys && credentials.security_token.is_some() {
            return Ok(credentials);
        }
        let sts = self.sts.as_ref().unwrap_or(&context.sts);
        let source = CredentialsSource::AssumedRole {
            role: self.role.arn.clone(),
            with: Box::new(credentials.source.clone()),
            caller: credentials.identity(),
        };
        let authentication = Authentication::Signature(sts.signature_method, &credentials);
        let (http, parameters) = (&context.http, self.role.parameters(sts.session_name));
        sts.call(http, "AssumeRole", parameters, authentication, source)
            .await
    }
}
