//! Decoding of responses: a result, an API error, or an unexpected body.

use std::time::SystemTime;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::http::client::{HttpClient, HttpResponse};
use crate::http::executor::run_on_thread;
use crate::http::request::Request;
use crate::redact::Redactor;
use crate::rpc::api_error::{ApiError, Head};
use crate::rpc::call_log::CallLog;
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::json::{self, JsonError};
use crate::rpc::region::RegionId;
use crate::rpc::request::{Authentication, Call};
use crate::rpc::retry_after::retry_after;
use crate::text::sanitize_to;

/// Sends a call once and logs one event, with the region of the call and the attempt number
/// from 1. Decodes the response as a `T` and converts it with `output`, on another thread. An
/// error of `output` is a clause with the response as "it".
///
/// # Errors
///
/// Returns an error if there is no response, if it is an API error, or if it is not a
/// `T` that `output` accepts.
pub(crate) async fn send<T: DeserializeOwned, R: Send + 'static>(
    http: &HttpClient,
    call: Call<'_>,
    authentication: Authentication<'_>,
    log: (Option<&RegionId>, u32),
    output: impl FnOnce(T, &Head) -> Result<R, String> + Send + 'static,
) -> Result<R, AttemptError> {
    let log = CallLog::begin(&call, authentication, log, http.redactor());
    let result = match call.authenticate(authentication) {
        Ok(request) => send_and_decode(http, request, output).await,
        Err(error) => Err(RequestError::from(error).into()),
    };
    log.end(&result);
    Ok(result?.1)
}

/// Returns the request ID and the output.
async fn send_and_decode<T: DeserializeOwned, R: Send + 'static>(
    http: &HttpClient,
    request: Request,
    output: impl FnOnce(T, &Head) -> Result<R, String> + Send + 'static,
) -> Result<(String, R), AttemptError> {
    let response = http.send(request).await.map_err(RequestError::from)?;
    let retry_after = retry_after(&response.headers, SystemTime::now());
    let redactor = http.redactor().clone();
    let decode = move || {
        let (head, content) = read(&response, &redactor)?;
        match output(content, &head) {
            Ok(output) => Ok((head.request_id.as_str().to_owned(), output)),
            // The reason can quote values of the response.
            Err(reason) => Err(RequestError::Malformed {
                status: response.status.as_u16(),
                reason: redactor.redact(&reason),
            }),
        }
    };
    let decoded = run_on_thread(decode).await.unwrap_or_else(|error| {
        let reason = error.to_string();
        Err(RequestError::NoThread { reason })
    });
    decoded.map_err(|failure| AttemptError {
        failure,
        retry_after,
    })
}

/// Decodes a response as a result with its head, an API error, or an unexpected body.
///
/// # Errors
///
/// Returns the API error in the body, or an error that says why the body is not a `T`.
pub(crate) fn read<T: DeserializeOwned>(
    response: &HttpResponse,
    redactor: &Redactor,
) -> Result<(Head, T), RequestError> {
    let status = response.status.as_u16();
    let body = &response.body;
    if body.is_empty() {
        return Err(RequestError::Empty { status });
    }
    let malformed = |reason| RequestError::Malformed { status, reason };
    let decode_error = |error| match error {
        JsonError::Syntax {
            is_truncated: true, ..
        } => RequestError::UnexpectedEof { status },
        JsonError::Syntax { .. } => {
            let kind = content_type(response, redactor);
            malformed(format!("its content{kind} is not JSON"))
        }
        JsonError::Form(reason) => malformed(reason),
    };
    // The head is parsed first: an error response can contain an empty list.
    let head: Head = json::read(body).map_err(decode_error)?;
    let redact = |text: &str| redactor.redact(text);
    let reason = if response.status != StatusCode::OK {
        // The API signals success with 200 only. With other 2xx statuses, the body is partial
        // or missing.
        "it has no \"Code\""
    } else if head.is_error() {
        "it reports a failure without a code"
    } else {
        return Ok((head, json::read(body).map_err(decode_error)?));
    };
    let error = ApiError::of(status, &head, body, redact);
    Err(error.map_or_else(|| malformed(reason.to_owned()), RequestError::Api))
}

/// Returns the media type of the body, such as `text/html`, as a clause.
fn content_type(response: &HttpResponse, redactor: &Redactor) -> String {
    let header = response.headers.get(CONTENT_TYPE);
    let header = header.and_then(|value| value.to_str().ok());
    let header = redactor.redact(header.unwrap_or_default());
    match header.split(';').next().map(str::trim) {
        Some(media_type) if media_type.contains('/') => {
            format!(" of type {}", sanitize_to(media_type, 100))
        }
        _ => String::new(),
    }
}
