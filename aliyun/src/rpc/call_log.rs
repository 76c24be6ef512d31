//! What the log tells of a call.

use std::time::Instant;

use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::response::Response;

/// Which attempt at a call it is, and for how many reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallInfo {
    /// From 1.
    pub number: u32,
    /// How many reads the response serves, as far as is known when it is sent.
    pub reads: usize,
}

/// What is known of a call before it is made.
pub struct CallFields<'a> {
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// The region that it asks fields, if it asks fields one.
    pub region: Option<&'a RegionId>,
    /// Host of the endpoint, with its port if it is not the default port.
    pub host: String,
    /// As it may be shown, where it is known who calls.
    pub access_key_id: Option<&'a str>,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// How many reads the answer serves, where reads share calls.
    pub reads: Option<usize>,
}

/// Writes one line when a call is over, and also when it is dropped because
/// nobody waits for it any more.
pub struct CallLog<'a> {
    fields: CallFields<'a>,
    began: Instant,
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
    /// The call is made now.
    pub fn begin(fields: CallFields<'a>) -> Self {
        Self {
            fields,
            began: Instant::now(),
            outcome: Outcome {
                error: Some("cancelled: nobody waits for the answer any more".to_owned()),
                ..Outcome::default()
            },
        }
    }

    /// The call is over.
    pub fn end<T>(mut self, answer: &Result<Response<T>, AttemptError>) {
        self.outcome = match answer {
            Ok(answer) => Outcome {
                status: Some(answer.status),
                request_id: answer.request_id.clone(),
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
            reads = fields.reads,
            ms = self.began.elapsed().as_secs_f64() * 1000.0,
            status = outcome.status,
            code = outcome.code,
            request_id = outcome.request_id,
            error = outcome.error,
            "called the API"
        );
    }
}
