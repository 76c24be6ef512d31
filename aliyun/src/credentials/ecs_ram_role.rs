//! Credentials of the RAM role of an ECS instance, from its metadata service.

use std::time::Duration;

use async_trait::async_trait;
use http::header::{HeaderName, HeaderValue};
use secrecy::SecretString;
use tokio::time::timeout;
use url::Url;

use super::error::{CredentialsError, ServiceKind};
use super::provider::{Context, ProvideCredentials};
use super::service::{FetchError, Service};
use super::source::CredentialsSource;
use super::temporary::{MAX_TOKEN_LENGTH, TemporaryCredentials};
use crate::access_key::Credentials;
use crate::env::{ECS_DISABLED, ECS_ENDPOINT, Environment, IMDSV1_DISABLED, Variable};
use crate::http::client::HttpClient;
use crate::http::error::HttpError;
use crate::http::protocol::Protocol;
use crate::http::request::Request;
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
    pub name: Option<String>,
    /// True if nothing configures the role. The time limit is short then, because machines
    /// other than ECS instances have no metadata service.
    pub is_probe: bool,
}

#[async_trait]
impl ProvideCredentials for EcsRamRole {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let environment = &context.environment;
        if let Some(switch) = environment.switched_on(ECS_DISABLED) {
            return Err(CredentialsError::Disabled {
                what: "the ECS metadata service",
                by: switch.name,
            });
        }
        let mut service = MetadataService {
            http: &context.http,
            endpoint: endpoint(environment)?,
            token: None,
            requires_token: environment.switched_on(IMDSV1_DISABLED),
        };
        let origin = service.at("/").address;
        let fetched = async {
            service.request_token().await?;
            let name = match (&self.name, context.first_ecs_role.get()) {
                (Some(name), _) | (None, Some(name)) => name.clone(),
                (None, None) => service.role_name().await?,
            };
            let path = format!("{ROLES_PATH}{name}");
            let body = service.get(&path).await?;
            let source = CredentialsSource::EcsRole(name.clone());
            let at = service.at(&path);
            let credentials = at.decode::<TemporaryCredentials>(&body, source)?;
            if self.name.is_none() {
                context.first_ecs_role.get_or_init(|| name);
            }
            Ok(credentials)
        };
        let limit = if self.is_probe {
            PROBE_TIMEOUT
        } else {
            TIMEOUT
        };
        if let Ok(result) = timeout(limit, fetched).await {
            return result;
        }
        let limit = limit.as_millis();
        let origin = origin.trim_end_matches('/');
        let problem = format!("{origin} returned no credentials within {limit} ms");
        Err(service.at("/").error(None, problem))
    }
}

/// The rule of [`is_role_name`], as the end of a sentence.
pub const ROLE_NAME_RULE: &str = "must be the name of a RAM role: up to 64 letters, digits and \
                                  \".\", \"-\" or \"_\", and not only dots";

/// Returns true if a RAM role can have this name, by the documentation of `CreateRole`. The
/// name becomes part of a path, in which ".." would be the parent.
pub fn is_role_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_dots = text.bytes().all(|byte| byte == b'.');
    text.len() <= 64 && text.bytes().all(is_allowed) && !is_dots
}

/// Returns the address of the service.
fn endpoint(environment: &Environment) -> Result<Endpoint, CredentialsError> {
    let variable = environment.find(&[ECS_ENDPOINT]);
    let variable = variable.unwrap_or(Variable {
        name: ECS_ENDPOINT.to_owned(),
        current: ECS_ENDPOINT,
        value: DEFAULT_ENDPOINT,
    });
    Endpoint::parse(variable.value, Protocol::Http)
        .map_err(|error| CredentialsError::variable(&variable, format!("is invalid: {error}")))
}

/// The metadata service during one fetch.
struct MetadataService<'a> {
    http: &'a HttpClient,
    endpoint: Endpoint,
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

    /// Returns the service at a path. Its address has neither user name nor query.
    fn at(&self, path: &str) -> Service<'_> {
        Service {
            http: self.http,
            kind: ServiceKind::Metadata,
            address: sanitize(self.url(path).as_str()),
        }
    }

    /// Requests a token. Continues without one if the service responds without a token or
    /// not at all, as in Alibaba Cloud's SDKs.
    async fn request_token(&mut self) -> Result<(), CredentialsError> {
        let (name, value) = TOKEN_TTL;
        let request = Request::put(self.url(TOKEN_PATH)).with_header(name, value);
        let request = request.with_timeout(TOKEN_TIMEOUT);
        let service = self.at(TOKEN_PATH);
        let problem = match service.fetch(request).await {
            Ok(token) => match token_of(&token) {
                Some(token) => {
                    self.token = Some(token);
                    return Ok(());
                }
                None => "responded with something other than a token".to_owned(),
            },
            // Without a connection, further requests would fail as well.
            Err(error @ FetchError::Http(HttpError::Connect(_))) => {
                return Err(service.failed(error));
            }
            Err(FetchError::Http(HttpError::ResponseTimeout { .. })) => {
                format!("issued no token within {} ms", TOKEN_TIMEOUT.as_millis())
            }
            Err(error) => format!("issued no token ({error})"),
        };
        self.without_token(TOKEN_PATH, &problem)
    }

    /// Continues without a token, unless that is disabled.
    fn without_token(&mut self, path: &str, problem: &str) -> Result<(), CredentialsError> {
        if let Some(switch) = &self.requires_token {
            return Err(CredentialsError::MetadataToken {
                problem: format!("{} {problem}", self.at(path).address),
                by: switch.name.clone(),
            });
        }
        tracing::debug!(%problem, "no token from the metadata service, continuing without one");
        self.token = None;
        Ok(())
    }

    /// Returns the body of a response. A rejected token is dropped.
    async fn get(&mut self, path: &str) -> Result<Vec<u8>, CredentialsError> {
        loop {
            let service = self.at(path);
            let mut request = Request::get(self.url(path));
            if let Some(token) = &self.token {
                request = request
                    .with_secret_header(TOKEN_HEADER, "", token)
                    .map_err(|error| service.failed(error.into()))?;
            }
            match service.fetch(request).await {
                Ok(body) => return Ok(body),
                Err(
                    error @ FetchError::Status {
                        status: 401 | 403, ..
                    },
                ) if self.token.is_some() => {
                    self.without_token(path, &format!("rejected its token ({error})"))?;
                }
                Err(error) => return Err(service.failed(error)),
            }
        }
    }

    /// Requests the name of the role that the instance has.
    async fn role_name(&mut self) -> Result<String, CredentialsError> {
        let body = self.get(ROLES_PATH).await?;
        let name = std::str::from_utf8(&body).unwrap_or_default().trim();
        // A name that repeats the token would be shown.
        let has_no_secret = self.http.redactor().redact(name) == name;
        if is_role_name(name) && has_no_secret {
            return Ok(name.to_owned());
        }
        let problem = "something other than the name of a RAM role";
        Err(self.at(ROLES_PATH).invalid(problem))
    }
}

/// Returns the token in a response, if it can be in a header.
fn token_of(body: &[u8]) -> Option<SecretString> {
    let token = std::str::from_utf8(body).ok()?.trim();
    let is_token = (1..=MAX_TOKEN_LENGTH).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then(|| token.into())
}
