//! Endpoints, timeouts, the signature method and the User-Agent.

use std::time::Duration;

use super::arguments::{CONNECT_TIMEOUT, READ_TIMEOUT, RETRY_TIMEOUT, endpoint, text_up_to};
use super::model::{EndpointsModel, ProviderModel};
use super::resolver::{APPEND_USER_AGENT, Resolver, Setting, Source};
use crate::provider::validators;
use crate::swas::service::ENDPOINT_VARIABLES;
use crate::terraform::{AttributePath, ConfigError, Diagnostic};
use aliyun::env;
use aliyun::http::client::ClientSettings;
use aliyun::http::protocol::Protocol;
use aliyun::rpc::endpoint::EndpointResolver;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::SignatureMethod;

/// Maximum length of the suffix of the User-Agent, in characters.
const MAX_SOURCE_LENGTH: usize = 1024;

const PROTOCOLS: [(&str, Protocol); 2] = [("HTTPS", Protocol::Https), ("HTTP", Protocol::Http)];

const SIGNATURE_METHODS: [(&str, SignatureMethod); 2] = [
    ("HMAC-SHA1", SignatureMethod::Rpc),
    ("ACS3-HMAC-SHA256", SignatureMethod::V3),
];

/// Resolved network settings.
#[derive(Debug)]
pub(super) struct NetworkConfig {
    pub(super) swas: EndpointResolver,
    /// The variable that sets the endpoint. Defaults to the first of [`ENDPOINT_VARIABLES`].
    pub(super) swas_variable: String,
    pub(super) sts: EndpointResolver,
    /// Region of the STS endpoint, if it is not the default region.
    pub(super) sts_region: Option<RegionId>,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) retry_limit: Duration,
    pub(super) signature_method: SignatureMethod,
    /// Suffix of the User-Agent.
    source: Option<String>,
}

impl NetworkConfig {
    pub(super) fn resolve(
        model: &ProviderModel,
        resolver: &mut Resolver<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let protocol = resolver
            .parser
            .text("protocol", &model.protocol, |text, path| {
                validators::one_of(text, path, PROTOCOLS)
            });
        let protocol = protocol.map(Option::unwrap_or_default);
        // The validation of an endpoint does not depend on the protocol.
        let assumed = protocol.as_ref().copied().unwrap_or_default();
        let validate = |text: &str, path: &AttributePath| endpoint(text, path, assumed);
        let parse = |model: &EndpointsModel, resolver: &mut Resolver<'_, '_>| {
            let swas = resolver.text("swas", &model.swas, &ENDPOINT_VARIABLES, validate);
            let sts = resolver.text("sts", &model.sts, &[env::STS_ENDPOINT], validate);
            Ok((swas?, sts?))
        };
        let endpoints = resolver.block("endpoints", &model.endpoints, parse);
        let endpoints = endpoints
            .transpose()
            .unwrap_or_else(|| parse(&EndpointsModel::default(), resolver));
        let connect = resolver.number(&CONNECT_TIMEOUT, &model.client_connect_timeout);
        let read = resolver.number(&READ_TIMEOUT, &model.client_read_timeout);
        if let (Ok(connect), Ok(read)) = (&connect, &read) {
            validate_timeouts(connect, read, resolver);
        }
        for timeout in [&connect, &read].into_iter().flatten() {
            warn_of_seconds(timeout, resolver);
        }
        let retry = resolver.number(&RETRY_TIMEOUT, &model.max_retry_timeout);
        let method = &model.signature_method;
        let method = resolver
            .parser
            .text("signature_method", method, |text, path| {
                validators::one_of(text, path, SIGNATURE_METHODS)
            });
        let source = &model.configuration_source;
        let source = resolver
            .parser
            .text("configuration_source", source, |text, path| {
                text_up_to(MAX_SOURCE_LENGTH)(text, path)?;
                validators::ascii(text, path)
            });
        let sts_region = resolver.variable(&[env::STS_REGION], validators::region);
        let (protocol, (swas, sts)) = (protocol?, endpoints?);
        let swas_variable = match &swas {
            Some(Setting {
                source: Source::Variable(variable),
                ..
            }) => variable.clone(),
            _ => ENDPOINT_VARIABLES[0].to_owned(),
        };
        let or_default = |endpoint: Option<Setting<EndpointResolver>>, vpc| {
            let default = EndpointResolver::Default { protocol, vpc };
            endpoint.map_or(default, |endpoint| endpoint.value)
        };
        let environment = resolver.environment;
        let append = || environment.exact(APPEND_USER_AGENT).map(str::to_owned);
        Ok(Self {
            swas: or_default(swas, false),
            swas_variable,
            sts: or_default(sts, environment.switched_on(env::VPC).is_some()),
            sts_region: sts_region?.map(|region| region.value),
            connect_timeout: Duration::from_millis(connect?.value),
            read_timeout: Duration::from_millis(read?.value),
            retry_limit: Duration::from_secs(retry?.value),
            signature_method: method?.unwrap_or_default(),
            source: source?.or_else(append),
        })
    }

    /// Returns the settings of the HTTP client.
    pub(super) fn client_settings(&self, terraform_version: &str) -> ClientSettings {
        ClientSettings {
            connect_timeout: self.connect_timeout,
            read_timeout: self.read_timeout,
            user_agent: user_agent(terraform_version, self.source.as_deref()),
        }
    }
}

/// Rejects a connect timeout above the read timeout. The read timeout also ends connecting,
/// because nothing is received meanwhile.
fn validate_timeouts(connect: &Setting<u64>, read: &Setting<u64>, resolver: &mut Resolver<'_, '_>) {
    let path = match &connect.source {
        _ if connect.value <= read.value => return,
        Source::Default => return,
        Source::Argument(path) => path.clone(),
        Source::Variable(name) => AttributePath::attribute(name),
    };
    let by_default = match read.source {
        Source::Default => " by default",
        Source::Argument(_) | Source::Variable(_) => "",
    };
    let detail = format!(
        "{source} is {connect}, but must not exceed \"client_read_timeout\", which is \
         {limit}{by_default}. Set \"client_read_timeout\" to {connect} or more.",
        source = connect.source,
        connect = connect.value,
        limit = read.value,
    );
    resolver.report(&connect.source, Diagnostic::invalid(&path, detail));
}

/// Warns of a timeout below a second, which may be meant in seconds.
fn warn_of_seconds(timeout: &Setting<u64>, resolver: &mut Resolver<'_, '_>) {
    let Setting { value, source } = timeout;
    if *value >= 1000 {
        return;
    }
    let detail = format!(
        "{source} is {value} milliseconds. If {value} seconds are meant, set it to {value}000."
    );
    let warning = Diagnostic::warning("Timeout below one second", detail);
    resolver.report(source, warning);
}

/// Returns the User-Agent. Characters that cannot be in a header are left out: they come
/// from Terraform or the environment, and are not worth an error.
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
        .take(MAX_SOURCE_LENGTH)
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
    fn user_agent_names_provider_terraform_and_suffix() {
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
