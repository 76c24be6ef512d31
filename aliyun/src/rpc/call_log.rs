//! Log events of calls.

use std::time::Instant;

use crate::redact::Redactor;
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::request::{Authentication, Call};
use crate::text::sanitize;

/// Logs one event when a call ends, or when it is dropped because it was canceled.
pub(super) struct CallLog<'a> {
    action: &'static str,
    region: Option<&'a RegionId>,
    /// Host of the endpoint, with its port if it is not the default port.
    host: String,
    /// Access key ID in its redacted form, if the call is signed.
    access_key_id: Option<String>,
    /// Attempt number, from 1.
    attempt: u32,
    start: Instant,
    /// Request ID of the response, or the error. `None` if the call was canceled.
    outcome: Option<Result<String, RequestError>>,
    redactor: &'a Redactor,
}

impl<'a> CallLog<'a> {
    /// Starts measuring the duration of a call about `region`.
    pub(super) fn begin(
        call: &Call<'_>,
        authentication: Authentication<'_>,
        (region, attempt): (Option<&'a RegionId>, u32),
        redactor: &'a Redactor,
    ) -> Self {
        let access_key_id = match authentication {
            Authentication::Signature(_, credentials) => Some(credentials.redacted_id()),
            Authentication::OidcToken(_) => None,
        };
        Self {
            action: call.action,
            region,
            host: call.endpoint.host(),
            access_key_id,
            attempt,
            start: Instant::now(),
            outcome: None,
            redactor,
        }
    }

    /// Logs the outcome of the call.
    pub(super) fn end<T>(mut self, result: &Result<(String, T), AttemptError>) {
        let logged = result.as_ref().map(|(request_id, _)| request_id.clone());
        self.outcome = Some(logged.map_err(|error| error.failure.clone()));
    }
}

impl Drop for CallLog<'_> {
    fn drop(&mut self) {
        let (status, code, request_id, error) = match self.outcome.take() {
            None => (None, None, None, Some("canceled".to_owned())),
            Some(Ok(request_id)) => (Some(200), None, Some(request_id), None),
            Some(Err(RequestError::Api(it))) => {
                (Some(it.status), Some(it.code), Some(it.request_id), None)
            }
            Some(Err(error)) => (error.status(), None, None, Some(error.to_string())),
        };
        let request_id = request_id.filter(|id| !id.is_empty());
        tracing::debug!(
            action = self.action,
            region = self.region.map(RegionId::as_str),
            host = self.host,
            access_key_id = self.access_key_id,
            attempt = self.attempt,
            ms = self.start.elapsed().as_secs_f64() * 1000.0,
            status,
            code,
            request_id = request_id.map(|id| sanitize(&self.redactor.redact(&id))),
            error,
            "called the API"
        );
    }
}
