//! The HTTP client of all requests: API calls, STS, and services that issue credentials.
//!
//! HTTPS requests use the proxy of the environment. Plain HTTP requests use no proxy,
//! because the proxy could read them. Redirects are not followed, because they would send
//! credentials to a host that is not configured.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;
use url::Url;

use crate::env::Environment;
use crate::http::error::{ConnectError, HttpError, causes, has_io_error, reason};
use crate::http::executor::{Resolver, spawn_on_io_thread};
use crate::http::proxy::Proxy;
use crate::http::request::Request;
use crate::http::tls::{self, server_name};
use crate::redact::Redactor;
use crate::text::sanitize;

/// Maximum size of the response to an API call, in bytes. A list of a few hundred entries
/// takes 20 KiB.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

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
    /// Returns the time limit for connecting, sending and the whole response.
    pub fn response_timeout(&self) -> Duration {
        RESPONSE_TIMEOUT.max(self.connect_timeout + self.read_timeout)
    }
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

/// Sends requests over pooled connections. Clones share them.
#[derive(Clone, Debug)]
pub struct HttpClient {
    settings: ClientSettings,
    environment: Environment,
    connections: Arc<Connections>,
    redactor: Redactor,
}

/// Connections by scheme. Created on first use: without HTTPS, no certificates are needed.
#[derive(Debug, Default)]
struct Connections {
    http: OnceCell<Pool>,
    https: OnceCell<Pool>,
}

/// Pooled connections, with the settings that they are made with.
#[derive(Debug)]
struct Pool {
    client: reqwest::Client,
    proxy: Option<Proxy>,
    tls: Arc<ClientConfig>,
}

impl HttpClient {
    /// Creates a client. Connections are made on first use. The environment names proxies
    /// and certificate files.
    pub fn new(settings: ClientSettings, environment: &Environment) -> Self {
        Self {
            settings,
            environment: environment.clone(),
            connections: Arc::default(),
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
        let pool = self.pool(&url).await?;
        let message = pool.client.request(request.method, request.url);
        let message = message.headers(request.headers);
        let message = message.body(request.body.expose_secret().to_owned());
        let mut response = match message.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Err(self.connect_error(&error, pool, &url).await);
            }
            Err(error) => return Err(self.error(&error)),
        };
        let status = response.status();
        if status.is_redirection() {
            return Err(self.redirect(&url, status, response.headers()));
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
            status,
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }

    async fn pool(&self, url: &Url) -> Result<&Pool, HttpError> {
        if url.scheme() != "https" {
            let new = || async { self.new_pool(tls::config(Some(RootCertStore::empty())), None) };
            return self.connections.http.get_or_try_init(new).await;
        }
        server_name(url).map_err(HttpError::Connect)?;
        let new = || async {
            let proxy = Proxy::of_environment(&self.environment).map_err(HttpError::Proxy)?;
            self.new_pool(tls::load(&self.environment).await, proxy)
        };
        self.connections.https.get_or_try_init(new).await
    }

    fn new_pool(
        &self,
        tls: Result<ClientConfig, String>,
        proxy: Option<Proxy>,
    ) -> Result<Pool, HttpError> {
        let tls = tls.map_err(|reason| HttpError::NoTrustedCertificates { reason })?;
        let url_of_proxy = proxy.clone();
        let url_of_proxy = move |target: &Url| url_of_proxy.as_ref()?.url_for(target).cloned();
        let client = reqwest::Client::builder()
            .user_agent(&self.settings.user_agent)
            .connect_timeout(self.settings.connect_timeout)
            .read_timeout(self.settings.read_timeout)
            .redirect(Policy::none())
            .referer(false)
            .dns_resolver(Resolver)
            .proxy(reqwest::Proxy::custom(url_of_proxy))
            .tls_backend_preconfigured(tls.clone())
            .build()
            .map_err(|error| self.error(&error))?;
        Ok(Pool {
            client,
            proxy,
            tls: Arc::new(tls),
        })
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

    /// Returns the error of a connection to a target or to its proxy.
    async fn connect_error(&self, error: &reqwest::Error, pool: &Pool, url: &Url) -> HttpError {
        let limit = self.settings.connect_timeout;
        let reason = || reason(error, &self.redactor);
        let is_of_system = causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| error.raw_os_error().is_some());
        let known = if error.is_timeout() && !is_of_system {
            Some(ConnectError::Timeout(limit))
        } else {
            ConnectError::of(error, &self.redactor)
        };
        // reqwest wraps errors of the proxy, and not those of TLS with the target.
        let wrapped = causes(error).nth(2);
        let is_of_target = wrapped.is_some_and(<dyn Error>::is::<io::Error>);
        let proxy = pool.proxy.as_ref();
        let proxy = proxy.filter(|proxy| proxy.url_for(url).is_some() && !is_of_target);
        let Some(proxy) = proxy else {
            let other = || ConnectError::Other { reason: reason() };
            return HttpError::Connect(known.unwrap_or_else(other));
        };
        if let Some(known) = known {
            return HttpError::Proxy(proxy.failed(known));
        }
        let cause = match timeout(limit, proxy.probe(url, Arc::clone(&pool.tls))).await {
            Ok(Ok(Some(status))) => Some(ConnectError::Refused { status }),
            Ok(Err(error)) => ConnectError::of(&error, &self.redactor),
            _ => None,
        };
        HttpError::Proxy(proxy.failed(cause.unwrap_or_else(|| ConnectError::Other {
            reason: format!("it opened no tunnel ({})", reason()),
        })))
    }

    fn error(&self, error: &reqwest::Error) -> HttpError {
        let reason = reason(error, &self.redactor);
        if error.is_builder() {
            HttpError::BuildRequest { reason }
        } else if error.is_timeout() && !has_io_error(error) {
            let limit = self.settings.read_timeout;
            HttpError::ReadTimeout { limit }
        } else {
            HttpError::ConnectionLost { reason }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A file with a certificate, because the system may have none.
    const CERTIFICATE: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/certificate-version-1.pem"
    );

    /// Settings with a read timeout in seconds.
    fn settings(read_timeout: u64) -> ClientSettings {
        ClientSettings {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(read_timeout),
            user_agent: String::new(),
        }
    }

    #[test]
    fn response_timeout_covers_a_longer_read_timeout() {
        let limit = |read_timeout| settings(read_timeout).response_timeout().as_secs();
        assert_eq!([30, 290, 600].map(limit), [300, 300, 610]);
    }

    #[tokio::test]
    async fn proxy_user_with_backslash_and_percent_is_sent_to_proxy() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = listener.local_addr().unwrap();
        let proxy = format!(r"http://DOMAIN\user:a%3Ab%2541@{proxy}");
        let variables = [("HTTPS_PROXY", &*proxy), ("SSL_CERT_FILE", CERTIFICATE)];
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        let environment = Environment::new(variables, None);
        let client = HttpClient::new(settings(30), &environment);
        let url = "https://name:goldfish@ecs.example/goldfish";
        let response = client.send(Request::get(url.parse().unwrap()));
        // reqwest sends the first request, and the probe for the status the second one.
        let requests = async {
            let mut requests = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 1024];
                let length = stream.read(&mut head).await.unwrap();
                requests.push(String::from_utf8_lossy(&head[..length]).to_lowercase());
                stream.write_all(b"HTTP/1.1 403 No\r\n\r\n").await.unwrap();
            }
            requests
        };
        let (response, requests) = tokio::join!(response, requests);
        assert!(response.unwrap_err().to_string().contains("HTTP 403"));
        let basic = STANDARD.encode(r"DOMAIN\user:a:b%41").to_lowercase();
        let of_target = STANDARD.encode("name:goldfish").to_lowercase();
        for request in requests {
            assert!(
                !request.contains(&of_target) && !request.contains("goldfish"),
                "{request}"
            );
            let expected = format!("proxy-authorization: basic {basic}\r\n");
            assert!(request.contains(&expected), "{request}");
        }
    }
}
