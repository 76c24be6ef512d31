//! Sending of forms over HTTP, with limits in time and size.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use tokio::sync::{OnceCell, SemaphorePermit};

use crate::http::body::Body;
use crate::http::client::{self, connect_error_kind, proxy_connect_error, reason};
use crate::http::in_flight::{self, SHORT_ANSWER};
use crate::http::protocol::Protocol;
use crate::http::thread;
use crate::redact::Redactor;
use crate::rpc::endpoint::Endpoint;
use crate::rpc::error::RequestError;
use crate::rpc::request::Form;
use crate::rpc::retry_after::retry_after;
use crate::text::sanitize;

/// Maximum size of a response body, in bytes.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// Time limit for a whole response, which also ends a response that never stops. Longer
/// configured timeouts extend it.
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(5);

/// Settings of the HTTP clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSettings {
    /// Time limit for connecting, TLS handshake included.
    pub connect_timeout: Duration,
    /// Time limit for silence on an open connection.
    pub read_timeout: Duration,
    /// Value of the `User-Agent` header.
    pub user_agent: String,
}

impl NetworkSettings {
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

/// A complete response with any status.
#[derive(Debug)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// Media type of the body, without parameters.
    pub content_type: Option<String>,
    /// The complete body.
    pub body: Body,
    /// Delay that the response requests, in milliseconds. May be zero or negative.
    pub retry_after: Option<i64>,
    /// Limits large bodies in memory to one at a time. Declared after `body`, so that it is
    /// dropped after it.
    pub large_response_permit: Option<SemaphorePermit<'static>>,
}

/// Sends forms over pooled connections.
#[derive(Debug)]
pub struct Transport {
    settings: NetworkSettings,
    /// Created on first use: without a call, no certificates are loaded.
    https: OnceCell<reqwest::Client>,
    http: OnceCell<reqwest::Client>,
    redactor: Redactor,
}

impl Transport {
    /// Creates a transport. HTTP clients are created on first use.
    pub fn new(settings: NetworkSettings) -> Self {
        Self {
            settings,
            https: OnceCell::new(),
            http: OnceCell::new(),
            redactor: Redactor::default(),
        }
    }

    async fn client(&self, protocol: Protocol) -> Result<&reqwest::Client, RequestError> {
        let cell = match protocol {
            Protocol::Https => &self.https,
            Protocol::Http => &self.http,
        };
        let builder = || {
            reqwest::Client::builder()
                .user_agent(&self.settings.user_agent)
                .connect_timeout(self.settings.connect_timeout)
                .read_timeout(self.settings.read_timeout)
        };
        let client = cell.get_or_try_init(|| client::new(protocol, builder()));
        Ok(client.await?)
    }

    /// Returns the time limit for one response.
    pub fn response_timeout(&self) -> Duration {
        self.settings.response_timeout()
    }

    /// Returns the redactor of the tokens and signatures that were sent.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Sends a form and reads the response. Waits while too many requests are in flight;
    /// the time limit starts after that.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no complete response within the limits, if the response
    /// is a redirect, or if no HTTP client can be created.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        form: &Form,
    ) -> Result<HttpResponse, RequestError> {
        let _permit = in_flight::call().await;
        let response = self.send_without_limit(endpoint, form);
        let limit = self.response_timeout();
        let response = tokio::time::timeout(limit, response).await;
        response.unwrap_or(Err(RequestError::ResponseTimeout { limit }))
    }

    async fn send_without_limit(
        &self,
        endpoint: &Endpoint,
        form: &Form,
    ) -> Result<HttpResponse, RequestError> {
        self.redactor.add(form.secrets());
        let request = PendingRequest {
            client: self.client(endpoint.protocol()).await?.clone(),
            settings: self.settings.clone(),
            endpoint: endpoint.clone(),
            form: form.clone(),
            redactor: self.redactor.clone(),
        };
        thread::on_the_network(request.send()).await
    }
}

/// A form with all that is needed to send it on the network thread.
struct PendingRequest {
    client: reqwest::Client,
    settings: NetworkSettings,
    endpoint: Endpoint,
    form: Form,
    redactor: Redactor,
}

impl PendingRequest {
    async fn send(self) -> Result<HttpResponse, RequestError> {
        let mut response = self
            .client
            .post(self.endpoint.url().clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form.body().to_owned())
            .send()
            .await
            .map_err(|error| self.request_error(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(self.redirect(&response));
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type =
            content_type.and_then(|value| media_type(&self.redactor.redact(value.to_str().ok()?)));

        let retry_after = retry_after(response.headers(), SystemTime::now());
        let too_large = RequestError::TooLarge { limit: MAX_BODY };
        let announced = response.content_length().unwrap_or(0);
        if announced > MAX_BODY as u64 {
            return Err(too_large);
        }
        // Memory is used for received bytes only, regardless of the announced length. The
        // permit is declared before the body, so that it is dropped after it.
        let mut large_response_permit = None;
        let mut body = Body::default();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.request_error(&error))?
        {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(too_large);
            }
            if large_response_permit.is_none() && body.len() + chunk.len() > SHORT_ANSWER {
                large_response_permit = Some(in_flight::long_answer().await);
                body.make_long(MAX_BODY);
            }
            body.extend(&chunk);
        }
        Ok(HttpResponse {
            status,
            content_type,
            body,
            retry_after,
            large_response_permit,
        })
    }

    fn redirect(&self, response: &Response) -> RequestError {
        let location = response.headers().get(LOCATION);
        let target = location
            .and_then(|value| value.to_str().ok())
            .and_then(|value| self.endpoint.url().join(value).ok());
        RequestError::Redirect {
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

    fn request_error(&self, error: &reqwest::Error) -> RequestError {
        let reason = || reason(error, &self.redactor);
        if error.is_connect()
            && let Some(proxy) = proxy_connect_error(self.endpoint.url(), error, &self.redactor)
        {
            return RequestError::Proxy(proxy);
        }
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => RequestError::ConnectTimeout {
                limit: self.settings.connect_timeout,
            },
            (true, false) => RequestError::Connect {
                kind: connect_error_kind(error),
                reason: reason(),
            },
            (false, true) => RequestError::ReadTimeout {
                limit: self.settings.read_timeout,
            },
            (false, false) => RequestError::ConnectionLost { reason: reason() },
        }
    }
}

/// Returns the media type of a `Content-Type` header, such as `text/html`, or `None` if it
/// is malformed.
fn media_type(content_type: &str) -> Option<String> {
    const MAX_LENGTH: usize = 100;
    let media_type = content_type.split(';').next()?.trim();
    let (kind, subtype) = media_type.split_once('/')?;
    let is_name = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-+._".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    (media_type.len() <= MAX_LENGTH && is_name(kind) && is_name(subtype))
        .then(|| media_type.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_timeout_covers_a_longer_read_timeout() {
        let limit = |read_timeout| {
            let settings = NetworkSettings {
                read_timeout: Duration::from_secs(read_timeout),
                ..NetworkSettings::new(String::new())
            };
            settings.response_timeout().as_secs()
        };
        assert_eq!([30, 290, 600].map(limit), [300, 300, 610]);
    }
}
