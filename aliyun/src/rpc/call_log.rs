//! Log events of calls.

use std::time::Instant;

use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::request::{Authentication, Call};
use crate::rpc::response::Response;

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
    outcome: Outcome,
}

#[derive(Default)]
struct Outcome {
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<String>,
    error: Option<String>,
}

impl<'a> CallLog<'a> {
    /// Starts measuring the duration of a call about `region`.
    pub(super) fn begin(
        call: &Call<'_>,
        authentication: Authentication<'_>,
        (region, attempt): (Option<&'a RegionId>, u32),
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
            outcome: Outcome {
                error: Some("canceled".to_owned()),
                ..Outcome::default()
            },
        }
    }

    /// Logs the outcome of the call.
    pub(super) fn end<T>(mut self, result: &Result<Response<T>, AttemptError>) {
        self.outcome = match result {
            Ok(response) => Outcome {
                status: Some(response.status),
                request_id: response.request_id.clone(),
                ..Outcome::default()
            },
            Err(AttemptError { failure, .. }) => match failure {
                RequestError::Api(error) => Outcome {
                    status: Some(error.status),
                    code: Some(error.code.clone()),
                    request_id: Some(error.request_id.clone()),
                    error: None,
                },
                failure => Outcome {
                    status: failure.status(),
                    error: Some(failure.to_string()),
                    ..Outcome::default()
                },
            },
        };
    }
}

impl Drop for CallLog<'_> {
    fn drop(&mut self) {
        let outcome = &self.outcome;
        tracing::debug!(
            action = self.action,
            region = self.region.map(RegionId::as_str),
            host = self.host,
            access_key_id = self.access_key_id,
            attempt = self.attempt,
            ms = self.start.elapsed().as_secs_f64() * 1000.0,
            status = outcome.status,
            code = outcome.code,
            request_id = outcome.request_id,
            error = outcome.error,
            "called the API"
        );
    }
}
