//! reqsign's providers, asked over HTTP that tells why it fails.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use reqsign_aliyun_oss::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, Env, Error, HttpSend, ProvideCredential};

use super::granted::usable;
use super::service::{CredentialsService, Requests, Trouble};
use super::{Credentials, Environment, Reason};

impl CredentialsService {
    /// What a provider makes of the service's answers. It gives nothing where the
    /// environment says that it should not ask.
    pub(crate) async fn ask(
        &self,
        provider: &impl ProvideCredential<Credential = Credential>,
        environment: &Environment,
    ) -> Result<Option<Credentials>, Reason> {
        let sender = Arc::new(Sender {
            requests: Requests::to(self),
            last: Mutex::new(None),
        });
        let context = Context::new()
            .with_env(Variables(environment.clone()))
            .with_http_send(Arc::clone(&sender));
        let asked = provider.provide_credential(&context);
        match tokio::time::timeout(self.limit, asked).await {
            Ok(Ok(credential)) => {
                let credentials = credential.map(Credentials::from).map(usable);
                credentials
                    .transpose()
                    .map_err(|problem| self.granted(problem))
            }
            // Its own messages say what is wrong and not where, and may quote
            // an answer.
            Ok(Err(_)) => {
                let trouble = sender.trouble();
                Err(trouble.map_or_else(|| self.unusable(), |trouble| trouble.reason))
            }
            Err(_) => Err(self.slow()),
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

/// The requests of one provider, and why the last one gave no answer, unless it
/// did.
#[derive(Debug)]
struct Sender {
    requests: Requests,
    last: Mutex<Option<Trouble>>,
}

impl Sender {
    fn trouble(&self) -> Option<Trouble> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}

impl HttpSend for Sender {
    /// The error is for reqsign, which asks for no more than that there is one.
    async fn http_send(
        &self,
        request: http::Request<Bytes>,
    ) -> reqsign_core::Result<http::Response<Bytes>> {
        let answer = match self.trouble().filter(|trouble| trouble.is_final) {
            Some(trouble) => Err(trouble),
            None => self.requests.send(request).await,
        };
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
