//! Errors in the API's own shape.

use std::time::Duration;

use serde_json::json;

/// An error that the API answers a call with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// Told in `x-acs-retry-after`.
    pub(super) retry_after: Option<Duration>,
}

impl ApiError {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            retry_after: None,
        }
    }

    /// One call too many.
    pub(super) fn throttled(status: u16, retry_after: Option<Duration>) -> Self {
        let message = "Request was denied due to user flow control.";
        let error = Self::new(status, "Throttling.User", message);
        Self {
            retry_after,
            ..error
        }
    }

    /// A parameter that every call of the action must carry is not there.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::new(
            400,
            &format!("Missing{parameter}"),
            format!("{parameter} is mandatory for this action."),
        )
    }

    /// A parameter has a value that the action does not take.
    pub(super) fn invalid_param(message: impl Into<String>) -> Self {
        Self::new(403, "InvalidParam", message)
    }

    /// The JSON text of the error.
    pub(super) fn body(&self, request_id: &str, host_id: &str) -> String {
        let code = &self.code;
        let recommend = format!(
            "https://api.aliyun.com/troubleshoot?q={code}&product=SWAS-OPEN&requestId={request_id}"
        );
        json!({
            "RequestId": request_id,
            "HostId": host_id,
            "Code": code,
            "Message": self.message,
            "Recommend": recommend,
        })
        .to_string()
    }
}
