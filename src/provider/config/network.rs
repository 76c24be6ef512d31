//! Where calls go, and how.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::environment::{APPEND_USER_AGENT, region_in};
use super::{Block, Endpoints, endpoint};
use crate::provider::validators;
use crate::swas::service::SWAS;
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Diagnostics, Number, Parser};
use aliyun::client::EndpointResolver;
use aliyun::credentials::sts_endpoint::{StsEndpoint, StsRegion};
use aliyun::credentials::{DefaultRegion, Environment, VPC};
use aliyun::http::protocol::Protocol;
use aliyun::rpc::endpoint::{Endpoint, RegionalEndpoint};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::service::{STS, Service};
use aliyun::rpc::transport;

/// The variable that names the region whose STS is called.
const STS_REGION: &str = "ALIBABA_CLOUD_STS_REGION";

/// The longest text at the end of the User-Agent, in characters.
const LONGEST_SOURCE: usize = 1024;

/// How long a time-out may be, in milliseconds: up to ten minutes.
const TIMEOUTS: RangeInclusive<u64> = 1..=600_000;

/// How long a read may go on trying, in seconds: up to a day.
const RETRY_TIMEOUTS: RangeInclusive<u64> = 0..=86_400;

/// How long it may where the block says nothing: some minutes, since the API's
/// quota is counted by the minute.
const RETRY_TIMEOUT: Duration = Duration::from_mins(5);

/// The words for how calls travel.
const PROTOCOLS: [(&str, Protocol); 2] = [("HTTPS", Protocol::Https), ("HTTP", Protocol::Http)];

/// What the block says of the network.
#[derive(Debug)]
pub(super) struct NetworkSettings {
    pub(super) swas: EndpointSetting,
    sts: EndpointSetting,
    /// The region whose STS is called, where it is not the default one.
    sts_region: Option<RegionId>,
    /// Whether STS is called from within a virtual private cloud.
    vpc: bool,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    retry_timeout: Option<Duration>,
    source: Option<String>,
}

/// Where calls of a service go.
#[derive(Debug)]
pub(super) enum EndpointSetting {
    /// All of them here.
    Fixed(Endpoint),
    /// Each to the address of its region.
    Regional(RegionalEndpoint),
    /// To the service's own endpoints.
    Default(Protocol),
}

impl NetworkSettings {
    pub(super) fn parse(block: &Block, parser: &mut Parser<'_>) -> Result<Self, ConfigError> {
        let protocol = parser.text("protocol", &block.protocol, |text, path| {
            validators::one_of(text, path, PROTOCOLS)
        });
        let protocol = protocol.map(Option::unwrap_or_default);
        // Whether something is an endpoint does not depend on the protocol.
        let assumed = protocol.as_ref().copied().unwrap_or_default();
        let endpoints = parser.block("endpoints", &block.endpoints, |block, parser| {
            let Endpoints { swas, sts } = block;
            let [swas, sts] = [("swas", swas), ("sts", sts)].map(|(name, value)| {
                parser.text(name, value, |text, path| {
                    let endpoint =
                        EndpointSetting::parse(text, &format!("endpoints.{name}"), assumed);
                    endpoint.map_err(|mistake| mistake.at(path.clone()))
                })
            });
            Ok((swas?, sts?))
        });
        let [connect_timeout, read_timeout] = [
            ("client_connect_timeout", &block.client_connect_timeout),
            ("client_read_timeout", &block.client_read_timeout),
        ]
        .map(|(name, value)| parser.value(name, value, |number, path| timeout(*number, path)));
        if let (Ok(Some(connect)), Ok(read)) = (&connect_timeout, &read_timeout) {
            check_order(*connect, *read, parser);
        }
        let retry_timeout = &block.max_retry_timeout;
        let retry_timeout = parser.value("max_retry_timeout", retry_timeout, |number, path| {
            validators::integer_between(*number, path, &RETRY_TIMEOUTS, "seconds")
                .map(Duration::from_secs)
        });
        let source = &block.configuration_source;
        let source = parser.text("configuration_source", source, |text, path| {
            validators::no_control_chars(text, path)?;
            validators::max_length(text, path, LONGEST_SOURCE)?;
            validators::ascii(text, path)
        });
        let protocol = protocol?;
        let (swas, sts) = endpoints?.unwrap_or_default();
        let setting = |endpoint: Option<EndpointSetting>| {
            endpoint.unwrap_or(EndpointSetting::Default(protocol))
        };
        Ok(Self {
            swas: setting(swas),
            sts: setting(sts),
            sts_region: None,
            vpc: false,
            connect_timeout: connect_timeout?,
            read_timeout: read_timeout?,
            retry_timeout: retry_timeout?,
            source: source?,
        })
    }

    /// Takes the endpoints that the block does not name from the environment, and
    /// what only the environment says.
    pub(super) fn complete(&mut self, environment: &Environment, errors: &mut Diagnostics) {
        self.sts_region = region_in(environment, &[STS_REGION], errors);
        self.vpc = environment.is_on(VPC);
        for (setting, service) in [(&mut self.swas, SWAS), (&mut self.sts, STS)] {
            if let Err(error) = setting.complete(&service, environment) {
                errors.push(error);
            }
        }
    }

    /// The arguments for limits that the block does not set.
    pub(super) fn open_limits(&self) -> Vec<&'static str> {
        let limits = [
            ("client_connect_timeout", self.connect_timeout),
            ("client_read_timeout", self.read_timeout),
            ("max_retry_timeout", self.retry_timeout),
        ];
        let open = limits.into_iter().filter(|(_, limit)| limit.is_none());
        open.map(|(name, _)| name).collect()
    }

    /// How long a read may go on trying.
    pub(super) fn limit(&self) -> Duration {
        self.retry_timeout.unwrap_or(RETRY_TIMEOUT)
    }

    /// Where STS is called.
    pub(super) fn sts_endpoint(&self, default: &Arc<DefaultRegion>) -> StsEndpoint {
        let region = match &self.sts_region {
            Some(region) => StsRegion::Named(region.clone()),
            None => StsRegion::Default(Arc::clone(default)),
        };
        match &self.sts {
            EndpointSetting::Fixed(endpoint) => StsEndpoint::Fixed(endpoint.clone()),
            EndpointSetting::Regional(endpoint) => StsEndpoint::Regional(endpoint.clone(), region),
            EndpointSetting::Default(protocol) => StsEndpoint::Own {
                protocol: *protocol,
                region,
                vpc: self.vpc,
            },
        }
    }

    /// How forms are sent.
    pub(super) fn of_transport(
        &self,
        terraform_version: &str,
        environment: &Environment,
    ) -> transport::NetworkSettings {
        let source = self.source.clone();
        let source = source.or_else(|| environment.get(APPEND_USER_AGENT));
        transport::NetworkSettings {
            connect_timeout: self
                .connect_timeout
                .unwrap_or(transport::NetworkSettings::CONNECT_TIMEOUT),
            read_timeout: self
                .read_timeout
                .unwrap_or(transport::NetworkSettings::READ_TIMEOUT),
            user_agent: user_agent(terraform_version, source.as_deref()),
        }
    }
}

/// The variable that names the endpoint of a service, or the one that would first.
pub(super) fn endpoint_variable(service: &Service, environment: &Environment) -> &'static str {
    let mut variables = service.endpoint_variables.iter().copied();
    let set = variables
        .clone()
        .find(|name| environment.get(name).is_some());
    set.or_else(|| variables.next()).unwrap_or_default()
}

/// Connecting counts as silence, too, so that no more time than for this can be had
/// for it.
fn check_order(connect: Duration, read: Option<Duration>, parser: &mut Parser<'_>) {
    let limit = read.unwrap_or(transport::NetworkSettings::READ_TIMEOUT);
    if connect > limit {
        let path = parser.path("client_connect_timeout");
        let by_default = if read.is_some() { "" } else { " by default" };
        let detail = format!(
            "\"{path}\" is {connect}, and \"client_read_timeout\", which is {limit}{by_default}, ends \
             connecting, too. Set \"client_read_timeout\" to {connect} or more.",
            connect = connect.as_millis(),
            limit = limit.as_millis(),
        );
        parser.reject(Diagnostic::invalid(&path, detail));
    }
}

fn timeout(number: Number, path: &AttributePath) -> Result<Duration, Diagnostic> {
    validators::integer_between(number, path, &TIMEOUTS, "milliseconds").map(Duration::from_millis)
}

impl EndpointSetting {
    fn parse(text: &str, name: &str, protocol: Protocol) -> Result<Self, Diagnostic> {
        Ok(match endpoint::regional(text, name, protocol)? {
            Some(endpoint) => Self::Regional(endpoint),
            None => Self::Fixed(endpoint::fixed(text, name, protocol)?),
        })
    }

    fn complete(&mut self, service: &Service, environment: &Environment) -> Result<(), Diagnostic> {
        let mut variables = service.endpoint_variables.iter();
        let set = variables.find_map(|name| Some((*name, environment.get(name)?)));
        if let (Self::Default(protocol), Some((variable, text))) = (&*self, set) {
            *self = Self::parse(&text, variable, *protocol)?;
        }
        Ok(())
    }

    pub(super) fn of_swas(self) -> EndpointResolver {
        match self {
            Self::Fixed(endpoint) => EndpointResolver::Fixed(endpoint),
            Self::Regional(endpoint) => EndpointResolver::Regional(endpoint),
            Self::Default(protocol) => EndpointResolver::OfRegion(protocol),
        }
    }
}

/// What fits no header is left out: it comes from Terraform or the environment,
/// and is not worth an error.
fn user_agent(terraform_version: &str, source: Option<&str>) -> String {
    let mut agent = concat!("terraform-provider-swas/", env!("CARGO_PKG_VERSION")).to_owned();
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
            ("", None, ""),
            ("1.11.4", None, " Terraform/1.11.4"),
            (
                "1.11.4",
                Some(" module/2 (x) "),
                " Terraform/1.11.4 module/2 (x)",
            ),
            ("1.0\r\nX: y", Some("a\r\nB: ü"), " Terraform/1.0Xy aB:"),
        ] {
            let program = concat!("terraform-provider-swas/", env!("CARGO_PKG_VERSION"));
            let agent = user_agent(version, source);
            assert_eq!(agent.strip_prefix(program), Some(expected));
        }
    }
}
