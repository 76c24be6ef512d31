//! The HTTP client of all requests: API calls, STS, and services that issue credentials.
//!
//! HTTPS requests use the proxy of the environment. Plain HTTP requests use no proxy,
//! because the proxy could read them. Redirects are not followed, because they would send
//! credentials to a host that is not configured.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT,
};
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::env::Environment;
use crate::http::connector::Connector;
use crate::http::error::{HttpError, causes, reason};
use crate::http::executor::spawn_on_io_thread;
use crate::redact::Redactor;
use crate::text::sanitize;

/// Maximum size of the response to an API call, in bytes. A list of a few hundred entries
/// takes 20 KiB.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Maximum size of the response of a service that issues credentials, in bytes.
const MAX_SERVICE_BODY: usize = 1024 * 1024;

/// Time limit for a whole response, which also ends a response that never stops. Longer
/// configured timeouts extend it.
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(5);

/// Limits the API calls in flight in this process, so that hundreds of concurrent calls
/// exhaust neither file descriptors nor memory.
static IN_FLIGHT: Semaphore = Semaphore::const_new(16);

/// Settings of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// Time limit for connecting, TLS handshake included.
    pub connect_timeout: Duration,
    /// Time limit for silence on an open connection.
    pub read_timeout: Duration,
    /// Value of the `User-Agent` header.
    pub user_agent: String,
}

impl ClientSettings {
    /// Default of [`Self::connect_timeout`].
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// Default of [`Self::read_timeout`].
    pub const READ_TIMEOUT: Duration = Duration::from_secs(30);

    /// Creates settings with the default timeouts.
    pub fn new(user_agent: String) -> Self {
        Self {
            connect_timeout: Self::CONNECT_TIMEOUT,
            read_timeout: Self::READ_TIMEOUT,
            user_agent,
        }
    }

    /// Returns the time limit for connecting, sending and the whole response.
    pub fn response_timeout(&self) -> Duration {
        RESPONSE_TIMEOUT.max(self.connect_timeout + self.read_timeout)
    }
}

/// Media type of URL-encoded forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A request. It is not `Debug`, because URL and body can contain secrets.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: SecretString,
    /// Values to redact in responses that repeat them.
    secrets: Vec<SecretString>,
    /// Time limit for the response, if it is not that of the client.
    timeout: Option<Duration>,
    /// True for the call of an API, and false for a request to another service.
    is_api_call: bool,
}

impl Request {
    fn new(method: Method, url: Url) -> Self {
        let userinfo = [url.username(), url.password().unwrap_or_default()];
        let secrets = userinfo.into_iter().chain(url.query());
        let secrets = secrets.filter(|text| !text.is_empty());
        let authorization = (userinfo != ["", ""]).then(|| basic(userinfo));
        let mut request = Self {
            method,
            secrets: secrets.map(SecretString::from).collect(),
            headers: HeaderMap::new(),
            body: SecretString::default(),
            timeout: None,
            is_api_call: false,
            url,
        };
        if let Some(authorization) = authorization {
            request.headers.insert(AUTHORIZATION, authorization);
        }
        request
    }

    /// Creates a GET request. User name, password and query of the URL are redacted.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Creates a PUT request without a body.
    pub fn put(url: Url) -> Self {
        Self::new(Method::PUT, url)
    }

    /// Creates a POST request with a JSON body.
    pub fn post_json(url: Url, body: String) -> Self {
        let mut request = Self::new(Method::POST, url);
        request.body = body.into();
        request.with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Creates the POST request of an API call with a URL-encoded form. `secrets` are the
    /// values in the form to redact.
    pub fn post_form(url: Url, form: String, secrets: &[SecretString]) -> Self {
        let mut request = Self::new(Method::POST, url);
        request.body = form.into();
        request.secrets.extend_from_slice(secrets);
        request.is_api_call = true;
        request.with_header(CONTENT_TYPE, HeaderValue::from_static(FORM))
    }

    /// Returns the URL, which can contain secrets.
    pub fn url(&self) -> &Url {
        &self.url
    }

    #[cfg(test)]
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    #[cfg(test)]
    pub(crate) fn body(&self) -> &str {
        self.body.expose_secret()
    }

    #[cfg(test)]
    pub(crate) fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// Sets the time limit for connecting, sending and the whole response.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Adds a header without secrets.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header with text without secrets.
    ///
    /// # Errors
    ///
    /// Returns [`HttpError::BuildRequest`] if the text cannot be in a header.
    pub fn with_text_header(self, name: HeaderName, text: &str) -> Result<Self, HttpError> {
        let value = header_value(&name, text)?;
        Ok(self.with_header(name, value))
    }

    /// Adds a header with a secret. `prefix` precedes the secret.
    ///
    /// # Errors
    ///
    /// Returns [`HttpError::BuildRequest`] if the secret cannot be in a header.
    pub fn with_secret_header(
        mut self,
        name: HeaderName,
        prefix: &str,
        secret: &SecretString,
    ) -> Result<Self, HttpError> {
        let mut value = header_value(&name, &format!("{prefix}{}", secret.expose_secret()))?;
        value.set_sensitive(true);
        self.secrets.push(secret.clone());
        Ok(self.with_header(name, value))
    }

    /// Adds a bearer token.
    ///
    /// # Errors
    ///
    /// As [`Self::with_secret_header`].
    pub fn with_bearer(self, token: &SecretString) -> Result<Self, HttpError> {
        self.with_secret_header(AUTHORIZATION, "Bearer ", token)
    }
}

fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::try_from(text).map_err(|_| HttpError::BuildRequest {
        reason: format!("the value of the header \"{name}\" has invalid characters"),
    })
}

/// Returns the value of a header with a user name and a password as in a URL.
fn basic(userinfo: [&str; 2]) -> HeaderValue {
    let [user, password] = userinfo.map(|text| percent_decode_str(text).decode_utf8_lossy());
    let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    // Base64 has only characters that a header allows.
    let mut value = HeaderValue::try_from(basic).expect("base64 in a header");
    value.set_sensitive(true);
    value
}

/// A complete response with any status, except redirects.
#[derive(Debug)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The complete body.
    pub body: Vec<u8>,
}

type Connections = legacy::Client<Connector, Full<Bytes>>;

/// Sends requests over pooled connections. Clones share them.
#[derive(Clone, Debug)]
pub struct HttpClient {
    settings: ClientSettings,
    connections: Connections,
    redactor: Redactor,
}

impl HttpClient {
    /// Creates a client. Connections are made on first use. The environment names proxies
    /// and certificate files.
    pub fn new(settings: ClientSettings, environment: &Environment) -> Self {
        let redactor = Redactor::default();
        let connector = Connector::new(settings.connect_timeout, environment, &redactor);
        let connections = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self {
            settings,
            connections,
            redactor,
        }
    }

    /// Returns the time limit for one response.
    pub fn response_timeout(&self) -> Duration {
        self.settings.response_timeout()
    }

    /// Returns the redactor of the secrets that were sent.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Sends a request and reads the response. An API call waits while too many are in
    /// flight, and its time limit starts after that. Requests to other services do not wait:
    /// their callers' time limits would end, and a cache sends one at a time.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no complete response within the limits, if the response
    /// is a redirect, or if the proxy or the trusted certificates are unusable.
    pub async fn send(&self, request: Request) -> Result<HttpResponse, HttpError> {
        let _permit = if request.is_api_call {
            // The semaphore is never closed.
            IN_FLIGHT.acquire().await.ok()
        } else {
            None
        };
        self.redactor.add(&request.secrets);
        let limit = request.timeout.unwrap_or_else(|| self.response_timeout());
        // Boxed, because the futures of all callers contain it.
        let response = spawn_on_io_thread(Box::pin(self.clone().exchange(request)));
        let response = timeout(limit, response).await;
        response.unwrap_or(Err(HttpError::ResponseTimeout { limit }))
    }

    async fn exchange(self, request: Request) -> Result<HttpResponse, HttpError> {
        let max_body = if request.is_api_call {
            MAX_BODY
        } else {
            MAX_SERVICE_BODY
        };
        let url = request.url.clone();
        let response = self.response(self.message(request)?).await?;
        let (head, mut body) = response.into_parts();
        if head.status.is_redirection() {
            return Err(self.redirect(&url, head.status, &head.headers));
        }
        let too_large = HttpError::TooLarge { limit: max_body };
        if body.size_hint().lower() > max_body as u64 {
            return Err(too_large);
        }
        // Memory is used for received bytes only, regardless of the announced length.
        let mut bytes = Vec::new();
        loop {
            let frame = timeout(self.settings.read_timeout, body.frame()).await;
            let Some(frame) = frame.map_err(|_| self.read_timeout())? else {
                break;
            };
            let frame = frame.map_err(|error| self.error(&error))?;
            let chunk = frame.into_data().unwrap_or_default();
            if bytes.len() + chunk.len() > max_body {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            status: head.status,
            headers: head.headers,
            body: bytes,
        })
    }

    fn message(&self, request: Request) -> Result<http::Request<Full<Bytes>>, HttpError> {
        let error = |error: http::Error| HttpError::BuildRequest {
            reason: error.to_string(),
        };
        let body = request.body.expose_secret().to_owned();
        let message = http::Request::builder()
            .method(request.method)
            .uri(request.url.as_str())
            .header(ACCEPT, "*/*")
            .header(USER_AGENT, &self.settings.user_agent);
        let mut message = message.body(body.into()).map_err(error)?;
        message.headers_mut().extend(request.headers);
        Ok(message)
    }

    /// Sends a message and waits for the head of the response. The time limit for silence
    /// starts when there is a connection.
    async fn response(
        &self,
        mut message: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Incoming>, HttpError> {
        let mut connection = capture_connection(&mut message);
        let silence = async {
            connection.wait_for_connection_metadata().await;
            sleep(self.settings.read_timeout).await;
        };
        tokio::select! {
            response = self.connections.request(message) => {
                response.map_err(|error| self.error(&error))
            }
            () = silence => Err(self.read_timeout()),
        }
    }

    fn read_timeout(&self) -> HttpError {
        HttpError::ReadTimeout {
            limit: self.settings.read_timeout,
        }
    }

    fn redirect(&self, url: &Url, status: StatusCode, headers: &HeaderMap) -> HttpError {
        let location = headers.get(LOCATION);
        let target = location
            .and_then(|value| value.to_str().ok())
            .and_then(|value| url.join(value).ok());
        HttpError::Redirect {
            status: status.as_u16(),
            // Only the origin: path and query could repeat the request.
            to: match target.map(|url| url.origin()) {
                Some(origin) if origin.is_tuple() => {
                    let address = origin.ascii_serialization();
                    Some(sanitize(&self.redactor.redact(&address)))
                }
                _ => None,
            },
        }
    }

    fn error(&self, error: &(dyn std::error::Error + 'static)) -> HttpError {
        match causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()) {
            // An error of the connector.
            Some(error) => error.clone(),
            None => HttpError::ConnectionLost {
                reason: reason(error, &self.redactor),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_timeout_covers_a_longer_read_timeout() {
        let limit = |read_timeout| {
            let settings = ClientSettings {
                read_timeout: Duration::from_secs(read_timeout),
                ..ClientSettings::new(String::new())
            };
            settings.response_timeout().as_secs()
        };
        assert_eq!([30, 290, 600].map(limit), [300, 300, 610]);
    }

    #[test]
    fn secrets_of_url_and_headers_are_redacted() {
        let url = "https://user:goldfish@a.example/?goldfish".parse().unwrap();
        let request = Request::post_json(url, "goldfish".to_owned());
        let request = request.with_bearer(&"goldfish".into()).unwrap();
        let shown = format!("{:?}", request.headers);
        assert!(!shown.contains("goldfish"), "{shown}");
        // User name, password, query and token.
        assert_eq!(request.secrets.len(), 4);
    }
}
