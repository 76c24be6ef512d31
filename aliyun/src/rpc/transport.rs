//! How a form is sent, and what counts as an answer.

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

/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// How long one answer may take in all, even if it never stops coming, unless
/// an endpoint may be silent for longer.
const ANSWER_LIMIT: Duration = Duration::from_mins(5);

/// How the network is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSettings {
    /// How long connecting may take, TLS included.
    pub connect_timeout: Duration,
    /// How long an open connection may stay silent.
    pub read_timeout: Duration,
    /// How this program presents itself.
    pub user_agent: String,
}

impl NetworkSettings {
    /// Connecting takes at most this long, unless it is set.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// An open connection is silent for at most this long, unless it is set.
    pub const READ_TIMEOUT: Duration = Duration::from_secs(30);

    /// The default time limits.
    pub fn new(user_agent: String) -> Self {
        Self {
            connect_timeout: Self::CONNECT_TIMEOUT,
            read_timeout: Self::READ_TIMEOUT,
            user_agent,
        }
    }

    /// How long one answer may take in all, from before it is connected.
    pub fn answer_limit(&self) -> Duration {
        ANSWER_LIMIT.max(self.connect_timeout + self.read_timeout)
    }
}

/// A complete answer, whatever it says.
#[derive(Debug)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// The media type that the body is said to have, without parameters.
    pub content_type: Option<String>,
    /// The complete body.
    pub body: Body,
    /// The milliseconds that it tells to wait before the next call.
    pub retry_after: Option<i64>,
    /// Keeps other long answers from coming while this one, if it is long, is in
    /// memory.
    pub alone: Option<SemaphorePermit<'static>>,
}

/// Sends forms over connections that are kept and used again.
#[derive(Debug)]
pub struct Transport {
    settings: NetworkSettings,
    /// Made when the first form is sent: a plan of which nothing is read needs
    /// no certificates loaded.
    https: OnceCell<reqwest::Client>,
    http: OnceCell<reqwest::Client>,
    redactor: Redactor,
}

impl Transport {
    /// Nothing is prepared before the first form is sent.
    pub fn new(settings: NetworkSettings) -> Self {
        Self {
            settings,
            https: OnceCell::new(),
            http: OnceCell::new(),
            redactor: Redactor::default(),
        }
    }

    async fn http(&self, protocol: Protocol) -> Result<&reqwest::Client, RequestError> {
        let kept = match protocol {
            Protocol::Https => &self.https,
            Protocol::Http => &self.http,
        };
        let builder = || {
            reqwest::Client::builder()
                .user_agent(&self.settings.user_agent)
                .connect_timeout(self.settings.connect_timeout)
                .read_timeout(self.settings.read_timeout)
        };
        let client = kept.get_or_try_init(|| client::new(protocol, builder()));
        Ok(client.await?)
    }

    /// How long one answer may take in all.
    pub fn answer_limit(&self) -> Duration {
        self.settings.answer_limit()
    }

    /// Takes out of an answer the tokens and the signatures that were sent.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Sends a form and reads the answer, for as long as one may take once it is
    /// its turn.
    ///
    /// # Errors
    ///
    /// When there is no complete answer of acceptable length, when the answer is
    /// a redirect, and [`RequestError::BuildRequest`] when the user agent is no header's
    /// value or the trusted certificates cannot be loaded.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        form: &Form,
    ) -> Result<HttpResponse, RequestError> {
        let _turn = in_flight::call().await;
        let answer = self.send_and_wait(endpoint, form);
        let limit = self.answer_limit();
        let answer = tokio::time::timeout(limit, answer).await;
        answer.unwrap_or(Err(RequestError::AnswerTimeout { limit }))
    }

    async fn send_and_wait(
        &self,
        endpoint: &Endpoint,
        form: &Form,
    ) -> Result<HttpResponse, RequestError> {
        self.redactor.add(form.secrets());
        let sending = PendingRequest {
            client: self.http(endpoint.protocol()).await?.clone(),
            settings: self.settings.clone(),
            endpoint: endpoint.clone(),
            form: form.clone(),
            redactor: self.redactor.clone(),
        };
        thread::on_the_network(sending.answer()).await
    }
}

/// A form on its way.
struct PendingRequest {
    client: reqwest::Client,
    settings: NetworkSettings,
    endpoint: Endpoint,
    form: Form,
    redactor: Redactor,
}

impl PendingRequest {
    async fn answer(self) -> Result<HttpResponse, RequestError> {
        let mut response = self
            .client
            .post(self.endpoint.url().clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form.body().to_owned())
            .send()
            .await
            .map_err(|error| self.failure(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(self.redirect(&response));
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type =
            content_type.and_then(|value| media_type(&self.redactor.redact(value.to_str().ok()?)));

        let retry_after = retry_after(response.headers(), SystemTime::now());
        let too_large = RequestError::TooLarge {
            limit: LARGEST_ANSWER,
        };
        let announced = response.content_length().unwrap_or(0);
        if announced > LARGEST_ANSWER as u64 {
            return Err(too_large);
        }
        // Memory is filled with what has come, whatever is announced. What keeps other
        // long answers from coming is dropped after the bytes of this one.
        let mut alone = None;
        let mut body = Body::default();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.failure(&error))?
        {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(too_large);
            }
            if alone.is_none() && body.len() + chunk.len() > SHORT_ANSWER {
                alone = Some(in_flight::long_answer().await);
                body.make_long(LARGEST_ANSWER);
            }
            body.extend(&chunk);
        }
        Ok(HttpResponse {
            status,
            content_type,
            body,
            retry_after,
            alone,
        })
    }

    fn redirect(&self, response: &Response) -> RequestError {
        let location = response.headers().get(LOCATION);
        let target = location
            .and_then(|value| value.to_str().ok())
            .and_then(|value| self.endpoint.url().join(value).ok());
        RequestError::Redirect {
            status: response.status().as_u16(),
            // A path or query may repeat what was sent.
            to: match target.map(|url| url.origin()) {
                Some(origin) if origin.is_tuple() => {
                    let address = origin.ascii_serialization();
                    Some(sanitize(&self.redactor.redact(&address)))
                }
                _ => None,
            },
        }
    }

    fn failure(&self, error: &reqwest::Error) -> RequestError {
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
                problem: connect_error_kind(error),
                reason: reason(),
            },
            (false, true) => RequestError::ReadTimeout {
                limit: self.settings.read_timeout,
            },
            (false, false) => RequestError::ConnectionLost { reason: reason() },
        }
    }
}

/// The media type in a `Content-Type`, such as `text/html`. Anything else that a
/// server may put there is nothing to show.
fn media_type(content_type: &str) -> Option<String> {
    const LONGEST: usize = 100;
    let media_type = content_type.split(';').next()?.trim();
    let (kind, subtype) = media_type.split_once('/')?;
    let name = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-+._".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    (media_type.len() <= LONGEST && name(kind) && name(subtype)).then(|| media_type.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_may_be_silent_for_as_long_as_it_is_set() {
        let limit = |read_timeout| {
            let settings = NetworkSettings {
                read_timeout: Duration::from_secs(read_timeout),
                ..NetworkSettings::new(String::new())
            };
            settings.answer_limit().as_secs()
        };
        assert_eq!([30, 290, 600].map(limit), [300, 300, 610]);
    }
}
