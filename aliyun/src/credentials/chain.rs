//! The default credential chain.

use std::sync::OnceLock;

use async_trait::async_trait;

use super::ecs_ram_role::{EcsRamRole, ROLE_NAME_RULE, is_role_name};
use super::environment::EnvironmentKeys;
use super::error::{CredentialsError, CredentialsErrorKind, ProviderKind};
use super::oidc::OidcRole;
use super::profile::reference::{INI_FILES, ProfileRef};
use super::profile_provider::ProfileProvider;
use super::provider::{Context, ProvideCredentials};
use super::uri::CredentialsUri;
use crate::access_key::Credentials;
use crate::env::{CREDENTIALS_URI, ECS_ROLE, Environment, Variable};
use crate::text::debug_quote;

/// The sources that are tried if the configuration names none, in the order of Alibaba
/// Cloud's SDKs. The metadata service comes last unless a variable names its role.
///
/// A configured source supplies the credentials, or its error is returned: the next source
/// could be another identity.
#[derive(Debug)]
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
    source: ProviderKind,
    provider: Box<dyn ProvideCredentials>,
    skip: Skip,
}

impl Link {
    fn new(source: ProviderKind, skip: Skip, provider: impl ProvideCredentials + 'static) -> Self {
        Self {
            source,
            provider: Box::new(provider),
            skip,
        }
    }
}

/// The errors after which the chain tries the next source.
#[derive(Clone, Copy, Debug)]
enum Skip {
    /// No error. Used for an explicitly named file or role.
    Never,
    /// Errors that say that the source is not configured.
    IfNotConfigured,
    /// Any error. Used for the probe of the metadata service, which most machines do not have.
    Always,
}

impl DefaultChain {
    /// Creates the chain. `profile` returns the profile of the CLI.
    pub fn new(
        environment: &Environment,
        session_name: &'static str,
        profile: impl FnOnce() -> ProfileRef,
    ) -> Self {
        let mut profile_variable = None;
        let profile = || {
            let profile = profile();
            profile_variable = profile.name_variable().map(str::to_owned);
            profile
        };
        let links = links(environment, session_name, profile);
        Self {
            links,
            profile_variable,
            chosen: OnceLock::new(),
        }
    }

    async fn provide_first(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let mut skipped = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            let error = match link.provider.provide(context).await {
                Ok(credentials) => {
                    tracing::debug!(source = %link.source, "found credentials");
                    let _ = self.chosen.set(index);
                    return Ok(credentials);
                }
                Err(error) => error,
            };
            let CredentialsError::Failed { kind, .. } = error else {
                return Err(error);
            };
            let is_skipped = match link.skip {
                Skip::Never => false,
                Skip::IfNotConfigured => kind.is_not_configured(),
                Skip::Always => true,
            };
            if !is_skipped {
                return Err(link.source.error(kind));
            }
            tracing::debug!(source = %link.source, reason = %kind, "no credentials");
            skipped.push((link.source, kind));
        }
        Err(CredentialsError::NothingFound {
            skipped,
            profile_variable: self.profile_variable.clone(),
        })
    }
}

#[async_trait]
impl ProvideCredentials for DefaultChain {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        match self.chosen.get().and_then(|index| self.links.get(*index)) {
            Some(link) => link.provider.provide(context).await,
            None => self.provide_first(context).await,
        }
    }
}

/// Returns the sources up to the first one that a variable configures: those behind it are
/// never tried.
fn links(
    environment: &Environment,
    session_name: &'static str,
    profile: impl FnOnce() -> ProfileRef,
) -> Vec<Link> {
    let keys = EnvironmentKeys::new(environment);
    let is_configured = keys.is_configured();
    let source = ProviderKind::Environment;
    let mut links = vec![Link::new(source, Skip::IfNotConfigured, keys)];
    if is_configured {
        return links;
    }

    let oidc = OidcRole::of_environment(environment, session_name).transpose();
    let is_configured = oidc.is_some();
    let not_set = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set";
    links.push(variables_link(ProviderKind::Oidc, oidc, not_set));
    if is_configured {
        return links;
    }

    let profile = profile();
    let is_named = profile.has_explicit_name() || profile.has_explicit_file();
    links.extend(profile_links(profile));
    // Without the named profile, another source could be another identity.
    if is_named {
        return links;
    }

    if let Some(role) = environment.find(&[ECS_ROLE]) {
        links.push(ecs_link(&role));
        return links;
    }
    let uri = credentials_uri(environment);
    let not_set = "ALIBABA_CLOUD_CREDENTIALS_URI is not set";
    links.push(variables_link(ProviderKind::Uri, uri, not_set));
    let probe = EcsRamRole::probe();
    links.push(Link::new(ProviderKind::EcsRole, Skip::Always, probe));
    links
}

/// Returns the link of a source that variables configure. `provider` is `None` if they are
/// not set, which `not_set` says.
fn variables_link<P: ProvideCredentials + 'static>(
    source: ProviderKind,
    provider: Option<Result<P, CredentialsErrorKind>>,
    not_set: &'static str,
) -> Link {
    let not_set = Err(CredentialsErrorKind::NotSet(not_set));
    match provider.unwrap_or(not_set) {
        Ok(provider) => Link::new(source, Skip::IfNotConfigured, provider),
        Err(kind) => Link::new(source, Skip::IfNotConfigured, Unavailable(kind)),
    }
}

/// Returns the links of the CLI's file and of the SDKs' INI files, or of the one file that
/// is configured.
fn profile_links(profile: ProfileRef) -> Vec<Link> {
    let is_named = profile.has_explicit_name();
    let source = ProviderKind::Profile;
    if profile.has_explicit_file() {
        let provider = ProfileProvider::of_chain(profile, source, false);
        return vec![Link::new(source, Skip::Never, provider)];
    }
    let ini_files = INI_FILES.map(|file| (ProviderKind::IniFile, profile.in_file(file)));
    let files = std::iter::once((source, profile)).chain(ini_files);
    let link = |(source, profile)| {
        let provider = ProfileProvider::of_chain(profile, source, !is_named);
        Link::new(source, Skip::IfNotConfigured, provider)
    };
    files.map(link).collect()
}

fn ecs_link(role: &Variable<'_>) -> Link {
    let source = ProviderKind::EcsRole;
    if is_role_name(role.value) {
        let role = EcsRamRole::new(Some(role.value.to_owned()));
        return Link::new(source, Skip::Never, role);
    }
    let kind = CredentialsErrorKind::InvalidVariable {
        variable: role.name.clone(),
        problem: format!("is {}, and {ROLE_NAME_RULE}", debug_quote(role.value)),
    };
    Link::new(source, Skip::Never, Unavailable(kind))
}

fn credentials_uri(
    environment: &Environment,
) -> Option<Result<CredentialsUri, CredentialsErrorKind>> {
    let variable = environment.find(&[CREDENTIALS_URI])?;
    let uri = variable.value.parse::<CredentialsUri>();
    Some(uri.map_err(|error| CredentialsErrorKind::InvalidVariable {
        variable: variable.name,
        problem: format!("is invalid: {error}"),
    }))
}

/// A source that is not configured, or whose variables are invalid.
#[derive(Debug)]
struct Unavailable(CredentialsErrorKind);

#[async_trait]
impl ProvideCredentials for Unavailable {
    async fn provide(&self, _: &Context) -> Result<Credentials, CredentialsError> {
        // The chain adds the source.
        Err(ProviderKind::Environment.error(self.0.clone()))
    }
}
