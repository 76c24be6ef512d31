//! Descriptions of request errors.

use std::fmt::Write;

use crate::swas::catalog::error::{CallFailure, Changed};
use aliyun::http::error::HttpError;
use aliyun::http::proxy::ProxyError;
use aliyun::rpc::api_error::ApiError;
use aliyun::rpc::error::RequestError;

/// Describes the failure of a call, as the end of a sentence without its period.
pub(super) fn describe_call(failure: &CallFailure) -> String {
    match failure {
        CallFailure::Request(error) => describe(error),
        CallFailure::Changed(Changed { times: 1, reason }) => {
            format!("the list changed while it was read, or is incomplete: {reason}")
        }
        CallFailure::Changed(Changed { times, reason }) => format!(
            "the list kept changing while it was read, or is incomplete; it was read {times} \
             times, and the last time {reason}"
        ),
    }
}

/// Describes the error, as the end of a sentence without its period.
pub(super) fn describe(failure: &RequestError) -> String {
    match failure {
        RequestError::Api(ApiError {
            status,
            code,
            message,
            request_id,
        }) => {
            let mut text = format!("the API answered {code} (HTTP {status}");
            if !request_id.is_empty() {
                let _ = write!(text, ", request ID {request_id}");
            }
            text.push(')');
            let message = message.trim_end_matches('.');
            if !message.is_empty() {
                let _ = write!(text, ": {message}");
            }
            text
        }
        RequestError::Http(_) | RequestError::NoThread { .. } => failure.to_string(),
        RequestError::Empty { status } => format!("the answer is empty (HTTP {status})"),
        RequestError::NotJson {
            status,
            content_type: None,
        } => format!("the answer is not JSON (HTTP {status})"),
        RequestError::NotJson {
            status,
            content_type: Some(content_type),
        } => format!("the answer, of type {content_type}, is not JSON (HTTP {status})"),
        RequestError::UnexpectedEof { status } => {
            format!("the answer ends too early (HTTP {status})")
        }
        RequestError::Malformed { status, reason } => {
            format!("the answer is malformed (HTTP {status}): {reason}")
        }
    }
}

/// The remedy for an error of the proxy for `host`. `host_hint` is inserted as a sentence.
pub(super) fn proxy_advice(error: &ProxyError, host: &str, host_hint: &str) -> String {
    match error {
        ProxyError::NoConnection { .. } => format!(
            "Check that this machine reaches that proxy, and that the proxy lets it connect to \
             {host}.{host_hint} To go past the proxy, name {host} in NO_PROXY."
        ),
        ProxyError::Malformed(variable) | ProxyError::Scheme(variable) => {
            format!("Correct {variable}, or unset it.")
        }
    }
}

/// A sentence about the argument that extends the timeout. Empty for other errors.
pub(super) fn timeout_hint(error: &HttpError) -> &'static str {
    match error {
        HttpError::ConnectTimeout { .. } => {
            " A network that is merely slow gets more time by \"client_connect_timeout\" in the \
             provider block."
        }
        HttpError::ReadTimeout { .. } => {
            " An API that is merely slow gets more time by \"client_read_timeout\" in the provider \
             block."
        }
        _ => "",
    }
}
