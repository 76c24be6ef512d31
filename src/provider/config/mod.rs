//! The configuration of the provider: the provider block, completed by the environment.
//!
//! - [`model`]: arguments and nested blocks
//! - `arguments`: the table of numbers, their variables, ranges and defaults
//! - [`resolver`]: the value of one argument, and its source
//! - `credentials`, `assume_role`, `conflict`: the credentials provider, its roles, and
//!   arguments that exclude each other
//! - [`network`]: endpoints, timeouts, signature method, User-Agent
//! - [`cache`]: the directory for shared responses
//! - [`provider_data`]: the result, which data sources read with

mod arguments;
mod assume_role;
mod cache;
mod conflict;
mod credentials;
mod model;
mod network;
mod provider_data;
mod resolver;

use std::cell::LazyCell;
use std::sync::Arc;

use crate::provider::diagnostics::ErrorContext;
use crate::provider::validators;
use crate::swas::catalog::client::Client;
use crate::swas::catalog::shared::SharedResponses;
use crate::swas::service::SWAS;
use crate::terraform::{ConfigError, Diagnostics, Parser, ReadError};
use aliyun::client::ApiClient;
use aliyun::credentials::cache::Cached;
use aliyun::credentials::profile::reference::ProfileRef;
use aliyun::credentials::provider::Context;
use aliyun::credentials::region::DefaultRegion;
use aliyun::credentials::sts::Sts;
use aliyun::env::{self, Environment};
use aliyun::http::client::HttpClient;

use arguments::DEFAULT_SESSION_NAME;
use cache::CacheConfig;
use credentials::BoxedProvider;
pub use model::{ProviderModel, schema};
use network::NetworkConfig;
pub use provider_data::ProviderData;
use resolver::{Resolver, deprecation_warning};

/// The resolved configuration. A part that is unknown does not affect the others.
#[derive(Debug)]
pub struct ProviderConfig {
    environment: Environment,
    /// Errors and warnings about environment variables.
    variables: Diagnostics,
    region: Result<Arc<DefaultRegion>, ConfigError>,
    credentials: Result<BoxedProvider, ConfigError>,
    network: Result<NetworkConfig, ConfigError>,
    cache: Result<Option<CacheConfig>, ConfigError>,
}

impl ProviderConfig {
    /// Resolves all arguments and reports errors of the block to `parser`. Errors of the
    /// environment are reported by [`Self::configure`].
    pub fn resolve(
        model: &ProviderModel,
        environment: &Environment,
        parser: &mut Parser<'_>,
    ) -> Self {
        let mut variables = Diagnostics::default();
        let mut resolver = Resolver {
            parser,
            environment,
            variables: &mut variables,
        };
        resolver.check_variables();
        let text = validators::no_control_chars;
        let name = resolver.parser.text("profile", &model.profile, text);
        let file = &model.shared_credentials_file;
        let file = resolver.parser.text("shared_credentials_file", file, text);
        let named = name.and_then(|name| Ok((name, file?)));
        let names_profile = match &named {
            Ok((name, file)) => Ok(name.is_some() || file.is_some()),
            Err(error) => Err(error.clone()),
        };
        // Created on first use, because reading a deprecated variable adds a warning.
        let (name, file) = named.unwrap_or_default();
        let profile = LazyCell::new(|| ProfileRef::new(file, name, environment));
        let profile = || ProfileRef::clone(&profile);
        let region = resolver.text("region", &model.region, &env::REGION, validators::region);
        let region = region.and_then(|region| match region {
            Some(region) => Ok(DefaultRegion::from(region.value)),
            None => names_profile.clone().map(|_| profile().into()),
        });
        Self {
            credentials: credentials::resolve(model, names_profile, profile, &mut resolver),
            network: NetworkConfig::resolve(model, &mut resolver),
            cache: CacheConfig::resolve(model, &mut resolver),
            region: region.map(Arc::new),
            environment: environment.clone(),
            variables,
        }
    }

    /// Creates the provider data. Adds a warning about deprecated variables to `warnings`.
    ///
    /// # Errors
    ///
    /// If an environment variable or the cache directory is invalid. A missing value is not an
    /// error before a read needs it.
    pub async fn configure(
        self,
        terraform_version: &str,
        warnings: &mut Diagnostics,
    ) -> Result<ProviderData, Diagnostics> {
        if self.variables.has_error() {
            return Err(self.variables);
        }
        warnings.append(deprecation_warning(&self.environment));
        warnings.append(self.variables.clone());
        let network = self.network.as_ref().ok();
        let context = network.map_or_else(ErrorContext::default, |network| ErrorContext {
            endpoint_variable: network.swas_variable.clone(),
            retry_limit: network.retry_limit,
            has_cache: matches!(self.cache, Ok(Some(_))),
            ..ErrorContext::default()
        });
        let shared = match (&self.cache, network) {
            (Ok(Some(cache)), Some(network)) => {
                let stall_limit = network.read_timeout;
                cache.open(stall_limit, &self.environment, warnings).await?
            }
            _ => None,
        };
        let region = self.region.clone().map_err(read_error);
        let environment = self.environment.clone();
        Ok(ProviderData {
            region,
            client: self.client(terraform_version, shared).map_err(read_error),
            context,
            environment,
        })
    }

    fn client(
        self,
        terraform_version: &str,
        shared: Option<SharedResponses>,
    ) -> Result<Client, ConfigError> {
        let (network, credentials) = (self.network?, self.credentials?);
        self.cache?;
        let settings = network.client_settings(terraform_version);
        let http = Arc::new(HttpClient::new(settings, &self.environment));
        let sts_region = match network.sts_region {
            Some(region) => Some(Arc::new(region.into())),
            None => self.region.ok(),
        };
        let context = Context {
            environment: self.environment,
            http: Arc::clone(&http),
            sts: Sts {
                endpoints: network.sts,
                signature_method: network.signature_method,
                region: sts_region,
                retry_limit: network.retry_limit,
                session_name: DEFAULT_SESSION_NAME,
            },
            first_ecs_role: Arc::default(),
        };
        let credentials = Cached::new(credentials, context);
        let api = ApiClient::new(
            SWAS,
            credentials,
            network.swas,
            network.signature_method,
            http,
        );
        Ok(Client::new(api, network.retry_limit, shared))
    }
}

/// Returns the error of a read that needs the setting.
fn read_error(error: ConfigError) -> ReadError {
    match error {
        ConfigError::Unknown(argument) => ReadError::ProviderUnknown(argument),
        ConfigError::Invalid(error) => error.into(),
    }
}
