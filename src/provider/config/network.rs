//! Where calls go, and how.

use std::sync::Arc;
use std::time::Duration;

use super::configured::Obstacle;
use super::{Config, Endpoints, inside, only, settled};
use crate::swas::client::EndpointRule;
use crate::swas::credentials::sts::StsEndpoint;
use crate::swas::credentials::{DefaultRegion, Environment};
use crate::swas::endpoint::InvalidEndpoint;
use crate::swas::service::{STS, SWAS, Service};
use crate::swas::transport::NetworkSettings;
use crate::swas::{Endpoint, Protocol};
use crate::terraform::{AttributePath, Diagnostic, Number, Value};

/// The variable that Terraform has for text at the end of the User-Agent.
const APPEND_USER_AGENT: &str = "TF_APPEND_USER_AGENT";

/// The longest text at the end of the User-Agent, in characters.
pub(super) const LONGEST_SOURCE: usize = 1024;

/// Where calls of a service go: a fixed endpoint, or one that is made for the
/// protocol. Or why that is not known yet.
pub(super) type Where = Result<Result<Endpoint, Protocol>, Obstacle>;

impl Config {
    pub(super) fn endpoint_of_swas(
        &self,
        environment: &Environment,
    ) -> Result<Result<EndpointRule, Obstacle>, Diagnostic> {
        let endpoint = self.endpoint("swas", |block| &block.swas, &SWAS, environment)?;
        Ok(endpoint.map(|endpoint| match endpoint {
            Ok(endpoint) => EndpointRule::Fixed(endpoint),
            Err(protocol) => EndpointRule::OfRegion(protocol),
        }))
    }

    pub(super) fn endpoint_of_sts(&self, environment: &Environment) -> Result<Where, Diagnostic> {
        self.endpoint("sts", |block| &block.sts, &STS, environment)
    }

    fn endpoint(
        &self,
        name: &str,
        of: impl Fn(&Endpoints) -> &Value<String>,
        service: &Service,
        environment: &Environment,
    ) -> Result<Where, Diagnostic> {
        let unknown = |name| Ok(Err(Obstacle::Unknown(AttributePath::attribute(name))));
        if self.protocol.is_unknown() {
            return unknown("protocol");
        }
        let protocol = self.protocol.known().and_then(|word| word.parse().ok());
        let protocol: Protocol = protocol.unwrap_or_default();
        let endpoint = match only(&self.endpoints) {
            Value::Known(block) => of(block).as_ref(),
            Value::Null => Value::Null,
            Value::Unknown => Value::Unknown,
        };
        let parsed = match endpoint {
            Value::Unknown => return unknown("endpoints"),
            Value::Known(endpoint) => Endpoint::parse(endpoint, protocol).map_err(|error| {
                invalid_endpoint(&format!("endpoints.{name}"), endpoint, error)
                    .at(inside("endpoints", name))
            }),
            Value::Null => match environment.get(service.endpoint_variable) {
                None => return Ok(Ok(Err(protocol))),
                Some(endpoint) => Endpoint::parse(&endpoint, protocol)
                    .map_err(|error| invalid_endpoint(service.endpoint_variable, &endpoint, error)),
            },
        };
        parsed.map(|endpoint| Ok(Ok(endpoint)))
    }

    pub(super) fn network(
        &self,
        terraform_version: &str,
        environment: &Environment,
    ) -> Result<NetworkSettings, Obstacle> {
        let default = NetworkSettings::default();
        let timeout = |value: &Value<Number>, name, default| {
            let set = settled(value, AttributePath::attribute(name))?;
            let milliseconds = set.and_then(Number::as_whole);
            Ok(milliseconds.map_or(default, Duration::from_millis))
        };
        let source = AttributePath::attribute("configuration_source");
        let source = settled(&self.configuration_source, source)?;
        let source = source.or_else(|| environment.get(APPEND_USER_AGENT));
        Ok(NetworkSettings {
            connect_timeout: timeout(
                &self.client_connect_timeout,
                "client_connect_timeout",
                default.connect_timeout,
            )?,
            read_timeout: timeout(
                &self.client_read_timeout,
                "client_read_timeout",
                default.read_timeout,
            )?,
            user_agent: user_agent(default.user_agent, terraform_version, source.as_deref()),
        })
    }
}

pub(super) fn sts_endpoint(
    endpoint: Result<Endpoint, Protocol>,
    region: &Arc<DefaultRegion>,
) -> StsEndpoint {
    match endpoint {
        Ok(endpoint) => StsEndpoint::Fixed(endpoint),
        Err(protocol) => StsEndpoint::OfDefaultRegion(protocol, Arc::clone(region)),
    }
}

/// What should be an endpoint is not shown again where it may hold a password,
/// which stands in front of an `@`, whatever else is wrong with it.
pub(super) fn invalid_endpoint(name: &str, endpoint: &str, error: InvalidEndpoint) -> Diagnostic {
    let detail = if endpoint.contains('@') {
        format!("\"{name}\" is invalid: {error}.")
    } else {
        format!("\"{name}\" is {endpoint:?}, but {error}.")
    };
    Diagnostic::error("Invalid endpoint", detail)
}

/// What fits no header is left out: the block has been checked, and the
/// environment is not worth an error.
fn user_agent(mut agent: String, terraform_version: &str, source: Option<&str>) -> String {
    let version: String = terraform_version
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || ".-+".contains(*c))
        .collect();
    if !version.is_empty() {
        agent = format!("{agent} Terraform/{version}");
    }
    let source: String = source
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .take(LONGEST_SOURCE)
        .collect();
    let source = source.trim();
    if source.is_empty() {
        agent
    } else {
        format!("{agent} {source}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_names_everybody() {
        for (version, source, expected) in [
            ("", None, "us/1"),
            ("1.11.4", None, "us/1 Terraform/1.11.4"),
            (
                "1.11.4",
                Some(" module/2 (x) "),
                "us/1 Terraform/1.11.4 module/2 (x)",
            ),
            ("1.0\r\nX: y", Some("a\r\nB: ü"), "us/1 Terraform/1.0Xy aB:"),
        ] {
            assert_eq!(user_agent("us/1".to_owned(), version, source), expected);
        }
    }
}
