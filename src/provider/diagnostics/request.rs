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
            "Another server may be responding. {} If the API itself responds like this, report it \
             as a bug of the provider.",
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
                "Increase the limit of threads or processes, or run Terraform with a lower \
                 -parallelism.",
            ),
            RequestError::UnexpectedEof { .. } => self.incomplete_response(""),
            RequestError::Empty { status } | RequestError::Malformed { status, .. }
                if *status >= 500 =>
            {
                Advice::new(
                    format!("No response from the {name} API"),
                    format!(
                        "A gateway or proxy may have failed. Try again later. If the error \
                         persists, another server may be responding. {}",
                        self.check_endpoint()
                    ),
                )
            }
            RequestError::Empty { .. } => {
                Advice::new(format!("Empty response from the {name} API"), unexpected)
            }
            RequestError::Malformed { .. } => Advice::new(
                format!("Malformed response from the {name} API"),
                unexpected,
            ),
        })
    }

    /// A sentence about the settings of the endpoint.
    pub(super) fn check_endpoint(&self) -> String {
        format!(
            "Check that \"endpoints\" in the provider block and {}, if set, name an endpoint of \
             {}, and that no proxy responds instead of it.",
            self.endpoint_variable, self.name
        )
    }

    fn http_advice(&self, error: &HttpError, unexpected: String) -> Advice {
        match error {
            HttpError::Connect(error) => self.connect_advice(error),
            HttpError::ReadTimeout { .. } => self.incomplete_response(
                " If the API is slow, increase \"client_read_timeout\" in the provider block.",
            ),
            HttpError::ResponseTimeout { .. } | HttpError::ConnectionLost { .. } => {
                self.incomplete_response("")
            }
            HttpError::Proxy(proxy) => {
                Advice::new("Cannot use the proxy", self.proxy_advice(proxy))
            }
            HttpError::Redirect { .. } => Advice::new(
                "Redirect instead of a response",
                format!(
                    "The provider does not follow redirects. {}",
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
                "Try again. If the error persists, check the network between this machine and \
                 {}.{hint}",
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
                    "The server at {host} does not use TLS. If that is intended, as for a local \
                     test, put \"http://\" before the endpoint."
                ),
            ),
            ConnectError::Tls(TlsError::Handshake) => Advice::new(
                format!("Cannot connect to the {name} API"),
                format!(
                    "{host} may not support TLS 1.2 or 1.3, or a proxy or firewall ends the \
                     connection. Check both."
                ),
            ),
            ConnectError::Tls(error) => Advice::new(
                "The endpoint's certificate is not trusted",
                tls_advice(error, host, "the endpoint"),
            ),
            _ => {
                let timeout_hint = match error {
                    ConnectError::Timeout(_) => {
                        " If the network is slow, increase \"client_connect_timeout\" in the \
                         provider block."
                    }
                    _ => "",
                };
                Advice::new(
                    format!("Cannot connect to the {name} API"),
                    format!(
                        "Check that this machine reaches {host}: network, DNS and, if a proxy is \
                         required, HTTPS_PROXY and NO_PROXY.{}{timeout_hint}",
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
                    "Set {variable} to HOST:PORT or to a URL that begins with \"http://\", \
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
                "The proxy requires a user name and a password. Set them in {variable}, as in \
                 \"http://USER:PASSWORD@HOST:PORT\". The provider supports Basic authentication \
                 only."
            ),
            // Web servers that do not support `CONNECT`.
            ConnectError::Refused {
                status: 400 | 404 | 405 | 501,
            } => format!(
                "The server at {address} may not be a proxy. Correct {variable}. If it is a proxy, \
                 ask its administrator to allow connections to {host}, or add {host} to NO_PROXY \
                 if this machine can reach it directly."
            ),
            ConnectError::Refused { status: 500.. } => format!(
                "The proxy cannot reach {host}.{host_hint} Ask the administrator of the proxy, or \
                 add {host} to NO_PROXY if this machine can reach it directly."
            ),
            ConnectError::Refused { .. } => format!(
                "The proxy does not allow connections to {host}.{host_hint} Ask the administrator \
                 of the proxy to allow them, or add {host} to NO_PROXY if this machine can reach it \
                 directly."
            ),
            ConnectError::Tls(TlsError::NoTls) => format!(
                "The proxy does not use TLS. If that is intended, replace \"https://\" with \
                 \"http://\" in {variable}."
            ),
            ConnectError::Tls(error) => {
                let host = address
                    .rsplit_once("//")
                    .map_or(&**address, |(_, host)| host);
                tls_advice(error, host, variable)
            }
            _ => format!(
                "Check that this machine reaches that proxy, and that the proxy lets it connect \
                 to {host}.{host_hint} To bypass the proxy, add {host} to NO_PROXY."
            ),
        }
    }
}

/// Adding a CA to the trusted ones, as the end of a sentence. `SSL_CERT_FILE` replaces those of
/// the system.
const ADD_CA: &str = "add its certificate: on Linux, set SSL_CERT_FILE to a file with it and the \
                      CA certificates of the system; on macOS and Windows, add it to the trusted \
                      certificates of the system";

/// Advises on a certificate of `host`, which `setting` names.
fn tls_advice(error: &TlsError, host: &str, setting: &str) -> String {
    // Certificates have no ports.
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    match error {
        TlsError::WrongName { .. } => format!(
            "Check the host in {setting}. If {host} is correct, issue a certificate for it, or \
             check which server responds."
        ),
        TlsError::NoName => format!(
            "Issue a certificate with {host} as subjectAltName. A common name (CN) does not count."
        ),
        TlsError::Expired(_) => {
            "Renew the certificate. If it is valid, set the clock of this machine.".to_owned()
        }
        TlsError::NotYetValid(_) => {
            "Set the clock of this machine. If the clock is correct, issue a certificate that is \
             valid now."
                .to_owned()
        }
        TlsError::UnknownIssuer => format!(
            "If you trust the CA that issued it, such as the CA of a proxy that inspects TLS, \
             {ADD_CA}. Otherwise, another server may be responding for {host}."
        ),
        TlsError::Signature => format!(
            "A trusted CA may have the name of the issuer but another key. If you trust the CA \
             that issued the certificate, {ADD_CA}. If that CA is trusted already, a key is too \
             short or a signature is outdated. Issue the certificate for {host} again: it and its \
             CA need RSA keys of at least 2048 bits or ECDSA keys, and SHA-256 or better."
        ),
        TlsError::CaCertificate => format!(
            "A server cannot use a CA certificate, which \"openssl req -x509\" creates by default. \
             Issue a certificate for the server with {host} as subjectAltName. With \"openssl req \
             -x509\", add \"-addext basicConstraints=CA:FALSE\"."
        ),
        TlsError::OldVersion => format!(
            "Issue a certificate of version 3 with {host} as subjectAltName. \"openssl x509 -req\" \
             creates one if it adds extensions with -extfile."
        ),
        TlsError::InvalidCertificate => format!(
            "Issue another certificate for {host}. Its extended key usage, if any, must include \
             serverAuth."
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
