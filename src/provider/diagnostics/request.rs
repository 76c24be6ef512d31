//! Advice on requests without a usable response, the same for all APIs.

use aliyun::http::error::{ConnectErrorKind, HttpError};
use aliyun::http::proxy::ProxyError;
use aliyun::rpc::error::RequestError;
use aliyun::rpc::region::{KNOWN_REGIONS, RegionId};

/// Advice on an error.
pub(super) struct Advice {
    /// Summary of the diagnostic.
    pub(super) summary: String,
    /// Remedy in full sentences. May be empty.
    pub(super) remedy: String,
    /// Argument that the diagnostic points to.
    pub(super) argument: Option<&'static str>,
}

impl Advice {
    pub(super) fn new(summary: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            remedy: remedy.into(),
            argument: None,
        }
    }

    pub(super) fn at(self, argument: &'static str) -> Self {
        Self {
            argument: Some(argument),
            ..self
        }
    }
}

/// The API that was called.
pub(super) struct Api<'a> {
    /// Name of the API, such as `SWAS`.
    pub(super) name: &'static str,
    /// Host that was called.
    pub(super) host: &'a str,
    /// Region that the call was about, if it is known.
    pub(super) region: Option<RegionId>,
    /// The variable that sets the endpoint.
    pub(super) endpoint_variable: &'a str,
    /// A sentence about the origin of the host.
    pub(super) host_hint: String,
}

impl Api<'_> {
    /// Advises on an error. Returns `None` for an error of the API itself.
    pub(super) fn advice(&self, error: &RequestError) -> Option<Advice> {
        let name = self.name;
        let unexpected = format!(
            "This is not a response of the {name} API. {}",
            self.check_endpoint()
        );
        if let Some(region) = &self.region
            && error.is_unknown_region(self.host, region)
        {
            return Some(self.unknown_region(region));
        }
        Some(match error {
            RequestError::Api(_) => return None,
            RequestError::Http(error) => self.http_advice(error, unexpected),
            RequestError::NoThread { .. } => Advice::new(
                "Cannot process the response",
                "Raise the limit of threads or processes, or run Terraform with a lower \
                 -parallelism.",
            ),
            RequestError::UnexpectedEof { .. } => self.incomplete_response(""),
            RequestError::Empty { status }
            | RequestError::NotJson { status, .. }
            | RequestError::Malformed { status, .. }
                if *status >= 500 =>
            {
                Advice::new(
                    format!("No response from the {name} API"),
                    format!(
                        "Something between here and the API failed, such as a gateway. Try again \
                         later. If it lasts, something else may respond. {}",
                        self.check_endpoint()
                    ),
                )
            }
            RequestError::Empty { .. } => {
                Advice::new(format!("Empty response from the {name} API"), unexpected)
            }
            RequestError::NotJson { .. } | RequestError::Malformed { .. } => Advice::new(
                format!("Malformed response from the {name} API"),
                unexpected,
            ),
        })
    }

    /// A sentence about the settings of the endpoint.
    pub(super) fn check_endpoint(&self) -> String {
        format!(
            "Check that \"endpoints\" in the provider block and {}, if set, name an endpoint of \
             {}, and that no proxy responds in its place.",
            self.endpoint_variable, self.name
        )
    }

    fn http_advice(&self, error: &HttpError, unexpected: String) -> Advice {
        let Self {
            name,
            host,
            host_hint,
            ..
        } = self;
        match error {
            HttpError::Connect {
                kind: ConnectErrorKind::NoTls,
                ..
            } => Advice::new(
                "No TLS at the endpoint",
                format!(
                    "What listens at {host} does not speak TLS. If that is intended, as for a \
                     test on this machine, put \"http://\" in front of the endpoint."
                ),
            ),
            HttpError::Connect {
                kind: ConnectErrorKind::UntrustedCertificate,
                ..
            } => Advice::new(
                "The endpoint's certificate is not trusted",
                format!(
                    "What responds at {host} may not be what you mean to reach, or a proxy opens \
                     connections on the way. If that proxy is your own, add its certificate to \
                     those that this machine trusts."
                ),
            ),
            HttpError::Connect { .. } | HttpError::ConnectTimeout { .. } => Advice::new(
                format!("Cannot connect to the {name} API"),
                format!(
                    "Check that this machine reaches {host}: its network, DNS and, if it takes a \
                     proxy to get there, HTTPS_PROXY and NO_PROXY.{host_hint}{}",
                    timeout_hint(error),
                ),
            ),
            HttpError::ReadTimeout { .. }
            | HttpError::ResponseTimeout { .. }
            | HttpError::ConnectionLost { .. } => self.incomplete_response(timeout_hint(error)),
            HttpError::Proxy(proxy) => {
                Advice::new("Cannot use the proxy", self.proxy_advice(proxy))
            }
            HttpError::Redirect { .. } => Advice::new(
                "Redirect in place of a response",
                format!(
                    "Nothing was sent there, because requests go only where the configuration \
                     says. {}",
                    self.check_endpoint()
                ),
            ),
            HttpError::TooLarge { .. } => Advice::new("Response too large", unexpected),
            HttpError::NoTrustedCertificates { .. } => Advice::new(
                "No trusted certificates",
                "Over \"https://\", an endpoint proves its identity with a certificate, and none \
                 of the certificates that this machine trusts could be loaded. Install them, in a \
                 container for example with the package ca-certificates, or set SSL_CERT_FILE to \
                 a file with them. If SSL_CERT_FILE or SSL_CERT_DIR is set, correct or unset it.",
            ),
            HttpError::BuildRequest { .. } => Advice::new("Cannot make a request", String::new()),
        }
    }

    fn unknown_region(&self, region: &RegionId) -> Advice {
        Advice::new(
            "No such region",
            format!(
                "{} has no address, and {region} is not a known region. {} Correct \"region_id\" \
                 here or \"region\" in the provider block. If the region is new, check the DNS of \
                 this machine.",
                self.host,
                did_you_mean(region)
            ),
        )
        .at("region_id")
    }

    fn incomplete_response(&self, hint: &str) -> Advice {
        Advice::new(
            format!("No complete response from the {} API", self.name),
            format!(
                "Try again. If it happens again, check the network between here and {}.{hint}",
                self.host
            ),
        )
    }

    fn proxy_advice(&self, error: &ProxyError) -> String {
        let Self {
            host, host_hint, ..
        } = self;
        match error {
            ProxyError::NoConnection { .. } => format!(
                "Check that this machine reaches that proxy, and that the proxy lets it connect \
                 to {host}.{host_hint} To bypass the proxy, add {host} to NO_PROXY."
            ),
            ProxyError::Malformed(variable) | ProxyError::Scheme(variable) => {
                format!("Correct {variable}, or unset it.")
            }
        }
    }
}

/// A sentence with the known regions that are closest to another one, at most three.
pub(super) fn did_you_mean(region: &RegionId) -> String {
    let distance = |known: &&str| strsim::osa_distance(region.as_str(), known);
    let least = KNOWN_REGIONS.iter().map(distance).min();
    let closest = KNOWN_REGIONS
        .iter()
        .filter(|known| Some(distance(known)) == least);
    let closest: Vec<&str> = closest.take(3).copied().collect();
    format!("Did you mean {}?", closest.join(" or "))
}

/// A sentence about the argument that extends the timeout. Empty for other errors.
fn timeout_hint(error: &HttpError) -> &'static str {
    match error {
        HttpError::ConnectTimeout { .. } => {
            " If the network is only slow, raise \"client_connect_timeout\" in the provider block."
        }
        HttpError::ReadTimeout { .. } => {
            " If the API is only slow, raise \"client_read_timeout\" in the provider block."
        }
        _ => "",
    }
}
