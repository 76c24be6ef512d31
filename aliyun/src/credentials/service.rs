//! Requests to services that issue credentials over HTTP.

use std::time::SystemTime;

use http::StatusCode;

use super::error::CredentialsErrorKind;
use super::source::CredentialsSource;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::client::{HttpClient, Request};
use crate::rpc::api_error::{ApiError, Head};
use crate::rpc::error::{RequestError, http_retry};
use crate::rpc::json;
use crate::rpc::retry::Retry;
use crate::rpc::retry_after::retry_after;
use crate::text::debug_quote;

/// Error of a request to a service.
pub(super) struct ServiceError {
    pub(super) kind: CredentialsErrorKind,
    pub(super) retry: Retry,
}

/// A service that issues credentials.
pub(super) struct Service<'a> {
    pub(super) http: &'a HttpClient,
    /// Address without secrets, for errors.
    pub(super) address: String,
    /// True if errors show the message of the service, and not only its code.
    pub(super) shows_messages: bool,
}

impl Service<'_> {
    /// Sends a request and returns the body of the response.
    ///
    /// # Errors
    ///
    /// Returns [`CredentialsErrorKind::Http`] without a response, and
    /// [`CredentialsErrorKind::Status`] for any status but 200.
    pub(super) async fn fetch(&self, request: Request) -> Result<Vec<u8>, ServiceError> {
        let response = self.http.send(request).await;
        let response = response.map_err(|error| ServiceError {
            retry: http_retry(&error, None),
            kind: CredentialsErrorKind::Http {
                address: self.address.clone(),
                error,
            },
        })?;
        let status = response.status.as_u16();
        if response.status == StatusCode::OK {
            return Ok(response.body);
        }
        // The response can be that of a gateway, so that only the status counts.
        let retry = match status {
            429 | 500.. => {
                let retry_after = retry_after(&response.headers, SystemTime::now());
                RequestError::Empty { status }.retry(retry_after)
            }
            _ => Retry::Never,
        };
        let kind = CredentialsErrorKind::Status {
            address: self.address.clone(),
            status,
            problem: self.error(status, &response.body),
        };
        Err(ServiceError { kind, retry })
    }

    /// Decodes credentials in a response.
    ///
    /// # Errors
    ///
    /// Returns [`CredentialsErrorKind::Status`] for an error of the service, and
    /// [`CredentialsErrorKind::Response`] for anything else that is not credentials.
    pub(super) fn decode(
        &self,
        body: &[u8],
        source: CredentialsSource,
    ) -> Result<Credentials, CredentialsErrorKind> {
        let address = self.address.clone();
        if let Some(problem) = self.error(200, body) {
            return Err(CredentialsErrorKind::Status {
                address,
                status: 200,
                problem: Some(problem),
            });
        }
        let problem = match json::read::<TemporaryCredentials>(body) {
            Ok(issued) => match issued.validate(source) {
                Ok(credentials) => return Ok(credentials),
                Err(problem) => format!("credentials whose {problem}"),
            },
            Err(_) => "something other than credentials".to_owned(),
        };
        Err(CredentialsErrorKind::Response { address, problem })
    }

    /// Describes the error in a response, as the object of a sentence.
    fn error(&self, status: u16, body: &[u8]) -> Option<String> {
        let redactor = self.http.redactor();
        let head: Head = json::read(body).ok()?;
        let error = ApiError::of(status, &head, body, |text| redactor.redact(text))?;
        let code = debug_quote(&error.code);
        match error.message.trim_end_matches('.') {
            _ if !head.is_error() => None,
            message if self.shows_messages && !message.is_empty() => {
                Some(format!("the code {code}: {message}"))
            }
            _ => Some(format!("the code {code}")),
        }
    }
}
