//! The provider block, completed by the environment.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::checks;
use crate::swas::client::EndpointRule;
use crate::swas::endpoint::InvalidEndpoint;
use crate::swas::transport::NetworkSettings;
use crate::swas::{Client, Credentials, Endpoint, Protocol, RegionId};
use crate::terraform::{
    Attribute, AttributePath, Diagnostic, Diagnostics, NestedBlock, ReadError, Schema, Type, Value,
};

const REGION_VARIABLES: [&str; 2] = ["ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"];
const ACCESS_KEY_VARIABLE: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET_KEY_VARIABLE: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const SECURITY_TOKEN_VARIABLE: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";
const ENDPOINT_VARIABLE: &str = "ALIBABA_CLOUD_SWAS_ENDPOINT";

/// What the user set in the provider block.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    region: Value<String>,
    access_key: Value<String>,
    secret_key: Value<SecretString>,
    security_token: Value<SecretString>,
    protocol: Value<String>,
    endpoints: Value<Vec<Endpoints>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Endpoints {
    swas: Value<String>,
}

/// What the provider block holds.
#[must_use]
pub fn schema() -> Schema {
    Schema {
        description: "Reads what Alibaba Cloud Simple Application Server (SWAS) offers.",
        attributes: vec![
            Attribute::optional(
                "region",
                Type::String,
                "Region of the data sources that name none, for example `cn-hangzhou`. Default: \
                 the environment variable `ALIBABA_CLOUD_REGION`, then \
                 `ALIBABA_CLOUD_REGION_ID`.",
            ),
            Attribute::optional(
                "access_key",
                Type::String,
                "ID of the access key that signs calls. Set together with `secret_key`. Default: \
                 the environment variable `ALIBABA_CLOUD_ACCESS_KEY_ID`.",
            )
            .sensitive(),
            Attribute::optional(
                "secret_key",
                Type::String,
                "Secret of the access key. Default: the environment variable \
                 `ALIBABA_CLOUD_ACCESS_KEY_SECRET`.",
            )
            .sensitive(),
            Attribute::optional(
                "security_token",
                Type::String,
                "Token that comes with a temporary access key. Default, where `access_key` is not \
                 set: the environment variable `ALIBABA_CLOUD_SECURITY_TOKEN`.",
            )
            .sensitive(),
            Attribute::optional(
                "protocol",
                Type::String,
                "`HTTPS` or `HTTP`, for endpoints that name no scheme. Default: `HTTPS`.",
            ),
        ],
        blocks: vec![NestedBlock {
            name: "endpoints",
            at_most: 1,
            block: Schema {
                description: "Other addresses of the APIs than the public ones.",
                attributes: vec![Attribute::optional(
                    "swas",
                    Type::String,
                    "Address of the SWAS API: `host`, `host:port`, or a URL with `http://` or \
                     `https://`. Default: the environment variable \
                     `ALIBABA_CLOUD_SWAS_ENDPOINT`, then `swas.REGION.aliyuncs.com`.",
                )],
                blocks: Vec::new(),
            },
        }],
    }
}

impl Config {
    /// Finds what is wrong in the block, as far as it is known.
    pub fn validate(&self, diagnostics: &mut Diagnostics) {
        let path = AttributePath::attribute;
        checks::region(&self.region, path("region"), diagnostics);
        let access_key = self.access_key.as_ref().map(String::as_str);
        checks::visible(access_key, path("access_key"), diagnostics);
        for (name, value) in [
            ("secret_key", &self.secret_key),
            ("security_token", &self.security_token),
        ] {
            let value = value.as_ref().map(ExposeSecret::expose_secret);
            checks::visible(value, path(name), diagnostics);
        }
        self.validate_pairs(diagnostics);
        checks::one_of(
            &self.protocol,
            path("protocol"),
            &["HTTPS", "HTTP"],
            diagnostics,
        );
        if let Some(endpoint) = self.endpoint().known() {
            // What the protocol is does not matter for what is an endpoint.
            if let Err(error) = Endpoint::parse(endpoint, Protocol::Https) {
                diagnostics
                    .push(invalid_endpoint("endpoints.swas", endpoint, error).at(endpoint_path()));
            }
        }
    }

    fn validate_pairs(&self, diagnostics: &mut Diagnostics) {
        let mut missing = |present: &str, absent: &str| {
            diagnostics.push(
                Diagnostic::error(
                    format!("Missing \"{absent}\""),
                    format!(
                        "\"{present}\" is set, and \"{absent}\" is not. Set both, or neither to \
                         take them from the environment."
                    ),
                )
                .at(AttributePath::attribute(present)),
            );
        };
        match (&self.access_key, &self.secret_key) {
            (Value::Known(_), Value::Null) => missing("access_key", "secret_key"),
            (Value::Null, Value::Known(_)) => missing("secret_key", "access_key"),
            (Value::Null, Value::Null) if self.security_token.known().is_some() => {
                missing("security_token", "access_key");
            }
            _ => {}
        }
    }

    /// The endpoint that the block names.
    fn endpoint(&self) -> Value<&str> {
        match self.endpoints.as_ref().map(|blocks| blocks.first()) {
            Value::Known(Some(block)) => block.swas.as_ref().map(String::as_str),
            Value::Known(None) | Value::Null => Value::Null,
            Value::Unknown => Value::Unknown,
        }
    }

    /// Takes from the environment what the block does not say.
    ///
    /// # Errors
    ///
    /// When a variable that is needed is malformed. What is merely missing is no
    /// error before a read needs it.
    pub fn complete(
        self,
        terraform_version: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Configured, Diagnostics> {
        let environment = Environment(variable);
        let mut diagnostics = Diagnostics::default();
        let region = environment.region(&self.region).unwrap_or_else(|error| {
            diagnostics.push(error);
            Value::Null
        });
        let endpoints = self.endpoint_rule(&environment).unwrap_or_else(|error| {
            diagnostics.push(error);
            Ok(EndpointRule::OfRegion(Protocol::default()))
        });
        if diagnostics.has_error() {
            return Err(diagnostics);
        }
        let network = NetworkSettings {
            user_agent: user_agent(terraform_version),
            ..NetworkSettings::default()
        };
        let client = self
            .credentials(&environment)
            .and_then(|credentials| Ok(Client::new(credentials, endpoints?, network)));
        Ok(Configured { region, client })
    }

    /// The endpoint, or why it is not there yet.
    fn endpoint_rule(
        &self,
        environment: &Environment<impl Fn(&str) -> Option<String>>,
    ) -> Result<Result<EndpointRule, Obstacle>, Diagnostic> {
        let unknown = |name| Ok(Err(Obstacle::Unknown(AttributePath::attribute(name))));
        if self.protocol.is_unknown() {
            return unknown("protocol");
        }
        let protocol = self.protocol.known().and_then(|word| word.parse().ok());
        let protocol: Protocol = protocol.unwrap_or_default();
        let parsed = match self.endpoint() {
            Value::Unknown => return unknown("endpoints"),
            Value::Known(endpoint) => Endpoint::parse(endpoint, protocol).map_err(|error| {
                invalid_endpoint("endpoints.swas", endpoint, error).at(endpoint_path())
            }),
            Value::Null => match environment.get(ENDPOINT_VARIABLE) {
                None => return Ok(Ok(EndpointRule::OfRegion(protocol))),
                Some(endpoint) => Endpoint::parse(&endpoint, protocol)
                    .map_err(|error| invalid_endpoint(ENDPOINT_VARIABLE, &endpoint, error)),
            },
        };
        parsed.map(|endpoint| Ok(EndpointRule::Fixed(endpoint)))
    }

    /// The keys, all from the block or all from the environment.
    fn credentials(
        &self,
        environment: &Environment<impl Fn(&str) -> Option<String>>,
    ) -> Result<Credentials, Obstacle> {
        for (name, unknown) in [
            ("access_key", self.access_key.is_unknown()),
            ("secret_key", self.secret_key.is_unknown()),
            ("security_token", self.security_token.is_unknown()),
        ] {
            if unknown {
                return Err(Obstacle::Unknown(AttributePath::attribute(name)));
            }
        }
        if let (Some(id), Some(secret)) = (self.access_key.known(), self.secret_key.known()) {
            return Ok(Credentials {
                access_key_id: id.clone(),
                access_key_secret: secret.clone(),
                security_token: self.security_token.known().cloned(),
            });
        }
        match (
            environment.get(ACCESS_KEY_VARIABLE),
            environment.get(SECRET_KEY_VARIABLE),
        ) {
            (Some(access_key_id), Some(secret)) => Ok(Credentials {
                access_key_id,
                access_key_secret: secret.into(),
                security_token: environment.get(SECURITY_TOKEN_VARIABLE).map(Into::into),
            }),
            (id, secret) => {
                let state = |found: Option<_>| if found.is_some() { "set" } else { "not set" };
                Err(Obstacle::NoCredentials(Diagnostic::error(
                    "No credentials",
                    format!(
                        "Calls to Alibaba Cloud are signed with an access key, and none was \
                         found:\n\
                         - provider block: \"access_key\" and \"secret_key\" are not set\n\
                         - environment: {ACCESS_KEY_VARIABLE} is {}, {SECRET_KEY_VARIABLE} is {}\n\
                         Set both in one of these places.",
                        state(id),
                        state(secret),
                    ),
                )))
            }
        }
    }
}

fn endpoint_path() -> AttributePath {
    AttributePath::attribute("endpoints")
        .then_index(0)
        .then_attribute("swas")
}

/// What should be an endpoint is not shown again where it may hold a password,
/// which stands in front of an `@`, whatever else is wrong with it.
fn invalid_endpoint(name: &str, endpoint: &str, error: InvalidEndpoint) -> Diagnostic {
    let detail = if endpoint.contains('@') {
        format!("\"{name}\" is invalid: {error}.")
    } else {
        format!("\"{name}\" is {endpoint:?}, but {error}.")
    };
    Diagnostic::error("Invalid endpoint", detail)
}

fn user_agent(terraform_version: &str) -> String {
    let mut agent = NetworkSettings::default().user_agent;
    let version: String = terraform_version
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || ".-+".contains(*c))
        .collect();
    if !version.is_empty() {
        agent = format!("{agent} Terraform/{version}");
    }
    agent
}

/// The environment. A variable that is set to nothing counts as not set.
struct Environment<F>(F);

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    fn region(&self, block: &Value<String>) -> Result<Value<RegionId>, Diagnostic> {
        match block {
            Value::Unknown => Ok(Value::Unknown),
            Value::Known(region) => region.parse().map(Value::Known).map_err(|error| {
                Diagnostic::error(
                    "Invalid region",
                    format!("\"region\" is {region:?}, but {error}."),
                )
                .at(AttributePath::attribute("region"))
            }),
            Value::Null => {
                let found = REGION_VARIABLES
                    .iter()
                    .find_map(|name| self.get(name).map(|region| (name, region)));
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
}

/// What data sources read with.
#[derive(Debug)]
pub struct Configured {
    region: Value<RegionId>,
    client: Result<Client, Obstacle>,
}

/// Why nothing can be read, which is no error before something is.
#[derive(Clone, Debug)]
enum Obstacle {
    /// This argument of the provider block is not known before apply.
    Unknown(AttributePath),
    /// Nobody said who asks.
    NoCredentials(Diagnostic),
}

impl Configured {
    /// What calls the API.
    ///
    /// # Errors
    ///
    /// When there are no credentials, or when something that calling needs is
    /// not known yet.
    pub fn client(&self) -> Result<&Client, ReadError> {
        self.client.as_ref().map_err(|obstacle| match obstacle {
            Obstacle::Unknown(path) => ReadError::ProviderUnknown(path.clone()),
            Obstacle::NoCredentials(error) => error.clone().into(),
        })
    }

    /// The provider's region, for what any region can answer.
    #[must_use]
    pub fn default_region(&self) -> Option<&RegionId> {
        self.region.known()
    }

    /// The region that a data block names, or else the provider's.
    ///
    /// # Errors
    ///
    /// When neither names one, or when the provider's is not known yet.
    pub fn region(&self, region_id: &Value<String>) -> Result<RegionId, ReadError> {
        let path = AttributePath::attribute("region_id");
        if let Some(region) = region_id.known() {
            return region.parse().map_err(|error| {
                let detail = format!("\"region_id\" is {region:?}, but {error}.");
                Diagnostic::error("Invalid value for \"region_id\"", detail)
                    .at(path)
                    .into()
            });
        }
        match &self.region {
            Value::Known(region) => Ok(region.clone()),
            Value::Unknown => Err(ReadError::ProviderUnknown(AttributePath::attribute(
                "region",
            ))),
            Value::Null => Err(Diagnostic::error(
                "No region",
                format!(
                    "Images are listed region by region, and no region is set. Set \
                     \"region_id\" here, \"region\" in the provider block, or the environment \
                     variable {}.",
                    REGION_VARIABLES[0]
                ),
            )
            .at(path)
            .into()),
        }
    }
}
