//! Addresses of APIs.

use std::fmt;

use reqwest::Url;

use crate::http::protocol::Protocol;
use crate::rpc::region::RegionId;
use crate::rpc::service::Service;

/// Address of an API: scheme, host and port, without path, query and credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Error for text that is not a valid endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// The host is missing, or host or port are malformed.
    #[error(
        "an endpoint is a host such as \"SERVICE.cn-hangzhou.aliyuncs.com\", a host and port such as \
         \"127.0.0.1:8080\", or either with \"http://\" or \"https://\" in front"
    )]
    Form,
    /// The scheme is neither `http` nor `https`.
    #[error("an endpoint is reached over \"http://\" or \"https://\" and no other scheme")]
    Scheme,
    /// The URL has a user name or a password.
    #[error("an endpoint has no user name and no password in it")]
    Credentials,
    /// The URL has a path, a query or a fragment.
    #[error("an endpoint ends after its host and port, without a path, a query or a fragment")]
    Path,
}

impl Endpoint {
    /// Returns the default endpoint of a service: the regional one or, without a
    /// region, the central one. `vpc` selects the one in virtual private clouds.
    fn of(service: &Service, region: Option<&RegionId>, vpc: bool, protocol: Protocol) -> Self {
        let suffix = if vpc { "-vpc" } else { "" };
        let region = region.map(|region| format!(".{region}"));
        let region = region.unwrap_or_default();
        let (scheme, name) = (protocol.scheme(), service.name);
        let url = format!("{scheme}://{name}{suffix}{region}.aliyuncs.com/");
        // A region ID is always a valid host label.
        Self(Url::parse(&url).expect("a region makes a valid host name"))
    }

    /// Parses `host`, `host:port` or a URL. `protocol` applies to text without a scheme.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidEndpoint`] for any other text.
    fn parse(text: &str, protocol: Protocol) -> Result<Self, InvalidEndpoint> {
        if text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '\\')
        {
            return Err(InvalidEndpoint::Form);
        }
        let (scheme, rest) = match text.split_once("://") {
            None => (protocol.scheme().to_owned(), text),
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        };
        if !["http", "https"].contains(&&*scheme) {
            return Err(InvalidEndpoint::Scheme);
        }
        // `Url::parse` accepts extra slashes and an empty port.
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.ends_with(':') {
            return Err(InvalidEndpoint::Form);
        }
        let url = format!("{scheme}://{rest}");
        let url = Url::parse(&url).map_err(|_| InvalidEndpoint::Form)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidEndpoint::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidEndpoint::Path);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(InvalidEndpoint::Form);
        }
        Ok(Self(url))
    }

    /// Returns the protocol of the endpoint.
    pub fn protocol(&self) -> Protocol {
        match self.0.scheme() {
            "http" => Protocol::Http,
            // `parse` allows only these two schemes.
            _ => Protocol::Https,
        }
    }

    /// Returns the address as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the region in the host name, as in `ecs.cn-hangzhou.aliyuncs.com` and
    /// `ecs-vpc.cn-hangzhou.aliyuncs.com`.
    pub fn region(&self) -> Option<RegionId> {
        let host = self.0.host_str()?.trim_end_matches('.');
        let host = host.strip_suffix(".aliyuncs.com")?;
        let (_, region) = host.split_once('.')?;
        region.parse().ok()
    }

    /// Returns the host, with its port unless it is the scheme's default port.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

/// Endpoint configuration of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointResolver {
    /// One endpoint for all regions.
    Fixed(Endpoint),
    /// A configured endpoint for each region.
    Regional(RegionalEndpoint),
    /// The default endpoints of the API.
    Default {
        /// Protocol of the endpoints.
        protocol: Protocol,
        /// Selects the endpoints in virtual private clouds.
        vpc: bool,
    },
}

impl EndpointResolver {
    /// Parses `host`, `host:port` or a URL, in which `{region}` stands for the region of the
    /// request. `protocol` applies to text without a scheme.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidEndpoint`] for any other text.
    pub fn parse(text: &str, protocol: Protocol) -> Result<Self, InvalidEndpoint> {
        Ok(match RegionalEndpoint::parse(text, protocol)? {
            Some(endpoint) => Self::Regional(endpoint),
            None => Self::Fixed(Endpoint::parse(text, protocol)?),
        })
    }

    /// Returns the endpoint for a region. Without a region, the default is the central
    /// endpoint, which is a public one, and `{region}` is any region.
    pub fn endpoint(&self, service: &Service, region: Option<&RegionId>) -> Endpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.clone(),
            Self::Regional(endpoint) => match region {
                Some(region) => endpoint.of(region),
                None => endpoint.of(&RegionId::any()),
            },
            Self::Default { protocol, vpc } => {
                Endpoint::of(service, region, *vpc && region.is_some(), *protocol)
            }
        }
    }
}

/// Placeholder for the region in an endpoint template.
const REGION_PLACEHOLDER: &str = "{region}";

/// Template of the endpoints of all regions, such as
/// `ecs-vpc.{region}.aliyuncs.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionalEndpoint {
    text: String,
    protocol: Protocol,
}

impl RegionalEndpoint {
    /// Parses an address with `{region}` in its host. Returns `None` if the text does not
    /// contain `{region}`.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidEndpoint`] if `{region}` is not in the host, or if the text with
    /// a region in its place is not an endpoint.
    fn parse(text: &str, protocol: Protocol) -> Result<Option<Self>, InvalidEndpoint> {
        if !text.contains(REGION_PLACEHOLDER) {
            return Ok(None);
        }
        let in_region = |region: &str| {
            let text = text.replace(REGION_PLACEHOLDER, region);
            Endpoint::parse(&text, protocol)
        };
        // Inserting a region would invalidate a Punycode label.
        let has_punycode = text.to_ascii_lowercase().contains("xn--");
        // A placeholder in the port fails for "cn-hangzhou"; one outside the host gives
        // equal hosts.
        let (one, other) = (in_region("1")?, in_region("cn-hangzhou")?);
        if has_punycode || one.0.host_str() == other.0.host_str() {
            return Err(InvalidEndpoint::Form);
        }
        Ok(Some(Self {
            text: text.to_owned(),
            protocol,
        }))
    }

    /// Returns the endpoint of a region.
    fn of(&self, region: &RegionId) -> Endpoint {
        let text = self.text.replace(REGION_PLACEHOLDER, region.as_str());
        // `parse` tried two regions, and all region IDs have the same alphabet.
        Endpoint::parse(&text, self.protocol).expect("a region makes a valid host name")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rpc::service::STS;

    const ECS: Service = Service {
        name: "ecs",
        version: "2014-05-26",
    };

    #[test]
    fn endpoint_with_host_port_or_url_is_valid() {
        for (text, protocol, expected, host) in [
            (
                "a.example",
                Protocol::Https,
                "https://a.example",
                "a.example",
            ),
            ("a.example", Protocol::Http, "http://a.example", "a.example"),
            (
                "a.example:81",
                Protocol::Https,
                "https://a.example:81",
                "a.example:81",
            ),
            (
                "http://a.example",
                Protocol::Https,
                "http://a.example",
                "a.example",
            ),
            (
                "https://a.example/",
                Protocol::Http,
                "https://a.example",
                "a.example",
            ),
            (
                "HTTP://a.example",
                Protocol::Https,
                "http://a.example",
                "a.example",
            ),
            (
                "http://127.0.0.1:8080",
                Protocol::Https,
                "http://127.0.0.1:8080",
                "127.0.0.1:8080",
            ),
            (
                "[::1]:8080",
                Protocol::Https,
                "https://[::1]:8080",
                "[::1]:8080",
            ),
        ] {
            let endpoint = Endpoint::parse(text, protocol).unwrap();
            assert_eq!(endpoint.to_string(), expected);
            assert_eq!(endpoint.host(), host);
        }
    }

    #[test]
    fn endpoint_with_other_parts_is_invalid() {
        for (text, expected) in [
            ("", InvalidEndpoint::Form),
            ("http://", InvalidEndpoint::Form),
            ("127.0.0.1:", InvalidEndpoint::Form),
            ("http://127.0.0.1:/", InvalidEndpoint::Form),
            ("//a.example", InvalidEndpoint::Form),
            ("http:///a.example", InvalidEndpoint::Form),
            ("a b", InvalidEndpoint::Form),
            ("a\n.example", InvalidEndpoint::Form),
            ("a.example:99999", InvalidEndpoint::Form),
            ("http:\\\\a.example", InvalidEndpoint::Form),
            ("ftp://a.example", InvalidEndpoint::Scheme),
            ("HTTP+unix://a.example", InvalidEndpoint::Scheme),
            ("user:secret@a.example", InvalidEndpoint::Credentials),
            ("https://user@a.example", InvalidEndpoint::Credentials),
            ("a.example/path", InvalidEndpoint::Path),
            ("https://a.example/?q=1", InvalidEndpoint::Path),
            ("https://a.example#f", InvalidEndpoint::Path),
        ] {
            assert_eq!(
                Endpoint::parse(text, Protocol::Https),
                Err(expected),
                "{text:?}"
            );
        }
    }

    #[test]
    fn default_endpoint_contains_the_region() {
        let region = "cn-hangzhou".parse().unwrap();
        for (service, region, vpc, expected) in [
            (
                ECS,
                Some(&region),
                false,
                "https://ecs.cn-hangzhou.aliyuncs.com",
            ),
            (
                STS,
                Some(&region),
                false,
                "https://sts.cn-hangzhou.aliyuncs.com",
            ),
            (
                STS,
                Some(&region),
                true,
                "https://sts-vpc.cn-hangzhou.aliyuncs.com",
            ),
            (STS, None, false, "https://sts.aliyuncs.com"),
            (STS, None, true, "https://sts.aliyuncs.com"),
        ] {
            let resolver = EndpointResolver::Default {
                protocol: Protocol::Https,
                vpc,
            };
            let endpoint = resolver.endpoint(&service, region);
            assert_eq!(endpoint.to_string(), expected);
        }
    }

    #[test]
    fn regional_endpoint_replaces_placeholder_in_host_only() {
        for (text, expected) in [
            (
                "ecs-vpc.{region}.aliyuncs.com",
                Some("https://ecs-vpc.cn-x.aliyuncs.com"),
            ),
            ("http://{region}.example:81", Some("http://cn-x.example:81")),
            (
                "a-{region}.{region}.example",
                Some("https://a-cn-x.cn-x.example"),
            ),
            ("a.example", None),
        ] {
            let endpoint = RegionalEndpoint::parse(text, Protocol::Https).unwrap();
            let region = "cn-x".parse().unwrap();
            let endpoint = endpoint.map(|endpoint| endpoint.of(&region).to_string());
            assert_eq!(endpoint.as_deref(), expected, "{text}");
        }
        for text in [
            "a.example:{region}",
            "a.example/{region}",
            "{region}://a.example",
            "{region}@a.example",
            "xn--{region}.example",
            "{region",
        ] {
            let endpoint = RegionalEndpoint::parse(text, Protocol::Https);
            assert!(!matches!(endpoint, Ok(Some(_))), "{text}");
        }
    }

    #[test]
    fn region_of_aliyuncs_host_is_detected() {
        for (text, expected) in [
            ("ecs.cn-hangzhou.aliyuncs.com", Some("cn-hangzhou")),
            ("ecs.cn-hangzhou.aliyuncs.com.", Some("cn-hangzhou")),
            (
                "ecs-vpc.ap-southeast-1.aliyuncs.com:443",
                Some("ap-southeast-1"),
            ),
            ("ecs.aliyuncs.com", None),
            ("ecs.cn-hangzhou.example", None),
            ("127.0.0.1:8080", None),
        ] {
            let endpoint = Endpoint::parse(text, Protocol::Https).unwrap();
            let region = endpoint.region();
            assert_eq!(region.as_ref().map(RegionId::as_str), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn regional_endpoint_accepts_every_region(text in ".*\\{region\\}.*", region in "[a-z0-9-]{1,63}") {
            let endpoint = RegionalEndpoint::parse(&text, Protocol::Https);
            if let (Ok(Some(endpoint)), Ok(region)) = (endpoint, region.parse()) {
                let _ = endpoint.of(&region);
            }
        }

        #[test]
        fn default_endpoint_accepts_every_region(region in "[a-z0-9-]{1,63}|xn--[a-z0-9-]{1,20}") {
            if let Ok(region) = region.parse::<RegionId>() {
                let endpoint = Endpoint::of(&ECS, Some(&region), false, Protocol::Https);
                prop_assert_eq!(endpoint.host(), format!("ecs.{region}.aliyuncs.com"));
            }
        }

        #[test]
        fn endpoint_of_arbitrary_text_never_panics(text in ".*") {
            let _ = Endpoint::parse(&text, Protocol::Https);
        }
    }
}
