//! Credentials of the RAM role of an ECS instance, from its metadata service.

use std::time::Duration;

use async_trait::async_trait;
use http::header::{HeaderName, HeaderValue};
use secrecy::SecretString;
use tokio::time::timeout;
use url::Url;

use super::error::{CredentialsError, CredentialsErrorKind, ProviderKind};
use super::provider::{Context, ProvideCredentials};
use super::service::{Service, ServiceError};
use super::source::CredentialsSource;
use super::temporary::MAX_TOKEN_LENGTH;
use crate::access_key::Credentials;
use crate::env::{ECS_DISABLED, ECS_ENDPOINT, Environment, IMDSV1_DISABLED, Variable};
use crate::http::client::{HttpClient, Request};
use crate::http::error::HttpError;
use crate::http::protocol::Protocol;
use crate::rpc::endpoint::Endpoint;
use crate::text::sanitize;

/// Default address of the service.
const DEFAULT_ENDPOINT: &str = "http://100.100.100.200";

const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/ram/security-credentials/";

/// Validity of a token, in seconds. It is used at once.
const TOKEN_TTL: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-aliyun-ecs-metadata-token-ttl-seconds"),
    HeaderValue::from_static("60"),
);
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-aliyun-ecs-metadata-token");

/// Time limit for the token. A service that does not respond to the request for a token can
/// still respond to requests without one.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(1);

/// Time limit for all requests together.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit of a probe for all requests together.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// The RAM role of the ECS instance.
#[derive(Debug)]
pub struct EcsRamRole {
    /// Name of the role. If absent, the service names it.
    name: Option<String>,
    timeout: Duration,
}

impl EcsRamRole {
    /// Creates a provider for the role `name`, or for the role that the instance has.
    pub fn new(name: Option<String>) -> Self {
        Self {
            name,
            timeout: TIMEOUT,
        }
    }

    /// Creates a provider for the role that the instance has, if this is an ECS instance. The
    /// time limit is short, because other machines have no metadata service.
    pub fn probe() -> Self {
        Self {
            name: None,
            timeout: PROBE_TIMEOUT,
        }
    }

    async fn fetch(&self, context: &Context) -> Result<Credentials, CredentialsErrorKind> {
        let Context {
            environment, http, ..
        } = context;
        if let Some(switch) = environment.switched_on(ECS_DISABLED) {
            return Err(CredentialsErrorKind::Disabled {
                subject: "the ECS metadata service",
                by: switch.name,
            });
        }
        let endpoint = endpoint(environment)?;
        let limit = self.timeout;
        let fetched = async {
            let mut service = MetadataService {
                http,
                endpoint: &endpoint,
                token: None,
                requires_token: environment.switched_on(IMDSV1_DISABLED),
            };
            service.request_token().await?;
            let name = match &self.name {
                Some(name) => name.clone(),
                None => match context.first_ecs_role.get() {
                    Some(first) => first.clone(),
                    None => service.role_name().await?,
                },
            };
            let path = format!("{ROLES_PATH}{name}");
            let body = service.get(&path).await?;
            let source = CredentialsSource::EcsRole(name.clone());
            let credentials = service.at(&service.url(&path)).decode(&body, source)?;
            if self.name.is_none() {
                context.first_ecs_role.get_or_init(|| name);
            }
            Ok(credentials)
        };
        let timed_out = |_| CredentialsErrorKind::Timeout {
            address: endpoint.url().origin().ascii_serialization(),
            limit,
        };
        timeout(limit, fetched).await.map_err(timed_out)?
    }
}

#[async_trait]
impl ProvideCredentials for EcsRamRole {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let fetched = self.fetch(context).await;
        fetched.map_err(|kind| ProviderKind::EcsRole.error(kind))
    }
}

/// The rule of [`is_role_name`], as the end of a sentence.
pub const ROLE_NAME_RULE: &str = "must be the name of a RAM role: up to 64 letters, digits and \".\", \"-\" or \"_\", and not only dots";

/// Returns true if a RAM role can have this name, by the documentation of `CreateRole`. The
/// name becomes part of a path, in which ".." would be the parent.
pub fn is_role_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_dots = text.bytes().all(|byte| byte == b'.');
    text.len() <= 64 && text.bytes().all(is_allowed) && !is_dots
}

/// Returns the address of the service.
fn endpoint(environment: &Environment) -> Result<Endpoint, CredentialsErrorKind> {
    let variable = environment.find(&[ECS_ENDPOINT]);
    let text = variable
        .as_ref()
        .map_or(DEFAULT_ENDPOINT, |variable| variable.value);
    Endpoint::parse(text, Protocol::Http).map_err(|error| CredentialsErrorKind::InvalidVariable {
        variable: variable.map(|variable| variable.name).unwrap_or_default(),
        problem: format!("is invalid: {error}"),
    })
}

/// The metadata service during one fetch.
struct MetadataService<'a> {
    http: &'a HttpClient,
    endpoint: &'a Endpoint,
    token: Option<SecretString>,
    /// The variable that disables requests without a token.
    requires_token: Option<Variable<'a>>,
}

impl MetadataService<'_> {
    fn url(&self, path: &str) -> Url {
        let mut url = self.endpoint.url().clone();
        url.set_path(path);
        url
    }

    /// Returns the service at a URL, which has neither user name nor query.
    fn at(&self, url: &Url) -> Service<'_> {
        Service {
            http: self.http,
            address: sanitize(url.as_str()),
            shows_messages: false,
        }
    }

    /// Requests a token. Continues without one if the service responds without a token or
    /// not at all, as in Alibaba Cloud's SDKs.
    async fn request_token(&mut self) -> Result<(), CredentialsErrorKind> {
        let url = self.url(TOKEN_PATH);
        let (name, value) = TOKEN_TTL;
        let request = Request::put(url.clone()).with_header(name, value);
        let request = request.with_timeout(TOKEN_TIMEOUT);
        let problem = match self.at(&url).fetch(request).await {
            Ok(token) => match token_of(&token) {
                Some(token) => {
                    self.token = Some(token);
                    return Ok(());
                }
                None => "responded with something other than a token".to_owned(),
            },
            // Without a connection, further requests would fail as well.
            Err(ServiceError {
                kind:
                    kind @ CredentialsErrorKind::Http {
                        error: HttpError::Connect(_),
                        ..
                    },
                ..
            }) => return Err(kind),
            Err(ServiceError {
                kind: CredentialsErrorKind::Status { status, .. },
                ..
            }) => format!("issued no token (HTTP {status})"),
            Err(ServiceError {
                kind:
                    CredentialsErrorKind::Http {
                        error: HttpError::ResponseTimeout { .. },
                        ..
                    },
                ..
            }) => format!("issued no token within {} ms", TOKEN_TIMEOUT.as_millis()),
            Err(ServiceError {
                kind: CredentialsErrorKind::Http { error, .. },
                ..
            }) => format!("issued no token ({error})"),
            Err(ServiceError { kind, .. }) => format!("issued no token ({kind})"),
        };
        self.without_token(&url, problem)
    }

    /// Continues without a token, unless that is disabled.
    fn without_token(&mut self, url: &Url, problem: String) -> Result<(), CredentialsErrorKind> {
        if let Some(switch) = &self.requires_token {
            return Err(CredentialsErrorKind::MetadataToken {
                address: url.to_string(),
                problem,
                by: switch.name.clone(),
            });
        }
        tracing::debug!(%problem, "no token from the metadata service, continuing without one");
        self.token = None;
        Ok(())
    }

    /// Returns the body of a response. A rejected token is dropped.
    async fn get(&mut self, path: &str) -> Result<Vec<u8>, CredentialsErrorKind> {
        let url = self.url(path);
        loop {
            let mut request = Request::get(url.clone());
            if let Some(token) = &self.token {
                request = request
                    .with_secret_header(TOKEN_HEADER, "", token)
                    .map_err(|error| CredentialsErrorKind::Http {
                        address: url.to_string(),
                        error,
                    })?;
            }
            match self.at(&url).fetch(request).await {
                Ok(body) => return Ok(body),
                Err(ServiceError {
                    kind:
                        CredentialsErrorKind::Status {
                            status: status @ (401 | 403),
                            ..
                        },
                    ..
                }) if self.token.is_some() => {
                    let problem = format!("rejected its token (HTTP {status})");
                    self.without_token(&url, problem)?;
                }
                Err(error) => return Err(error.kind),
            }
        }
    }

    /// Requests the name of the role that the instance has.
    async fn role_name(&mut self) -> Result<String, CredentialsErrorKind> {
        let body = self.get(ROLES_PATH).await?;
        let name = std::str::from_utf8(&body).unwrap_or_default().trim();
        // A name that repeats the token would be shown.
        let has_no_secret = self.http.redactor().redact(name) == name;
        if is_role_name(name) && has_no_secret {
            return Ok(name.to_owned());
        }
        Err(CredentialsErrorKind::Response {
            address: self.url(ROLES_PATH).to_string(),
            problem: "something other than the name of a RAM role".to_owned(),
        })
    }
}

/// Returns the token in a response, if it can be in a header.
fn token_of(body: &[u8]) -> Option<SecretString> {
    let token = std::str::from_utf8(body).ok()?.trim();
    let is_token = (1..=MAX_TOKEN_LENGTH).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then(|| token.into())
}
