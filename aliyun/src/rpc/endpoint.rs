//! Addresses of APIs.

use std::fmt;

use url::Url;

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
        "an endpoint is an ASCII host such as \"SERVICE.cn-hangzhou.aliyuncs.com\", a host and port such as \
         \"127.0.0.1:8080\", or either with \"http://\" or \"https://\" in front"
    )]
    Form,
    /// The scheme is neither `http` nor `https`.
    #[error("the scheme of an endpoint is \"http://\" or \"https://\"")]
    Scheme,
    /// The URL has a user name or a password.
    #[error("an endpoint has no user name and no password")]
    Credentials,
    /// The URL has a path, a query or a fragment.
    #[error("an endpoint ends after its host and port, without a path, a query or a fragment")]
    Path,
    /// A placeholder is not `{region}`, or its place allows hosts that are IP addresses.
    #[error(
        "the only placeholder of an endpoint is \"{{region}}\", in the host before its last dot, as \
         in \"SERVICE.{{region}}.aliyuncs.com\""
    )]
    Placeholder,
}

impl Endpoint {
    /// Parses `host`, `host:port` or a URL. `protocol` applies to text without a scheme.
    pub(crate) fn parse(text: &str, protocol: Protocol) -> Result<Self, InvalidEndpoint> {
        if text.contains(['{', '}']) {
            return Err(InvalidEndpoint::Placeholder);
        }
        // `Url::parse` maps other characters to ASCII, so that a host could look like another.
        if text.contains(|c: char| !c.is_ascii_graphic() || c == '\\') {
            return Err(InvalidEndpoint::Form);
        }
        let (scheme, rest) = text.split_once("://").unwrap_or((protocol.scheme(), text));
        if !["http", "https"].contains(&&*scheme.to_ascii_lowercase()) {
            return Err(InvalidEndpoint::Scheme);
        }
        // `Url::parse` accepts extra slashes and an empty port.
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.ends_with(':') {
            return Err(InvalidEndpoint::Form);
        }
        let url = Url::parse(&format!("{scheme}://{rest}"));
        let url = url.map_err(|_| InvalidEndpoint::Form)?;
        if url.port() == Some(0) {
            return Err(InvalidEndpoint::Form);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidEndpoint::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidEndpoint::Path);
        }
        // `Url::parse` decodes percent escapes.
        if host.contains('%') {
            return Err(InvalidEndpoint::Form);
        }
        // `Url::parse` accepts more characters in host names than the HTTP library.
        let is_in_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        match url.domain() {
            Some(name) if name.is_empty() || !name.chars().all(is_in_name) => {
                Err(InvalidEndpoint::Form)
            }
            _ => Ok(Self(url)),
        }
    }

    /// Returns the address as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the region in the host name.
    pub fn region(&self) -> Option<RegionId> {
        region_of_host(self.0.host_str()?)
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

    /// Returns the last label of the host name, which decides whether it is an IP address.
    fn last_label(&self) -> Option<&str> {
        self.0.host_str()?.trim_end_matches('.').rsplit('.').next()
    }
}

/// Returns the region in a host name such as `ecs.cn-hangzhou.aliyuncs.com` or
/// `ecs-vpc.cn-hangzhou.aliyuncs.com`.
pub fn region_of_host(host: &str) -> Option<RegionId> {
    let host = host.trim_end_matches('.').strip_suffix(".aliyuncs.com")?;
    let (_, region) = host.split_once('.')?;
    region.parse().ok()
}

/// Placeholder for the region of the request.
const PLACEHOLDER: &str = "{region}";

/// Endpoint configuration of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointResolver {
    /// One endpoint for all regions.
    Fixed(Endpoint),
    /// A configured endpoint for each region.
    Regional {
        /// An endpoint with `{region}` in its host.
        template: String,
        /// Protocol of a template without a scheme.
        protocol: Protocol,
    },
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
        let in_region = |region| Endpoint::parse(&text.replace(PLACEHOLDER, region), protocol);
        let endpoint = in_region("a")?;
        if !text.contains(PLACEHOLDER) {
            return Ok(Self::Fixed(endpoint));
        }
        // The host of any region is a name of plain labels. Two hyphens could become the start
        // of a Punycode label (`xn--`).
        if text.contains("--") || endpoint.last_label() != in_region("b")?.last_label() {
            return Err(InvalidEndpoint::Placeholder);
        }
        let template = text.to_owned();
        Ok(Self::Regional { template, protocol })
    }

    /// Returns the endpoint for a region. Without a region, the default is the central
    /// endpoint, which is a public one, and `{region}` is any region.
    pub fn endpoint(&self, service: &Service, region: Option<&RegionId>) -> Endpoint {
        let (text, protocol) = match self {
            Self::Fixed(endpoint) => return endpoint.clone(),
            Self::Regional { template, protocol } => {
                let any = RegionId::any();
                let region = region.unwrap_or(&any);
                (template.replace(PLACEHOLDER, region.as_str()), protocol)
            }
            Self::Default { protocol, vpc } => {
                let name = service.name;
                let host = match region {
                    Some(region) if *vpc => format!("{name}-vpc.{region}.aliyuncs.com"),
                    Some(region) => format!("{name}.{region}.aliyuncs.com"),
                    None => format!("{name}.aliyuncs.com"),
                };
                (host, protocol)
            }
        };
        // `parse` tried two regions. A region ID has letters, digits and single hyphens only,
        // and is not in the last label.
        Endpoint::parse(&text, *protocol).expect("a region makes a valid host name")
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
            ("a*b.example", InvalidEndpoint::Form),
            ("http:///a.example", InvalidEndpoint::Form),
            ("a b", InvalidEndpoint::Form),
            ("münchen.example", InvalidEndpoint::Form),
            ("１２７.0.0.1", InvalidEndpoint::Form),
            ("a。example", InvalidEndpoint::Form),
            ("a\n.example", InvalidEndpoint::Form),
            ("%76.example", InvalidEndpoint::Form),
            ("http://%31%32%37.0.0.1:81", InvalidEndpoint::Form),
            ("us%65r@a.example", InvalidEndpoint::Credentials),
            ("a.example:99999", InvalidEndpoint::Form),
            ("a.example:0", InvalidEndpoint::Form),
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
    fn regional_endpoint_replaces_placeholder() {
        for (text, expected) in [
            (
                "ecs-vpc.{region}.aliyuncs.com",
                "https://ecs-vpc.cn-x.aliyuncs.com",
            ),
            ("http://{region}.example:81", "http://cn-x.example:81"),
            ("a-{region}.{region}.example", "https://a-cn-x.cn-x.example"),
            ("{region}.example.", "https://cn-x.example."),
        ] {
            let resolver = EndpointResolver::parse(text, Protocol::Https).unwrap();
            let region = "cn-x".parse().unwrap();
            let endpoint = resolver.endpoint(&ECS, Some(&region));
            assert_eq!(endpoint.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn placeholder_elsewhere_or_of_another_name_is_invalid() {
        for (text, expected) in [
            ("ecs.{Region}.aliyuncs.com", InvalidEndpoint::Placeholder),
            ("ecs.{region_id}.aliyuncs.com", InvalidEndpoint::Placeholder),
            ("ecs.{region.aliyuncs.com", InvalidEndpoint::Placeholder),
            ("ecs.{}.aliyuncs.com", InvalidEndpoint::Placeholder),
            ("http://{region}", InvalidEndpoint::Placeholder),
            ("http://{region}.:80", InvalidEndpoint::Placeholder),
            ("10.0.0.{region}", InvalidEndpoint::Placeholder),
            ("0x{region}f", InvalidEndpoint::Placeholder),
            ("{region}--a.example", InvalidEndpoint::Placeholder),
            ("xn--{region}.example", InvalidEndpoint::Form),
            ("a.example:{region}", InvalidEndpoint::Form),
            ("a.example/{region}", InvalidEndpoint::Path),
            ("{region}://a.example", InvalidEndpoint::Scheme),
            ("{region}@a.example", InvalidEndpoint::Credentials),
        ] {
            let resolver = EndpointResolver::parse(text, Protocol::Https);
            assert_eq!(resolver, Err(expected), "{text}");
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
        fn endpoint_of_every_region_has_a_host_name(
            text in ".*\\{region\\}.*|[0-9a-z.-]{0,4}\\{region\\}[0-9a-z.-]{0,4}",
            region in "[a-z0-9-]{1,63}|[0-9]{1,20}|0x[0-9a-f]{1,9}|xn|n--[a-z0-9]{1,9}",
        ) {
            let Ok(region) = region.parse() else { return Ok(()) };
            let default = EndpointResolver::Default { protocol: Protocol::Https, vpc: false };
            let regional = EndpointResolver::parse(&text, Protocol::Https);
            for resolver in regional.into_iter().chain([default]) {
                let endpoint = resolver.endpoint(&ECS, Some(&region));
                prop_assert!(endpoint.url().domain().is_some(), "{}", endpoint);
            }
        }

        #[test]
        fn endpoint_of_arbitrary_text_never_panics(text in ".*") {
            if let Ok(endpoint) = Endpoint::parse(&text, Protocol::Https) {
                prop_assert!(endpoint.url().as_str().parse::<http::Uri>().is_ok());
            }
        }
    }
}
