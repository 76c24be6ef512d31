//! The HTTP client of all requests: API calls, STS, and services that issue credentials.
//!
//! HTTPS requests use the proxy of the environment. Plain HTTP requests use no proxy,
//! because the proxy could read them. Redirects are not followed, because they would send
//! credentials to a host that is not configured.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;

use crate::env::Environment;
use crate::http::certificates;
use crate::http::error::{ConnectErrorKind, HttpError, is_tls_error, reason};
use crate::http::executor::{Resolver, run_on_thread, spawn_on_io_thread};
use crate::http::proxy::Proxy;
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

/// Time limit for loading the trusted certificates.
const CERTIFICATES_TIMEOUT: Duration = Duration::from_secs(10);

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
        Self {
            method,
            secrets: secrets.map(SecretString::from).collect(),
            url,
            headers: HeaderMap::new(),
            body: SecretString::default(),
            timeout: None,
            is_api_call: false,
        }
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

/// Sends requests over pooled connections.
#[derive(Debug)]
pub struct HttpClient {
    settings: ClientSettings,
    environment: Environment,
    /// Created on first use: without a request, no certificates are loaded.
    https: OnceCell<Client>,
    http: OnceCell<Client>,
    redactor: Redactor,
}

impl HttpClient {
    /// Creates a client. Connections are made on first use. The environment names proxies
    /// and certificate files.
    pub fn new(settings: ClientSettings, environment: &Environment) -> Self {
        Self {
            settings,
            environment: environment.clone(),
            https: OnceCell::new(),
            http: OnceCell::new(),
            redactor: Redactor::default(),
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
        let limit = request.timeout.unwrap_or_else(|| self.response_timeout());
        let response = timeout(limit, self.send_without_limit(request)).await;
        response.unwrap_or(Err(HttpError::ResponseTimeout { limit }))
    }

    async fn send_without_limit(&self, request: Request) -> Result<HttpResponse, HttpError> {
        self.redactor.add(&request.secrets);
        let proxy = match request.url.scheme() {
            "https" => Proxy::of_environment(&self.environment).map_err(HttpError::Proxy)?,
            _ => None,
        };
        let pending = PendingRequest {
            client: self.client(&request.url, proxy.clone()).await?.clone(),
            settings: self.settings.clone(),
            proxy,
            redactor: self.redactor.clone(),
            request,
        };
        spawn_on_io_thread(pending.send()).await
    }

    async fn client(&self, url: &Url, proxy: Option<Proxy>) -> Result<&Client, HttpError> {
        if url.scheme() == "https" {
            self.https.get_or_try_init(|| self.new_https(proxy)).await
        } else {
            // Loads no certificates: a minimal container may have none.
            let new = || async { self.builder().no_proxy().tls_certs_only([]).build() };
            let client = self.http.get_or_try_init(new);
            client.await.map_err(|error| build_error(&error))
        }
    }

    async fn new_https(&self, proxy: Option<Proxy>) -> Result<Client, HttpError> {
        let builder = match proxy {
            Some(proxy) => self.builder().proxy(reqwest::Proxy::custom(move |target| {
                proxy.proxy_for(target).cloned()
            })),
            None => self.builder().no_proxy(),
        };
        let environment = self.environment.clone();
        // On another thread, because the certificates may be on a slow network disk.
        let loading = run_on_thread(move || {
            certificates::check(&environment)
                .map_err(|reason| HttpError::NoTrustedCertificates { reason })?;
            builder.build().map_err(|error| build_error(&error))
        });
        match timeout(CERTIFICATES_TIMEOUT, loading).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => Err(HttpError::BuildRequest {
                reason: error.to_string(),
            }),
            Err(_) => Err(HttpError::NoTrustedCertificates {
                reason: format!(
                    "they could not be read within {} s",
                    CERTIFICATES_TIMEOUT.as_secs()
                ),
            }),
        }
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        Client::builder()
            .user_agent(&self.settings.user_agent)
            .connect_timeout(self.settings.connect_timeout)
            .read_timeout(self.settings.read_timeout)
            .redirect(Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(Resolver))
    }
}

/// Classifies an error of building a client, where TLS errors are only about certificates.
fn build_error(error: &reqwest::Error) -> HttpError {
    // Nothing was sent, so that there is nothing to redact.
    let reason = reason(error, &Redactor::default());
    if is_tls_error(error) {
        HttpError::NoTrustedCertificates { reason }
    } else {
        HttpError::BuildRequest { reason }
    }
}

/// A request, with everything that the I/O thread needs to send it.
struct PendingRequest {
    client: Client,
    settings: ClientSettings,
    proxy: Option<Proxy>,
    request: Request,
    redactor: Redactor,
}

impl PendingRequest {
    async fn send(self) -> Result<HttpResponse, HttpError> {
        let Request {
            method,
            url,
            headers,
            body,
            is_api_call,
            ..
        } = self.request.clone();
        let max_body = if is_api_call {
            MAX_BODY
        } else {
            MAX_SERVICE_BODY
        };
        let mut request = self.client.request(method, url).headers(headers);
        if !body.expose_secret().is_empty() {
            request = request.body(body.expose_secret().to_owned());
        }
        let response = request.send().await;
        let mut response = response.map_err(|error| self.error(&error))?;
        if response.status().is_redirection() {
            return Err(self.redirect(&response));
        }
        let too_large = HttpError::TooLarge { limit: max_body };
        if response.content_length().unwrap_or(0) > max_body as u64 {
            return Err(too_large);
        }
        // Memory is used for received bytes only, regardless of the announced length.
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.error(&error))? {
            if body.len() + chunk.len() > max_body {
                return Err(too_large);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }

    fn redirect(&self, response: &reqwest::Response) -> HttpError {
        let location = response.headers().get(LOCATION);
        let target = location
            .and_then(|value| value.to_str().ok())
            .and_then(|value| self.request.url.join(value).ok());
        HttpError::Redirect {
            status: response.status().as_u16(),
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

    fn error(&self, error: &reqwest::Error) -> HttpError {
        let reason = || reason(error, &self.redactor);
        if error.is_connect()
            && let Some(proxy) = &self.proxy
            // TLS starts after the proxy has connected.
            && !is_tls_error(error)
        {
            let reason = if error.is_timeout() {
                "it did not come about in time".to_owned()
            } else {
                reason()
            };
            if let Some(error) = proxy.connect_error(&self.request.url, reason) {
                return HttpError::Proxy(error);
            }
        }
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => HttpError::ConnectTimeout {
                limit: self.settings.connect_timeout,
            },
            (true, false) => HttpError::Connect {
                kind: ConnectErrorKind::of(error),
                reason: reason(),
            },
            (false, true) => HttpError::ReadTimeout {
                limit: self.settings.read_timeout,
            },
            (false, false) => HttpError::ConnectionLost { reason: reason() },
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
