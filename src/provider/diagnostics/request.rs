//! Advice on calls that failed, the same for all APIs.

use std::fmt::Write;

use super::{ErrorContext, access_denied, source, tls};
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::credentials::source::CredentialsSource;
use aliyun::http::error::{ConnectError, HttpError};
use aliyun::http::proxy::ProxyError;
use aliyun::http::tls::TlsError;
use aliyun::rpc::api_error::{ApiError, ErrorKind};
use aliyun::rpc::error::RequestError;
use aliyun::rpc::region::{KNOWN_REGIONS, RegionId};

/// The API that was called.
pub(super) struct Api<'a> {
    /// Name of the API, such as `SWAS`.
    pub(super) name: &'static str,
    /// Action that policies allow, such as `sts:AssumeRole`.
    pub(super) action: String,
    /// Resource of the action.
    pub(super) resource: String,
    /// Source of the credentials that signed the call, if any.
    pub(super) caller: Option<CredentialsSource>,
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
    /// Advises on an error: a diagnostic with the remedy as its detail.
    pub(super) fn advice(&self, error: &RequestError, context: &ErrorContext) -> Diagnostic {
        if let Some(region) = &self.region
            && error.is_unknown_region(self.host, region)
        {
            return self.unknown_region(region);
        }
        let unexpected = format!(
            "Another server may be responding. {} If the API itself responds like this, report it \
             as a bug of the provider.",
            self.check_endpoint()
        );
        let (summary, remedy) = match error {
            RequestError::Api(error) => return self.api_advice(error, context),
            RequestError::Http(HttpError::Connect(error)) => self.connect_advice(error),
            RequestError::Http(HttpError::Proxy(error)) => {
                ("Cannot use the proxy", self.proxy_remedy(error))
            }
            RequestError::Http(HttpError::NoTrustedCertificates { .. }) => (
                "No trusted certificates",
                "Install the CA certificates of the operating system, usually by the package \
                 ca-certificates, or set SSL_CERT_FILE to a file with CA certificates. If \
                 SSL_CERT_FILE or SSL_CERT_DIR is set, correct or unset it."
                    .to_owned(),
            ),
            RequestError::Http(HttpError::BuildRequest { .. }) => {
                ("Cannot make a request", String::new())
            }
            RequestError::NoThread { .. } => (
                "Cannot process the response",
                "Increase the limit of threads or processes, or run Terraform with a lower \
                 -parallelism."
                    .to_owned(),
            ),
            RequestError::UnexpectedEof { .. }
            | RequestError::Http(
                HttpError::ReadTimeout { .. }
                | HttpError::ResponseTimeout { .. }
                | HttpError::ConnectionLost { .. },
            ) => (
                "No complete response from the API",
                format!(
                    "Try again. If the error persists, check the network between this machine and \
                     {}.{}",
                    self.host,
                    match error {
                        RequestError::Http(HttpError::ReadTimeout { .. }) => {
                            " If the API is slow, increase \"client_read_timeout\" in the provider \
                             block."
                        }
                        _ => "",
                    }
                ),
            ),
            RequestError::Http(HttpError::Redirect { .. }) => (
                "Redirect instead of a response",
                format!(
                    "The provider does not follow redirects. {}",
                    self.check_endpoint()
                ),
            ),
            RequestError::Empty { status: 500.. }
            | RequestError::Malformed { status: 500.., .. } => (
                "No complete response from the API",
                format!(
                    "A gateway or proxy may have failed. Try again later. If the error persists, \
                     another server may be responding. {}",
                    self.check_endpoint()
                ),
            ),
            RequestError::Empty { .. }
            | RequestError::Malformed { .. }
            | RequestError::Http(HttpError::TooLarge { .. }) => {
                ("Malformed response from the API", unexpected)
            }
        };
        Diagnostic::error(summary, remedy)
    }

    fn api_advice(&self, error: &ApiError, context: &ErrorContext) -> Diagnostic {
        let caller = self.caller.as_ref();
        if let Some(advice) = caller.and_then(|caller| source::advice(error.kind(), caller)) {
            return advice;
        }
        let (summary, remedy) = match error.kind() {
            ErrorKind::WrongClock => (
                "The clock of this machine is wrong",
                "The API rejects requests whose time differs from its own by more than 15 minutes. \
                 Set this machine's clock, for example by turning on time synchronization."
                    .to_owned(),
            ),
            ErrorKind::PermissionDenied => (
                "Permission denied",
                access_denied::remedy(error, [&self.action, &self.resource], caller, context),
            ),
            ErrorKind::NonceUsed => (
                "The API has seen this request before",
                "The API accepts each request once. A proxy may have sent it twice. Try again."
                    .to_owned(),
            ),
            ErrorKind::ServerFault => (
                "The API failed",
                "The error is on the side of Alibaba Cloud. Try again later. If the error \
                 persists, open a ticket with the request ID."
                    .to_owned(),
            ),
            _ => ("The API rejected the request", error_center(error)),
        };
        Diagnostic::error(summary, remedy)
    }

    /// A sentence about the settings of the endpoint.
    pub(super) fn check_endpoint(&self) -> String {
        format!(
            "Check that \"endpoints\" in the provider block and {}, if set, name an endpoint of \
             {}, and that no proxy responds instead of it.",
            self.endpoint_variable, self.name
        )
    }

    fn unknown_region(&self, region: &RegionId) -> Diagnostic {
        let remedy = format!(
            "{region} is not a known region.{} Correct {}. If the region is new, check that {} \
             exists.",
            did_you_mean(region),
            self.region_settings,
            self.host
        );
        let path = AttributePath::attribute("region_id");
        Diagnostic::error("No such region", remedy).at(path)
    }

    fn connect_advice(&self, error: &ConnectError) -> (&'static str, String) {
        let Self {
            host, host_hint, ..
        } = self;
        let hint = match error {
            ConnectError::Tls(error) => {
                let remedy = tls::remedy(error, host, "the endpoint");
                return ("No trusted TLS connection to the API", remedy);
            }
            ConnectError::Timeout(_) => {
                " If the network is slow, increase \"client_connect_timeout\" in the provider block."
            }
            _ => "",
        };
        let remedy = format!(
            "Check that this machine reaches {host}: network, DNS and, if a proxy is required, \
             HTTPS_PROXY and NO_PROXY.{host_hint}{hint}"
        );
        ("Cannot connect to the API", remedy)
    }

    fn proxy_remedy(&self, error: &ProxyError) -> String {
        let Self {
            host, host_hint, ..
        } = self;
        let bypass = format!("add {host} to NO_PROXY if this machine can reach it directly");
        match error {
            ProxyError::Invalid(variable) => format!(
                "Set {variable} to HOST:PORT or to a URL that begins with \"http://\", \
                 \"https://\" or \"socks5://\", or unset it."
            ),
            ProxyError::Failed {
                variable,
                address,
                error,
            } => match error {
                ConnectError::Refused { status: 407 } => format!(
                    "Set {variable} to an address with a user name and a password that the proxy \
                     accepts, as in \"http://USER:PASSWORD@HOST:PORT\". The provider supports \
                     Basic authentication only."
                ),
                ConnectError::Refused { .. } => format!(
                    "The proxy does not allow connections to {host}, cannot reach it, or is not a \
                     proxy.{host_hint} Check {variable}, ask the administrator of the proxy to \
                     allow them, or {bypass}."
                ),
                ConnectError::Tls(TlsError::NoTls) => format!(
                    "If the proxy is meant to be without TLS, replace \"https://\" with \"http://\" \
                     in {variable}."
                ),
                ConnectError::Tls(error) => {
                    let host = address.rsplit_once("//");
                    let host = host.map_or(&**address, |(_, host)| host);
                    tls::remedy(error, host, variable)
                }
                _ => format!(
                    "Check that this machine reaches that proxy, and that the proxy lets it \
                     connect to {host}.{host_hint} To bypass the proxy, {bypass}."
                ),
            },
        }
    }
}

/// Points at Alibaba Cloud's explanation of a code without advice of our own.
fn error_center(api: &ApiError) -> String {
    let is_code_char = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let mut text = String::new();
    if !api.recommend.is_empty() {
        let _ = write!(text, "The API recommends: {}. ", api.recommend);
    }
    if api.code.bytes().all(is_code_char) {
        let _ = write!(
            text,
            "Look up the code in Alibaba Cloud's error center: \
             https://api.alibabacloud.com/troubleshoot?q={}. ",
            api.code
        );
    }
    text + "For support, open a ticket with the request ID, if there is one."
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
