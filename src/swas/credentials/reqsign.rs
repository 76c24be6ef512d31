//! reqsign's providers, asked over HTTP that tells why it fails.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqsign_aliyun_oss::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, Env, Error, HttpSend, ProvideCredential};
use reqwest::StatusCode;
use tokio::sync::OnceCell;

use super::{Credentials, Environment, Reason};
use crate::swas::endpoint::Protocol;
use crate::swas::error::Failure;
use crate::swas::http::{blamed_proxy, reason};
use crate::swas::text::presentable;
use crate::swas::thread::on_the_network;

/// The longest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A service on the same machine or next to it that hands out credentials.
#[derive(Debug)]
pub(super) struct LocalService {
    /// As it may be shown.
    pub(super) address: String,
    pub(super) connect_timeout: Duration,
    /// How long it may take in all.
    pub(super) limit: Duration,
    pub(super) protocol: Protocol,
    /// What to say of an answer that is of no use, as the end of a sentence.
    pub(super) unusable: &'static str,
}

impl LocalService {
    /// What the provider makes of the service's answers. It gives nothing where
    /// the environment says that it should not ask.
    pub(super) async fn ask(
        &self,
        provider: &impl ProvideCredential<Credential = Credential>,
        environment: &Environment,
    ) -> Result<Option<Credentials>, Reason> {
        let requests = Arc::new(Requests::to(self));
        let context = Context::new()
            .with_env(Variables(environment.clone()))
            .with_http_send(Arc::clone(&requests));
        let asked = provider.provide_credential(&context);
        match tokio::time::timeout(self.limit, asked).await {
            Ok(Ok(credential)) => Ok(credential.map(Credentials::from)),
            // Its own messages say what is wrong and not where, and may quote
            // an answer.
            Ok(Err(_)) => Err(requests.failure().unwrap_or_else(|| self.unusable())),
            Err(_) => Err(Reason::Slow {
                address: self.address.clone(),
                limit: self.limit,
            }),
        }
    }

    pub(super) fn unusable(&self) -> Reason {
        Reason::Http {
            address: self.address.clone(),
            problem: self.unusable.to_owned(),
        }
    }
}

/// Secrets are put away at once.
impl From<Credential> for Credentials {
    fn from(credential: Credential) -> Self {
        Self {
            access_key_id: credential.access_key_id,
            access_key_secret: credential.access_key_secret.into(),
            security_token: credential.security_token.map(Into::into),
            expiration: credential.expires_in.map(Timestamp::as_system_time),
        }
    }
}

/// The requests of one provider.
///
/// An answer with any status but 200 is an error here: reqsign would put its
/// body into a message, and nobody knows what is in there.
#[derive(Debug)]
struct Requests {
    connect_timeout: Duration,
    protocol: Protocol,
    http: OnceCell<reqwest::Client>,
    last: Mutex<Option<Trouble>>,
}

/// Why the last request gave no answer.
#[derive(Clone, Debug)]
struct Trouble {
    reason: Reason,
    /// Nobody is there: there is no need to ask again.
    is_final: bool,
}

impl Requests {
    fn to(service: &LocalService) -> Self {
        Self {
            connect_timeout: service.connect_timeout,
            protocol: service.protocol,
            http: OnceCell::new(),
            last: Mutex::new(None),
        }
    }

    fn trouble(&self) -> Option<Trouble> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// Why the last request gave no answer, unless it did.
    fn failure(&self) -> Option<Reason> {
        self.trouble().map(|trouble| trouble.reason)
    }

    async fn http(&self) -> Result<&reqwest::Client, Failure> {
        let builder = reqwest::Client::builder().connect_timeout(self.connect_timeout);
        let client = crate::swas::http::client(self.protocol, builder);
        self.http.get_or_try_init(|| client).await
    }

    async fn send(&self, request: http::Request<Bytes>) -> Result<Bytes, Trouble> {
        if let Some(trouble) = self.trouble().filter(|trouble| trouble.is_final) {
            return Err(trouble);
        }
        let address = shown(request.uri());
        let trouble = |problem: String, is_final| Trouble {
            reason: Reason::Http {
                address: address.clone(),
                problem,
            },
            is_final,
        };
        let target = request.uri().to_string().parse();
        let proxy = |error: &reqwest::Error| blamed_proxy(target.as_ref().ok()?, error);
        let failed = |error: reqwest::Error| {
            if error.is_connect()
                && let Some(proxy) = proxy(&error)
            {
                return trouble(format!("cannot be asked: {proxy}"), true);
            }
            match (error.is_connect(), error.is_timeout()) {
                (true, true) => {
                    let limit = self.connect_timeout.as_millis();
                    trouble(format!("accepted no connection within {limit} ms"), true)
                }
                (true, false) => {
                    let problem = format!("cannot be connected to: {}", reason(&error));
                    trouble(problem, true)
                }
                _ => trouble(format!("gave no answer: {}", reason(&error)), false),
            }
        };
        let client = self.http().await;
        let client =
            client.map_err(|failure| trouble(format!("cannot be asked: {failure}"), true))?;
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let answer = answer(client.clone(), request);
        match on_the_network(answer).await.map_err(failed)? {
            (StatusCode::OK, Some(body)) => Ok(body),
            (StatusCode::OK, None) => {
                let problem = "gave an answer of more than 1 MiB".to_owned();
                Err(trouble(problem, false))
            }
            (status, _) => {
                let problem = format!("answered with HTTP {}", status.as_u16());
                Err(trouble(problem, false))
            }
        }
    }
}

/// The answer to a request, without its body where there is too much of it.
async fn answer(
    client: reqwest::Client,
    request: reqwest::Request,
) -> reqwest::Result<(StatusCode, Option<Bytes>)> {
    let mut answer = client.execute(request).await?;
    let status = answer.status();
    let mut body = Vec::new();
    if status == StatusCode::OK {
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Ok((status, None));
            }
            body.extend_from_slice(&chunk);
        }
    }
    Ok((status, Some(body.into())))
}

impl HttpSend for Requests {
    /// The error is for reqsign, which asks for no more than that there is one.
    async fn http_send(
        &self,
        request: http::Request<Bytes>,
    ) -> reqsign_core::Result<http::Response<Bytes>> {
        let answer = self.send(request).await;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(body) => {
                *last = None;
                Ok(http::Response::new(body))
            }
            Err(trouble) => {
                *last = Some(trouble);
                Err(Error::unexpected("no answer"))
            }
        }
    }
}

/// The environment as reqsign asks for it.
#[derive(Debug)]
struct Variables(Environment);

impl Env for Variables {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name)
    }

    /// Nobody asks for more than the variables whose names they know.
    fn vars(&self) -> HashMap<String, String> {
        HashMap::new()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        std::env::home_dir()
    }
}

/// The address without what may be secret: a user name, a password, a query.
pub(super) fn shown(uri: &http::Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or("http");
    presentable(&format!("{scheme}://{host}{}", uri.path()))
}
