//! The default credential chain.

use std::sync::OnceLock;

use async_trait::async_trait;

use super::Credentials;
use super::ecs_ram_role::EcsRamRole;
use super::environment::EnvironmentKeys;
use super::error::{CredentialsError, CredentialsErrorKind, CredentialsSource};
use super::oidc::OidcRole;
use super::profile::reference::{INI_FILES, ProfileRef};
use super::profile_provider::ProfileProvider;
use super::provider::{Context, ProvideCredentials};
use super::uri::CredentialsUri;
use crate::env::{CREDENTIALS_URI, ECS_ROLE, Environment};

/// The sources that are tried if the configuration names none, in the order of Alibaba
/// Cloud's SDKs. The metadata service comes last unless a variable names its role.
///
/// A configured source supplies the credentials, or its error is returned: the next source
/// could be another identity.
#[derive(Debug)]
pub struct DefaultChain {
    links: Vec<Link>,
    /// Index of the source that supplied the first credentials. A refresh uses the same
    /// source, because another one could be another identity.
    chosen: OnceLock<usize>,
}

#[derive(Debug)]
struct Link {
    source: CredentialsSource,
    provider: Box<dyn ProvideCredentials>,
    skip: Skip,
}

/// The errors after which the chain tries the next source.
#[derive(Clone, Copy, Debug)]
enum Skip {
    /// None: a variable configures the source.
    Never,
    /// Errors of a source that is not configured.
    IfNotConfigured,
    /// Any error: nothing says that there is such a source.
    Always,
}

impl DefaultChain {
    /// Creates the chain. Sources behind one that a variable configures are left out,
    /// because they are never tried. `profile` returns the profile of the CLI.
    pub fn new(
        environment: &Environment,
        session_name: &'static str,
        profile: impl FnOnce() -> ProfileRef,
    ) -> Self {
        Self {
            links: links(environment, session_name, profile),
            chosen: OnceLock::new(),
        }
    }

    async fn first(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let mut tried = Vec::new();
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
            tried.push((link.source, kind));
        }
        Err(CredentialsError::NothingFound { tried })
    }
}

#[async_trait]
impl ProvideCredentials for DefaultChain {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        match self.chosen.get().and_then(|index| self.links.get(*index)) {
            Some(link) => link.provider.provide(context).await,
            None => self.first(context).await,
        }
    }
}

fn links(
    environment: &Environment,
    session_name: &'static str,
    profile: impl FnOnce() -> ProfileRef,
) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |source, skip, provider: Box<dyn ProvideCredentials>| {
        links.push(Link {
            source,
            provider,
            skip,
        });
    };
    let keys = EnvironmentKeys::new(environment);
    let is_configured = keys.is_configured();
    add(
        CredentialsSource::Environment,
        Skip::IfNotConfigured,
        Box::new(keys),
    );
    if is_configured {
        return links;
    }

    let oidc = OidcRole::of_environment(environment, session_name);
    let is_configured = !matches!(oidc, Ok(None));
    add(
        CredentialsSource::Oidc,
        Skip::IfNotConfigured,
        match oidc {
            Ok(Some(role)) => Box::new(role),
            Ok(None) => Box::new(Unavailable(CredentialsErrorKind::NotSet(
                "ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set",
            ))),
            Err(kind) => Box::new(Unavailable(kind)),
        },
    );
    if is_configured {
        return links;
    }

    let profile = profile();
    let is_named = profile.has_explicit_name();
    let is_file_named = profile.has_explicit_file();
    let ini_files = INI_FILES.map(|file| profile.in_file(file));
    let skip = if is_file_named {
        Skip::Never
    } else {
        Skip::IfNotConfigured
    };
    let source = CredentialsSource::Profile;
    let is_optional = !is_named && !is_file_named;
    let provider = ProfileProvider::of_chain(profile, source, is_optional);
    add(source, skip, Box::new(provider));
    if is_file_named {
        return links;
    }
    for file in ini_files {
        let source = CredentialsSource::IniFile;
        let provider = ProfileProvider::of_chain(file, source, !is_named);
        add(source, Skip::IfNotConfigured, Box::new(provider));
    }
    // Without the named profile, another source could be another identity.
    if is_named {
        return links;
    }

    if let Some(role) = environment.get(ECS_ROLE) {
        let role = EcsRamRole::new(Some(role.to_owned()));
        add(CredentialsSource::EcsRole, Skip::Never, Box::new(role));
        return links;
    }
    let uri = environment.find(&[CREDENTIALS_URI]);
    let uri = uri.map(|uri| {
        uri.value
            .parse::<CredentialsUri>()
            .map_err(|error| CredentialsErrorKind::InvalidVariable {
                variable: uri.name,
                problem: format!("is invalid: {error}"),
            })
    });
    add(
        CredentialsSource::Uri,
        Skip::IfNotConfigured,
        match uri {
            Some(Ok(uri)) => Box::new(uri),
            Some(Err(kind)) => Box::new(Unavailable(kind)),
            None => Box::new(Unavailable(CredentialsErrorKind::NotSet(
                "ALIBABA_CLOUD_CREDENTIALS_URI is not set",
            ))),
        },
    );
    add(
        CredentialsSource::EcsRole,
        Skip::Always,
        Box::new(EcsRamRole::probe()),
    );
    links
}

/// A source that is not configured, or whose variables are invalid.
#[derive(Debug)]
struct Unavailable(CredentialsErrorKind);

#[async_trait]
impl ProvideCredentials for Unavailable {
    async fn provide(&self, _: &Context) -> Result<Credentials, CredentialsError> {
        // The chain adds the source.
        Err(CredentialsSource::Environment.error(self.0.clone()))
    }
}
