//! Services that hand out credentials over HTTP, and what they tell when they do
//! not.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::uri::Authority;
use reqwest::StatusCode;
use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::Reason;
use super::granted::Unusable;
use crate::http::client::{connect_error_kind, proxy_connect_error, reason};
use crate::http::protocol::Protocol;
use crate::http::thread::on_the_network;
use crate::redact::Redactor;
use crate::rpc::error::RequestError;
use crate::rpc::retry::Retry;
use crate::rpc::retry_after::retry_after;
use crate::text::sanitize;

/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A service that hands out credentials.
#[derive(Debug)]
pub(crate) struct CredentialsService {
    /// As it may be shown.
    pub(crate) address: String,
    pub(crate) connect_timeout: Duration,
    /// How long it may take in all.
    pub(crate) limit: Duration,
    pub(crate) protocol: Protocol,
    /// What to say of an answer that is of no use, as the end of a sentence.
    pub(crate) unusable: &'static str,
}

impl CredentialsService {
    /// The body of the answer to one request.
    pub(crate) async fn answer(&self, request: http::Request<Bytes>) -> Result<Bytes, Trouble> {
        let requests = Requests::to(self);
        let sent = requests.send(request);
        let answer = tokio::time::timeout(self.limit, sent).await;
        match answer {
            Ok(answer) => answer,
            Err(_) => Err(Trouble {
                reason: self.slow(),
                is_final: false,
                retry: Retry::Transient(None),
            }),
        }
    }

    /// The reason where an answer is of no use.
    pub(crate) fn unusable(&self) -> Reason {
        Reason::Http {
            address: self.address.clone(),
            problem: self.unusable.to_owned(),
        }
    }

    /// The reason where what it granted is of no use.
    pub(crate) fn granted(&self, problem: Unusable) -> Reason {
        Reason::Http {
            address: self.address.clone(),
            problem: format!("answered with credentials whose {problem}"),
        }
    }

    /// The reason where it took too long.
    pub(crate) fn slow(&self) -> Reason {
        Reason::Slow {
            address: self.address.clone(),
            limit: self.limit,
        }
    }
}

/// The requests to one service.
///
/// An answer with any status but 200 is an error, which does not show the body:
/// nobody knows what is in there.
#[derive(Debug)]
pub(crate) struct Requests {
    connect_timeout: Duration,
    protocol: Protocol,
    http: OnceCell<reqwest::Client>,
}

/// Why a request gave no answer.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) reason: Reason,
    /// Nobody is there: there is no need to ask for anything else.
    pub(crate) is_final: bool,
    /// What may be done about it.
    pub(crate) retry: Retry,
}

impl Requests {
    pub(crate) fn to(service: &CredentialsService) -> Self {
        Self {
            connect_timeout: service.connect_timeout,
            protocol: service.protocol,
            http: OnceCell::new(),
        }
    }

    async fn http(&self) -> Result<&reqwest::Client, RequestError> {
        let builder = reqwest::Client::builder().connect_timeout(self.connect_timeout);
        let client = crate::http::client::new(self.protocol, builder);
        Ok(self.http.get_or_try_init(|| client).await?)
    }

    /// The body of the answer.
    pub(crate) async fn send(&self, request: http::Request<Bytes>) -> Result<Bytes, Trouble> {
        let address = shown(request.uri());
        let trouble = |problem: String, is_final, retry| Trouble {
            reason: Reason::Http {
                address: address.clone(),
                problem,
            },
            is_final,
            retry,
        };
        let target = request.uri().to_string().parse();
        let redactor = Redactor::default();
        redactor.add(&secrets(&request));
        let proxy =
            |error: &reqwest::Error| proxy_connect_error(target.as_ref().ok()?, error, &redactor);
        let failed = |error: reqwest::Error| {
            if error.is_connect()
                && let Some(proxy) = proxy(&error)
            {
                let retry = RequestError::Proxy(proxy.clone()).retry(None);
                return trouble(format!("cannot be asked: {proxy}"), true, retry);
            }
            match (error.is_connect(), error.is_timeout()) {
                (true, true) => {
                    let limit = self.connect_timeout.as_millis();
                    let problem = format!("accepted no connection within {limit} ms");
                    trouble(problem, true, Retry::Unreachable)
                }
                (true, false) => {
                    let reason = reason(&error, &redactor);
                    let problem = format!("cannot be connected to: {reason}");
                    let failure = RequestError::Connect {
                        kind: connect_error_kind(&error),
                        reason,
                    };
                    trouble(problem, true, failure.retry(None))
                }
                _ => {
                    let problem = format!("gave no answer: {}", reason(&error, &redactor));
                    trouble(problem, false, Retry::Transient(None))
                }
            }
        };
        let client = self.http().await;
        let client = client.map_err(|failure| {
            trouble(format!("cannot be asked: {failure}"), true, Retry::Never)
        })?;
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let answer = answer(client.clone(), request);
        let Answer {
            status,
            body,
            retry_after,
        } = on_the_network(answer).await.map_err(failed)?;
        match (status, body) {
            (StatusCode::OK, Some(body)) => Ok(body),
            (StatusCode::OK, None) => {
                let problem = "gave an answer of more than 1 MiB".to_owned();
                Err(trouble(problem, false, Retry::Never))
            }
            (status, _) => Err(Trouble {
                reason: Reason::Status {
                    address,
                    status: status.as_u16(),
                },
                is_final: false,
                retry: retry(status, retry_after),
            }),
        }
    }
}

/// What may be done about an answer that is no success. It may be that of a gateway
/// before the service, so that nothing but its status counts.
fn retry(status: StatusCode, retry_after: Option<i64>) -> Retry {
    match status.as_u16() {
        status @ (429 | 500..) => RequestError::Empty { status }.retry(retry_after),
        _ => Retry::Never,
    }
}

/// An answer, without its body where that is not wanted or too long.
struct Answer {
    status: StatusCode,
    body: Option<Bytes>,
    /// The milliseconds that it tells to wait before the next request.
    retry_after: Option<i64>,
}

async fn answer(client: reqwest::Client, request: reqwest::Request) -> reqwest::Result<Answer> {
    let mut answer = client.execute(request).await?;
    let status = answer.status();
    let retry_after = retry_after(answer.headers(), SystemTime::now());
    let mut body = Vec::new();
    if status == StatusCode::OK {
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Ok(Answer {
                    status,
                    body: None,
                    retry_after,
                });
            }
            body.extend_from_slice(&chunk);
        }
    }
    Ok(Answer {
        status,
        body: Some(body.into()),
        retry_after,
    })
}

/// What is secret in a request: what vouches for whoever sends it, in a header or in
/// the address.
fn secrets(request: &http::Request<Bytes>) -> Vec<SecretString> {
    let header = request.headers().get(AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok()).map(|value| {
        let (_, token) = value.split_once(' ').unwrap_or(("", value));
        token
    });
    let uri = request.uri();
    let authority = uri.authority().map(Authority::as_str);
    let user = authority.and_then(|authority| authority.rsplit_once('@'));
    let user = user.map(|(user, _)| user);
    let secrets = [header, user, uri.query()].into_iter().flatten();
    secrets.map(SecretString::from).collect()
}

/// The address without what may be secret: a user name, a password, a query.
pub(crate) fn shown(uri: &http::Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or("http");
    sanitize(&format!("{scheme}://{host}{}", uri.path()))
}
