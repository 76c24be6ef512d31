//! One exchange with an API: a form is sent, and its answer is a result or an
//! error.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::http::thread;
use crate::redact::Redactor;
use crate::rpc::api_error::ApiError;
use crate::rpc::endpoint::Endpoint;
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::json::{self, Unreadable};
use crate::rpc::request::Form;
use crate::rpc::strict::Scalar;
use crate::rpc::transport::{HttpResponse, Transport};
use crate::text::sanitize;

/// A result, and what the log tells of it.
pub struct Response<T> {
    /// HTTP status.
    pub status: u16,
    /// Request ID for support cases, if the response has one.
    pub request_id: Option<String>,
    /// The decoded body.
    pub content: T,
}

/// Answers of more bytes are read on a thread of their own. The one that serves
/// has signals to obey and a client to watch meanwhile.
const LONG: usize = 256 * 1024;

/// Sends a form once, reads the answer as a `T` and takes from it what matters.
///
/// # Errors
///
/// When there is no answer, when it reports an error, or when it is no `T`.
pub async fn send_and_decode<T: DeserializeOwned, R: Send + 'static>(
    transport: &Transport,
    endpoint: &Endpoint,
    form: &Form,
    output: impl FnOnce(T) -> R + Send + 'static,
) -> Result<Response<R>, AttemptError> {
    let answer = transport.send(endpoint, form).await?;
    let retry_after = answer.retry_after;
    let is_long = answer.body.len() > LONG;
    let redactor = transport.redactor().clone();
    let read = move || read(&answer, &redactor).map(|content| content.map(output));
    let content = if is_long {
        let read = thread::on_its_own(read).await;
        read.unwrap_or_else(|error| {
            Err(RequestError::BuildRequest {
                reason: error.to_string(),
            })
        })
    } else {
        read()
    };
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

/// Tells a result, an error of the API and everything else apart.
///
/// # Errors
///
/// Returns the error that the API reports, or the reason why the body is not a `T`.
pub fn read<T: DeserializeOwned>(
    answer: &HttpResponse,
    redactor: &Redactor,
) -> Result<Response<T>, RequestError> {
    let status = answer.status.as_u16();
    let body = &answer.body;
    let content_type = || answer.content_type.clone();
    if body.is_empty() {
        return Err(RequestError::Empty { status });
    }
    let api_error = || ApiError::read(status, body, |text| redactor.redact(text));
    // The API answers a call that went well with this status alone: others mean
    // that there is a part of an answer, or none.
    if answer.status != StatusCode::OK {
        let error = api_error();
        return Err(error.map_or_else(
            || unexpected_body(status, content_type(), body),
            RequestError::Api,
        ));
    }
    let failure = |unreadable| match unreadable {
        Unreadable::NotJson {
            is_cut_short: true, ..
        } => RequestError::UnexpectedEof { status },
        Unreadable::NotJson { .. } => RequestError::NotJson {
            status,
            content_type: content_type(),
        },
        Unreadable::Unexpected(reason) => RequestError::Malformed { status, reason },
    };
    // Before anything else: beside an error, an empty list says nothing.
    let envelope: Envelope = json::read(body).map_err(failure)?;
    if envelope.is_error() {
        let reason = "it says that something went wrong, and not what".to_owned();
        let malformed = RequestError::Malformed { status, reason };
        return Err(api_error().map_or(malformed, RequestError::Api));
    }
    Ok(Response {
        status,
        content: json::read(body).map_err(failure)?,
        request_id: envelope.request_id(redactor),
    })
}

/// What answers of every kind have.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    /// Gateways in front of the API write it with a small letter.
    #[serde(default, alias = "code")]
    code: Scalar,
    #[serde(default, alias = "success")]
    success: Scalar,
    #[serde(default)]
    request_id: Scalar,
}

impl Envelope {
    /// Whether it is the envelope of an error, whatever the HTTP status says.
    fn is_error(&self) -> bool {
        // Some of Alibaba Cloud's APIs say so when nothing is wrong.
        let is_success_code = |code: &str| ["", "200", "OK", "Success"].contains(&code);
        let is_error = match &self.code {
            Scalar::Absent => false,
            Scalar::Text(code) => !is_success_code(code),
            Scalar::Other => true,
        };
        is_error || matches!(&self.success, Scalar::Text(success) if success == "false")
    }

    /// Names the call in a support case.
    fn request_id(&self, redactor: &Redactor) -> Option<String> {
        match &self.request_id {
            Scalar::Text(id) => Some(sanitize(&redactor.redact(id))),
            Scalar::Absent | Scalar::Other => None,
        }
    }
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
