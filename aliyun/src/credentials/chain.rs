//! The default credential chain.

use std::sync::OnceLock;

use async_trait::async_trait;

use super::ecs_ram_role::{EcsRamRole, ROLE_NAME_RULE, is_role_name};
use super::environment;
use super::error::{CredentialsError, SourceKind};
use super::oidc::OidcRole;
use super::profile::reference::ProfileRef;
use super::provider::{Context, ProvideCredentials, Source};
use super::uri::CredentialsUri;
use crate::access_key::Credentials;
use crate::env::{CREDENTIALS_URI, ECS_ROLE, Environment};
use crate::text::debug_quote;

/// The sources that are tried if the configuration names none, in the order of Alibaba
/// Cloud's SDKs. The metadata service comes last unless a variable names its role.
///
/// A configured source supplies the credentials, or its error is returned: the next source
/// could be another identity.
#[derive(Debug, Default)]
pub struct DefaultChain {
    links: Vec<Link>,
    /// The variable that names a profile.
    profile_variable: Option<String>,
    /// Index of the source that supplied the first credentials. A refresh uses the same
    /// source, because another one could be another identity.
    chosen: OnceLock<usize>,
}

/// A source in the chain.
#[derive(Debug)]
struct Link {
    kind: SourceKind,
    provider: Box<dyn ProvideCredentials>,
    /// Returns true for the errors after which the chain tries the next source.
    is_skipped: fn(&CredentialsError) -> bool,
}

impl DefaultChain {
    /// Creates the chain, up to the first source that a variable configures: those behind it
    /// are never tried. `profile` returns the profile of the CLI.
    pub fn new(environment: &Environment, profile: impl FnOnce() -> ProfileRef) -> Self {
        let mut chain = Self::default();
        let keys = environment::access_key(environment);
        if chain.push_variables(SourceKind::Environment, keys)
            || chain.push_variables(SourceKind::Oidc, OidcRole::of_environment(environment))
        {
            return chain;
        }
        let profile = profile();
        chain.profile_variable = profile.name_variable().map(str::to_owned);
        chain.push_profiles(&profile);
        // Without the named profile, another source could be another identity.
        if !profile.is_default
            || chain.push_variables(SourceKind::EcsRole, ecs_role(environment))
            || chain.push_variables(SourceKind::Uri, credentials_uri(environment))
        {
            return chain;
        }
        // Most machines do not have a metadata service.
        chain.push(
            SourceKind::EcsRole,
            |_| true,
            EcsRamRole {
                name: None,
                is_probe: true,
            },
        );
        chain
    }

    fn push(
        &mut self,
        kind: SourceKind,
        is_skipped: fn(&CredentialsError) -> bool,
        provider: impl ProvideCredentials + 'static,
    ) {
        self.links.push(Link {
            kind,
            provider: Box::new(Source(kind, provider)),
            is_skipped,
        });
    }

    /// Adds a source that variables configure. Returns false if they are not set.
    fn push_variables<P: ProvideCredentials + 'static>(
        &mut self,
        kind: SourceKind,
        provider: Result<P, CredentialsError>,
    ) -> bool {
        let is_set = !matches!(&provider, Err(error) if error.is_not_configured());
        let is_skipped = if is_set { |_: &_| false } else { |_: &_| true };
        self.push(kind, is_skipped, provider);
        is_set
    }

    /// Adds the CLI's file and the SDKs' INI files, or the one file that is configured.
    fn push_profiles(&mut self, profile: &ProfileRef) {
        let is_skipped: fn(&CredentialsError) -> bool = if profile.has_explicit_file() {
            |_| false
        } else {
            CredentialsError::is_not_configured
        };
        for (kind, profile) in profile.in_files() {
            self.push(kind, is_skipped, profile);
        }
    }
}

#[async_trait]
impl ProvideCredentials for DefaultChain {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        if let Some(link) = self.chosen.get().and_then(|index| self.links.get(*index)) {
            return link.provider.provide(context).await;
        }
        let mut skipped = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            match link.provider.provide(context).await {
                Ok(credentials) => {
                    tracing::debug!(source = %link.kind, "found credentials");
                    let _ = self.chosen.set(index);
                    return Ok(credentials);
                }
                Err(error) if (link.is_skipped)(&error) => {
                    tracing::debug!(%error, "no credentials");
                    skipped.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(CredentialsError::NothingFound {
            skipped,
            profile_variable: self.profile_variable.clone(),
        })
    }
}

fn ecs_role(environment: &Environment) -> Result<EcsRamRole, CredentialsError> {
    let not_set = CredentialsError::NotSet("ALIBABA_CLOUD_ECS_METADATA is not set");
    let role = environment.find(&[ECS_ROLE]).ok_or(not_set)?;
    if !is_role_name(role.value) {
        let problem = format!("is {}, and {ROLE_NAME_RULE}", debug_quote(role.value));
        return Err(CredentialsError::variable(&role, problem));
    }
    Ok(EcsRamRole {
        name: Some(role.value.to_owned()),
        is_probe: false,
    })
}

fn credentials_uri(environment: &Environment) -> Result<CredentialsUri, CredentialsError> {
    let variable = environment.find(&[CREDENTIALS_URI]);
    let not_set = CredentialsError::NotSet("ALIBABA_CLOUD_CREDENTIALS_URI is not set");
    let variable = variable.ok_or(not_set)?;
    CredentialsUri::parse(variable.value)
        .map_err(|error| CredentialsError::variable(&variable, format!("is invalid: {error}")))
}
