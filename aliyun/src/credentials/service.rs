//! Requests to services that issue credentials over HTTP.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::error::{CredentialsError, ServiceKind};
use super::source::CredentialsSource;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::client::HttpClient;
use crate::http::error::HttpError;
use crate::http::request::Request;
use crate::rpc::api_error::{ApiError, Head};
use crate::rpc::error::{RequestError, http_retry};
use crate::rpc::json;
use crate::rpc::retry::Retry;
use crate::rpc::retry_after::retry_after;
use crate::text::debug_quote;

/// Error of a request to a service.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// There is no response.
    #[error("{0}")]
    Http(#[from] HttpError),
    /// The response has any status but 200.
    #[error("HTTP {status}")]
    Status {
        status: u16,
        /// Error in the response, as the object of a sentence.
        problem: Option<String>,
        retry_after: Option<Duration>,
    },
}

impl FetchError {
    /// Classifies the error for retries. The response can be that of a gateway, so that only
    /// the status counts.
    pub(super) fn retry(&self) -> Retry {
        match *self {
            Self::Http(ref error) => http_retry(error, None),
            Self::Status {
                status: status @ (429 | 500..),
                retry_after,
                ..
            } => RequestError::Empty { status }.retry(retry_after),
            Self::Status { .. } => Retry::Never,
        }
    }
}

/// A service that issues credentials.
pub(super) struct Service<'a> {
    pub(super) http: &'a HttpClient,
    pub(super) kind: ServiceKind,
    /// Address without secrets, for errors.
    pub(super) address: String,
}

impl Service<'_> {
    /// Sends a request and returns the body of the response.
    pub(super) async fn fetch(&self, request: Request) -> Result<Vec<u8>, FetchError> {
        let response = self.http.send(request).await?;
        if response.status == StatusCode::OK {
            return Ok(response.body);
        }
        let status = response.status.as_u16();
        Err(FetchError::Status {
            status,
            problem: self.problem(status, &response.body),
            retry_after: retry_after(&response.headers, SystemTime::now()),
        })
    }

    /// Decodes credentials in a response that is an `R`.
    pub(super) fn decode<R: DeserializeOwned + Into<TemporaryCredentials>>(
        &self,
        body: &[u8],
        source: CredentialsSource,
    ) -> Result<Credentials, CredentialsError> {
        if let Some(problem) = self.problem(200, body) {
            return Err(self.failed(FetchError::Status {
                status: 200,
                problem: Some(problem),
                retry_after: None,
            }));
        }
        let issued = json::read::<R>(body);
        let issued = issued.map_err(|_| self.invalid("something other than credentials"))?;
        let credentials = issued.into().validate(source);
        credentials.map_err(|problem| self.invalid(&format!("credentials whose {problem}")))
    }

    /// Returns the error of a request.
    pub(super) fn failed(&self, error: FetchError) -> CredentialsError {
        let address = &self.address;
        match error {
            FetchError::Http(error) => {
                self.error(None, format!("the request to {address} failed: {error}"))
            }
            FetchError::Status {
                status, problem, ..
            } => {
                let problem = problem.map(|problem| format!(" and {problem}"));
                let problem = problem.unwrap_or_default();
                let problem = format!("{address} responded with HTTP {status}{problem}");
                self.error(Some(status), problem)
            }
        }
    }

    /// Returns the error of a response with `problem`, the object of a sentence.
    pub(super) fn invalid(&self, problem: &str) -> CredentialsError {
        let problem = format!("{} responded with {problem}", self.address);
        self.error(None, problem)
    }

    /// Returns an error with `problem`, a clause. `status` is that of a response with an error.
    pub(super) fn error(&self, status: Option<u16>, problem: String) -> CredentialsError {
        CredentialsError::Service {
            service: self.kind.clone(),
            problem,
            status,
        }
    }

    /// Describes the error in a response, as the object of a sentence. Only a credentials URI
    /// is trusted to have a message without secrets.
    fn problem(&self, status: u16, body: &[u8]) -> Option<String> {
        let redactor = self.http.redactor();
        let head: Head = json::read(body).ok().filter(Head::is_error)?;
        let error = ApiError::of(status, &head, body, |text| redactor.redact(text))?;
        let code = debug_quote(&error.code);
        Some(match error.message.trim_end_matches('.') {
            message if self.kind == ServiceKind::Uri && !message.is_empty() => {
                format!("the code {code}: {message}")
            }
            _ => format!("the code {code}"),
        })
    }
}
