//! Decoding of responses: a result, an API error, or an unexpected body.

use std::time::SystemTime;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::http::client::{HttpClient, HttpResponse};
use crate::http::executor::run_on_thread;
use crate::redact::Redactor;
use crate::rpc::api_error::ApiError;
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::json::{self, JsonError};
use crate::rpc::request::CallRequest;
use crate::rpc::retry_after::retry_after;
use crate::rpc::strict::Scalar;
use crate::text::sanitize;

/// A successful response, with the fields that are logged.
pub struct Response<T> {
    /// HTTP status.
    pub status: u16,
    /// Request ID for support cases, if the response has one.
    pub request_id: Option<String>,
    /// The decoded body.
    pub content: T,
}

/// Sends a request once, decodes the response as a `T`, and converts it with `output`. Decoding
/// runs on another thread.
///
/// # Errors
///
/// Returns an error if there is no response, if it is an API error, or if it is not a
/// `T`.
pub async fn send_and_decode<T: DeserializeOwned, R: Send + 'static>(
    http: &HttpClient,
    request: CallRequest,
    output: impl FnOnce(T) -> R + Send + 'static,
) -> Result<Response<R>, AttemptError> {
    let response = http
        .send(request.into_http())
        .await
        .map_err(RequestError::from)?;
    let retry_after = retry_after(&response.headers, SystemTime::now());
    let redactor = http.redactor().clone();
    let decode = move || read(&response, &redactor).map(|content| content.map(output));
    let content = run_on_thread(decode).await.unwrap_or_else(|error| {
        let reason = error.to_string();
        Err(RequestError::NoThread { reason })
    });
    content.map_err(|failure| AttemptError {
        failure,
        retry_after,
    })
}

impl<T> Response<T> {
    fn map<R>(self, output: impl FnOnce(T) -> R) -> Response<R> {
        Response {
            status: self.status,
            request_id: self.request_id,
            content: output(self.content),
        }
    }
}

/// Decodes a response as a result, an API error, or an unexpected body.
///
/// # Errors
///
/// Returns the API error in the body, or an error that says why the body is not a `T`.
pub fn read<T: DeserializeOwned>(
    response: &HttpResponse,
    redactor: &Redactor,
) -> Result<Response<T>, RequestError> {
    let status = response.status.as_u16();
    let body = &response.body;
    let content_type = || content_type(response, redactor);
    if body.is_empty() {
        return Err(RequestError::Empty { status });
    }
    let api_error = || ApiError::read(status, body, |text| redactor.redact(text));
    // The API signals success with 200 only. With other 2xx statuses, the body is partial
    // or missing.
    if response.status != StatusCode::OK {
        let error = api_error();
        return Err(error.map_or_else(
            || unexpected_body(status, content_type(), body),
            RequestError::Api,
        ));
    }
    let decode_error = |error| match error {
        JsonError::Syntax {
            is_truncated: true, ..
        } => RequestError::UnexpectedEof { status },
        JsonError::Syntax { .. } => RequestError::NotJson {
            status,
            content_type: content_type(),
        },
        JsonError::Form(reason) => RequestError::Malformed { status, reason },
    };
    // The error fields are checked first: an error response can contain an empty list.
    let envelope: Envelope = json::read(body).map_err(decode_error)?;
    if envelope.is_error() {
        let reason = "it says that something went wrong, and not what".to_owned();
        let malformed = RequestError::Malformed { status, reason };
        return Err(api_error().map_or(malformed, RequestError::Api));
    }
    Ok(Response {
        status,
        content: json::read(body).map_err(decode_error)?,
        request_id: envelope.request_id(redactor),
    })
}

/// Fields that responses of all operations have.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    /// Gateways in front of the API write the field name in lower case.
    #[serde(default, alias = "code")]
    code: Scalar,
    #[serde(default, alias = "success")]
    success: Scalar,
    #[serde(default)]
    request_id: Scalar,
}

impl Envelope {
    /// Returns true if the response is an error, regardless of the HTTP status.
    fn is_error(&self) -> bool {
        // Some of Alibaba Cloud's APIs return one of these codes on success.
        let is_success_code = |code: &str| ["", "200", "OK", "Success"].contains(&code);
        let is_error = match &self.code {
            Scalar::Absent => false,
            Scalar::Text(code) => !is_success_code(code),
            Scalar::Other => true,
        };
        is_error || matches!(&self.success, Scalar::Text(success) if success == "false")
    }

    /// Returns the redacted request ID.
    fn request_id(&self, redactor: &Redactor) -> Option<String> {
        match &self.request_id {
            Scalar::Text(id) => Some(sanitize(&redactor.redact(id))),
            Scalar::Absent | Scalar::Other => None,
        }
    }
}

/// Returns the media type of the body, such as `text/html`, if it is well-formed.
fn content_type(response: &HttpResponse, redactor: &Redactor) -> Option<String> {
    const MAX_LENGTH: usize = 100;
    let header = response.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let header = redactor.redact(header);
    let media_type = header.split(';').next()?.trim();
    let (kind, subtype) = media_type.split_once('/')?;
    let is_name = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-+._".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    (media_type.len() <= MAX_LENGTH && is_name(kind) && is_name(subtype))
        .then(|| media_type.to_owned())
}

fn unexpected_body(status: u16, content_type: Option<String>, body: &[u8]) -> RequestError {
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Ok(_) => {
            let reason = "it is no error of the API: \"Code\" is missing".to_owned();
            RequestError::Malformed { status, reason }
        }
        Err(error) if error.is_eof() => RequestError::UnexpectedEof { status },
        Err(_) => RequestError::NotJson {
            status,
            content_type,
        },
    }
}
