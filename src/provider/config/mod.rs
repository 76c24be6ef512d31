//! The provider block, completed by the environment.
//!
//! - [`schema`](mod@schema): what the block holds
//! - [`credentials`]: where it says that credentials come from
//! - [`environment`]: variables, and what is wrong with them
//! - [`network`], [`endpoint`]: where calls go, and how
//! - [`old_names`]: variables that are set under names which nobody reads
//! - [`provider_data`]: what comes of it

mod credentials;
mod endpoint;
mod environment;
mod network;
mod old_names;
mod provider_data;
mod schema;

use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;

use crate::provider::diagnostics::ErrorContext;
use crate::provider::validators;
use crate::swas::catalog::client::Client;
use crate::swas::service::SWAS;
use crate::terraform::{ConfigError, Diagnostics, Number, Parser, ReadError, Value};
use aliyun::client::ApiClient;
use aliyun::credentials::profile::ProfilePlace;
use aliyun::credentials::renamed::instead_of_arguments;
use aliyun::credentials::sts::Sts;
use aliyun::credentials::{CredentialsCache, DefaultRegion, Environment};
use aliyun::rpc::region::{REGION_VARIABLES, RegionId};
use aliyun::rpc::transport::Transport;

use credentials::CredentialsSettings;
use environment::region_in;
use network::{NetworkSettings, endpoint_variable};
pub use provider_data::ProviderData;
pub use schema::schema;

const OIDC_BLOCK: &str = "assume_role_with_oidc";

/// The provider block as it travels.
#[derive(Debug, Deserialize)]
pub struct Block {
    region: Value<String>,
    access_key: Value<String>,
    secret_key: Value<SecretString>,
    security_token: Value<SecretString>,
    profile: Value<String>,
    shared_credentials_file: Value<String>,
    ecs_role_name: Value<String>,
    credentials_uri: Value<String>,
    protocol: Value<String>,
    client_connect_timeout: Value<Number>,
    client_read_timeout: Value<Number>,
    max_retry_timeout: Value<Number>,
    configuration_source: Value<String>,
    assume_role: Value<Vec<AssumeRole>>,
    assume_role_with_oidc: Value<Vec<AssumeRoleWithOidc>>,
    endpoints: Value<Vec<Endpoints>>,
}

#[derive(Debug, Deserialize)]
struct AssumeRole {
    role_arn: Value<String>,
    session_name: Value<String>,
    session_expiration: Value<Number>,
    policy: Value<String>,
    external_id: Value<String>,
}

#[derive(Debug, Deserialize)]
struct AssumeRoleWithOidc {
    oidc_provider_arn: Value<String>,
    role_arn: Value<String>,
    oidc_token: Value<SecretString>,
    oidc_token_file: Value<String>,
    role_session_name: Value<String>,
    session_expiration: Value<Number>,
    policy: Value<String>,
}

#[derive(Debug, Deserialize)]
struct Endpoints {
    swas: Value<String>,
    sts: Value<String>,
}

/// What the block says. What is not known yet keeps nothing else from being
/// used.
#[derive(Debug)]
pub struct Settings {
    region: Result<Option<RegionId>, ConfigError>,
    profile: Result<Option<String>, ConfigError>,
    file: Result<Option<String>, ConfigError>,
    credentials: Result<CredentialsSettings, ConfigError>,
    network: Result<NetworkSettings, ConfigError>,
}

impl Settings {
    /// Takes from the block what it says, and tells what is wrong in it: what the
    /// environment completes is not.
    pub fn parse(block: &Block, environment: &Environment, parser: &mut Parser<'_>) -> Self {
        let region = parser.text("region", &block.region, validators::region);
        let profile = parser.text("profile", &block.profile, validators::no_control_chars);
        let file = &block.shared_credentials_file;
        let file = parser.text(
            "shared_credentials_file",
            file,
            validators::no_control_chars,
        );
        Self {
            credentials: CredentialsSettings::parse(block, &profile, &file, environment, parser),
            network: NetworkSettings::parse(block, parser),
            region,
            profile,
            file,
        }
    }

    /// Takes from the environment what the block does not say. Warnings go into
    /// `warnings`.
    ///
    /// # Errors
    ///
    /// When a variable that is needed is malformed. What is merely missing is no
    /// error before a read needs it.
    pub fn complete(
        mut self,
        terraform_version: &str,
        environment: &Environment,
        warnings: &mut Diagnostics,
    ) -> Result<ProviderData, Diagnostics> {
        let mut errors = Diagnostics::default();
        environment::check_text(environment, &mut errors);
        environment::check_switches(environment, &mut errors);
        if let Ok(region @ None) = &mut self.region {
            *region = region_in(environment, &REGION_VARIABLES, &mut errors);
        }
        if let Ok(network) = &mut self.network {
            network.complete(environment, &mut errors);
        }
        if errors.has_error() {
            return Err(errors);
        }
        let (name, file) = (known(&self.profile), known(&self.file));
        let profile = ProfilePlace::new(file, name, environment);
        if let Ok(credentials) = &self.credentials {
            warnings.append(credentials.old_names(&profile, environment));
        }
        if let Ok(None) = &self.region {
            warnings.append(old_names::of_region(&profile, environment));
        }
        let region = Arc::new(DefaultRegion::new(known(&self.region), profile.clone()));
        let context = ErrorContext {
            endpoint_variable: endpoint_variable(&SWAS, environment),
            deprecated_limits: self.network.as_ref().map_or_else(
                |_| Vec::new(),
                |network| instead_of_arguments(&network.open_limits(), environment),
            ),
        };
        let client = client(
            self.network,
            self.credentials,
            profile,
            &region,
            terraform_version,
            environment,
        );
        let region = match self.region {
            Ok(Some(_)) => Ok(region),
            // It may be that of the profile.
            Ok(None) => self.profile.and(self.file).map(|_| region),
            Err(unsettled) => Err(unsettled),
        };
        let region = region.map_err(not_readable);
        Ok(ProviderData::new(region, client, context))
    }
}

fn client(
    network: Result<NetworkSettings, ConfigError>,
    credentials: Result<CredentialsSettings, ConfigError>,
    profile: ProfilePlace,
    region: &Arc<DefaultRegion>,
    terraform_version: &str,
    environment: &Environment,
) -> Result<Client, ReadError> {
    let network = network.map_err(not_readable)?;
    let credentials = credentials.map_err(not_readable)?;
    let transport = Arc::new(Transport::new(
        network.of_transport(terraform_version, environment),
    ));
    let limit = network.limit();
    let sts = Sts {
        endpoint: network.sts_endpoint(region),
        transport: Arc::clone(&transport),
        limit,
        session_name: credentials::DEFAULT_SESSION_NAME,
    };
    let credentials = credentials.complete(profile, sts, environment)?;
    let credentials = CredentialsCache::new(credentials);
    let calls = ApiClient::new(SWAS, credentials, network.swas.of_swas(), transport);
    Ok(Client::new(calls, limit))
}

/// What is known now, for those who can do without.
fn known<T: Clone>(setting: &Result<Option<T>, ConfigError>) -> Option<T> {
    setting.as_ref().ok().and_then(Clone::clone)
}

/// What comes of a read that needs the setting.
fn not_readable(unsettled: ConfigError) -> ReadError {
    match unsettled {
        ConfigError::Unknown(argument) => ReadError::ProviderUnknown(argument),
        ConfigError::Invalid(mistake) => mistake.into(),
    }
}
