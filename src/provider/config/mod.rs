//! The provider block, completed by the environment.
//!
//! - [`schema`]: what the block holds
//! - [`validation`], [`rules`]: what is wrong in it
//! - [`credentials`]: where it says that credentials come from
//! - [`network`]: where calls go, and how
//! - [`configured`]: what comes of it

pub mod configured;
mod credentials;
mod network;
mod rules;
pub mod schema;
mod validation;

use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;

use super::checks;
use crate::swas::client::EndpointRule;
use crate::swas::credentials::profile::ProfilePlace;
use crate::swas::credentials::sts::Sts;
use crate::swas::credentials::{CredentialsCache, DefaultRegion, Environment, Settings};
use crate::swas::transport::Transport;
use crate::swas::{Client, RegionId};
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, Number, Value};

pub use configured::Configured;
use configured::Obstacle;

/// The variables that name the default region, first one first.
pub(super) const REGION_VARIABLES: [&str; 2] = ["ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"];

/// What the user set in the provider block.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
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
    configuration_source: Value<String>,
    assume_role: Value<Vec<AssumeRole>>,
    assume_role_with_oidc: Value<Vec<AssumeRoleWithOidc>>,
    endpoints: Value<Vec<Endpoints>>,
}

#[derive(Clone, Debug, Deserialize)]
struct AssumeRole {
    role_arn: Value<String>,
    session_name: Value<String>,
    session_expiration: Value<Number>,
    policy: Value<String>,
    external_id: Value<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct AssumeRoleWithOidc {
    oidc_provider_arn: Value<String>,
    role_arn: Value<String>,
    oidc_token: Value<SecretString>,
    oidc_token_file: Value<String>,
    role_session_name: Value<String>,
    session_expiration: Value<Number>,
    policy: Value<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Endpoints {
    swas: Value<String>,
    sts: Value<String>,
}

impl Config {
    /// Takes from the environment what the block does not say.
    ///
    /// # Errors
    ///
    /// When a variable that is needed is malformed. What is merely missing is no
    /// error before a read needs it.
    pub fn complete(
        self,
        terraform_version: &str,
        environment: &Environment,
    ) -> Result<Configured, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let named = self.region(environment).unwrap_or_else(|error| {
            diagnostics.push(error);
            Value::Null
        });
        let swas = self.endpoint_of_swas(environment);
        let sts = self.endpoint_of_sts(environment);
        for error in [swas.as_ref().err(), sts.as_ref().err()] {
            diagnostics.append(error.cloned().map(Diagnostics::from).unwrap_or_default());
        }
        let (Ok(swas), Ok(sts), false) = (swas, sts, diagnostics.has_error()) else {
            return Err(diagnostics);
        };

        let file = self.shared_credentials_file.known().cloned();
        let profile = ProfilePlace::new(file, self.profile.known().cloned(), environment);
        let region = Arc::new(DefaultRegion::new(named.known().cloned(), profile.clone()));
        let client = (|| {
            let transport = Arc::new(Transport::new(
                self.network(terraform_version, environment)?,
            ));
            let endpoints: EndpointRule = swas?;
            let settings = Settings {
                source: self.source(profile, environment)?,
                role: self.role(environment)?,
                environment: environment.clone(),
                sts: Sts {
                    endpoint: network::sts_endpoint(sts?, &region),
                    transport: Arc::clone(&transport),
                },
            };
            Ok(Client::new(
                CredentialsCache::new(settings),
                endpoints,
                transport,
            ))
        })();
        Ok(Configured::new(self.default_region(&named, region), client))
    }

    /// The region that the block or else the environment names.
    fn region(&self, environment: &Environment) -> Result<Value<RegionId>, Diagnostic> {
        match &self.region {
            Value::Unknown => Ok(Value::Unknown),
            Value::Known(region) => {
                let path = AttributePath::attribute("region");
                checks::parsed_region(region, path).map(Value::Known)
            }
            Value::Null => {
                let found = REGION_VARIABLES
                    .iter()
                    .find_map(|name| environment.get(name).map(|region| (name, region)));
                let Some((name, region)) = found else {
                    return Ok(Value::Null);
                };
                region.parse().map(Value::Known).map_err(|error| {
                    Diagnostic::error(
                        "Invalid region in the environment",
                        format!("{name} is {region:?}, but {error}."),
                    )
                })
            }
        }
    }

    /// The region of data sources that name none, or the argument that it
    /// depends on and that is not known yet.
    fn default_region(
        &self,
        named: &Value<RegionId>,
        region: Arc<DefaultRegion>,
    ) -> Result<Arc<DefaultRegion>, AttributePath> {
        let unknown = match named {
            Value::Known(_) => None,
            Value::Unknown => Some("region"),
            Value::Null => [
                ("profile", &self.profile),
                ("shared_credentials_file", &self.shared_credentials_file),
            ]
            .into_iter()
            .find_map(|(name, value)| value.is_unknown().then_some(name)),
        };
        match unknown {
            Some(name) => Err(AttributePath::attribute(name)),
            None => Ok(region),
        }
    }
}

/// The one block of its kind that there is, if any.
fn only<T>(blocks: &Value<Vec<T>>) -> Value<&T> {
    match blocks.as_ref().map(|blocks| blocks.first()) {
        Value::Known(Some(block)) => Value::Known(block),
        Value::Known(None) | Value::Null => Value::Null,
        Value::Unknown => Value::Unknown,
    }
}

/// The way to an argument in the one block of this name.
fn inside(block: &str, argument: &str) -> AttributePath {
    AttributePath::attribute(block)
        .then_index(0)
        .then_attribute(argument)
}

/// The value if it is set, or an obstacle if it is not known yet.
fn settled<T: Clone>(value: &Value<T>, path: AttributePath) -> Result<Option<T>, Obstacle> {
    match value {
        Value::Known(value) => Ok(Some(value.clone())),
        Value::Null => Ok(None),
        Value::Unknown => Err(Obstacle::Unknown(path)),
    }
}
