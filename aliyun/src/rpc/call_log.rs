//! Log events of calls.

use std::time::Instant;

use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::response::Response;

/// Log fields that are known before the request is sent.
pub struct CallFields<'a> {
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// Region that the operation is about, if any.
    pub region: Option<&'a RegionId>,
    /// Host of the endpoint, with its port if it is not the default port.
    pub host: String,
    /// Access key ID in its redacted form, if the call is signed.
    pub access_key_id: Option<String>,
    /// Attempt number, from 1.
    pub attempt: u32,
}

/// Logs one event when a call ends, or when it is dropped because it was canceled.
pub struct CallLog<'a> {
    fields: CallFields<'a>,
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
    /// Starts measuring the duration of a call.
    pub fn begin(fields: CallFields<'a>) -> Self {
        Self {
            fields,
            start: Instant::now(),
            outcome: Outcome {
                error: Some("canceled".to_owned()),
                ..Outcome::default()
            },
        }
    }

    /// Logs the outcome of the call.
    pub fn end<T>(mut self, result: &Result<Response<T>, AttemptError>) {
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
        let Self {
            fields, outcome, ..
        } = self;
        tracing::debug!(
            action = fields.action,
            region = fields.region.map(RegionId::as_str),
            host = fields.host,
            access_key_id = fields.access_key_id,
            attempt = fields.attempt,
            ms = self.start.elapsed().as_secs_f64() * 1000.0,
            status = outcome.status,
            code = outcome.code,
            request_id = outcome.request_id,
            error = outcome.error,
            "called the API"
        );
    }
}
