//! Advice on requests without a usable response, the same for all APIs.

use aliyun::http::error::{ConnectError, HttpError};
use aliyun::http::proxy::ProxyError;
use aliyun::http::tls::TlsError;
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
    /// The settings of the region, as the object of "correct".
    pub(super) region_settings: &'static str,
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
        match error {
            HttpError::Connect(error) => self.connect_advice(error),
            HttpError::ReadTimeout { .. } => self.incomplete_response(
                " If the API is only slow, raise \"client_read_timeout\" in the provider block.",
            ),
            HttpError::ResponseTimeout { .. } | HttpError::ConnectionLost { .. } => {
                self.incomplete_response("")
            }
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
                "Install the CA certificates of the operating system, usually by the package \
                 ca-certificates, or set SSL_CERT_FILE to a file with CA certificates. If \
                 SSL_CERT_FILE or SSL_CERT_DIR is set, correct or unset it.",
            ),
            HttpError::BuildRequest { .. } => Advice::new("Cannot make a request", String::new()),
        }
    }

    fn unknown_region(&self, region: &RegionId) -> Advice {
        Advice::new(
            "No such region",
            format!(
                "{region} is not a known region.{} Correct {}. If the region is new, check that {} \
                 exists.",
                did_you_mean(region),
                self.region_settings,
                self.host
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

    fn connect_advice(&self, error: &ConnectError) -> Advice {
        let Self { name, host, .. } = self;
        match error {
            ConnectError::Tls(TlsError::NoTls) => Advice::new(
                "No TLS at the endpoint",
                format!(
                    "What listens at {host} does not speak TLS. If that is intended, as for a \
                     test on this machine, put \"http://\" in front of the endpoint."
                ),
            ),
            ConnectError::Tls(TlsError::Handshake) => Advice::new(
                format!("Cannot connect to the {name} API"),
                format!(
                    "{host} may not support TLS 1.2 or 1.3, or something between here and there \
                     ends the connection."
                ),
            ),
            ConnectError::Tls(error) => Advice::new(
                "The endpoint's certificate is not trusted",
                tls_advice(error, host),
            ),
            _ => {
                let timeout_hint = match error {
                    ConnectError::Timeout(_) => {
                        " If the network is only slow, raise \"client_connect_timeout\" in the \
                         provider block."
                    }
                    _ => "",
                };
                Advice::new(
                    format!("Cannot connect to the {name} API"),
                    format!(
                        "Check that this machine reaches {host}: its network, DNS and, if it takes \
                         a proxy to get there, HTTPS_PROXY and NO_PROXY.{}{timeout_hint}",
                        self.host_hint
                    ),
                )
            }
        }
    }

    fn proxy_advice(&self, error: &ProxyError) -> String {
        let Self {
            host, host_hint, ..
        } = self;
        let (variable, address, has_user, error) = match error {
            ProxyError::Invalid(variable) => {
                return format!(
                    "Set {variable} to HOST:PORT or to a URL that starts with \"http://\", \
                     \"https://\" or \"socks5://\", or unset it."
                );
            }
            ProxyError::Failed {
                variable,
                address,
                has_user,
                error,
            } => (variable, address, has_user, error),
        };
        match error {
            ConnectError::Refused { status: 407 } if *has_user => format!(
                "The proxy does not accept the user name and the password in {variable}. Correct \
                 them. The provider supports Basic authentication only."
            ),
            ConnectError::Refused { status: 407 } => format!(
                "The proxy asks for a user name and a password. Set them in {variable}, as in \
                 \"http://USER:PASSWORD@HOST:PORT\". The provider supports Basic authentication \
                 only."
            ),
            ConnectError::Refused { status: 500.. } => format!(
                "The proxy cannot reach {host}.{host_hint} Ask the administrator of the \
                 proxy, or add {host} to NO_PROXY if this machine reaches it directly."
            ),
            ConnectError::Refused { .. } => format!(
                "The proxy does not allow connections to {host}.{host_hint} Ask its administrator \
                 to allow them, or add {host} to NO_PROXY if this machine reaches it directly."
            ),
            ConnectError::Tls(TlsError::NoTls) => format!(
                "The proxy does not speak TLS. Replace \"https://\" with \"http://\" in {variable} \
                 if that is intended."
            ),
            ConnectError::Tls(error) => {
                let host = address
                    .rsplit_once("//")
                    .map_or(&**address, |(_, host)| host);
                tls_advice(error, host)
            }
            _ => format!(
                "Check that this machine reaches that proxy, and that the proxy lets it connect \
                 to {host}.{host_hint} To bypass the proxy, add {host} to NO_PROXY."
            ),
        }
    }
}

/// Advises on a certificate of `host`.
fn tls_advice(error: &TlsError, host: &str) -> String {
    // Certificates have no ports.
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    match error {
        TlsError::WrongName { .. } => format!(
            "Check that {host} is right. If it is, issue a certificate for it, or find out what \
             responds in its place."
        ),
        TlsError::NoName => format!(
            "Issue a certificate with {host} as subjectAltName. A common name (CN) does not count."
        ),
        TlsError::Expired(_) => {
            "Renew the certificate. If it is valid, set the clock of this machine.".to_owned()
        }
        TlsError::NotYetValid(_) => {
            "Set the clock of this machine. If it is right, issue a certificate that is valid now."
                .to_owned()
        }
        TlsError::UnknownIssuer => format!(
            "If you know the CA that issued it, such as that of a proxy which inspects TLS, trust \
             its certificate: on Linux, set SSL_CERT_FILE to a file with it; on macOS and \
             Windows, add it to those that the system trusts. Otherwise, what responds may not be \
             {host}."
        ),
        TlsError::CaCertificate => format!(
            "\"openssl req -x509\" makes CA certificates, which a server cannot use, except with \
             \"-addext basicConstraints=CA:FALSE\". Issue a certificate for the server, with {host} \
             as subjectAltName."
        ),
        TlsError::OldVersion => format!(
            "Issue a certificate of version 3 with {host} as subjectAltName. \"openssl x509 -req\" \
             makes one if it has extensions, by -extfile."
        ),
        TlsError::InvalidCertificate => format!(
            "Issue another certificate for {host}. If it has an extended key usage, that has to \
             include serverAuth."
        ),
        TlsError::NoTls | TlsError::Handshake => String::new(),
    }
}

/// A sentence with the known regions that are closest to another one, at most three. Empty if
/// the region itself is known.
pub(super) fn did_you_mean(region: &RegionId) -> String {
    if region.is_known() {
        return String::new();
    }
    let distance = |known: &&str| strsim::osa_distance(region.as_str(), known);
    let least = KNOWN_REGIONS.iter().map(distance).min();
    let closest = KNOWN_REGIONS
        .iter()
        .filter(|known| Some(distance(known)) == least);
    let closest: Vec<&str> = closest.take(3).copied().collect();
    format!(" Did you mean {}?", closest.join(" or "))
}
