//! Errors in the API's format.

use std::time::Duration;

use serde_json::json;

/// An error response of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// The value of `x-acs-retry-after`.
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

    /// The quota is exceeded.
    pub(super) fn throttled(status: u16, retry_after: Option<Duration>) -> Self {
        let message = "Request was denied due to user flow control.";
        let error = Self::new(status, "Throttling.User", message);
        Self {
            retry_after,
            ..error
        }
    }

    /// A required parameter is missing.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::new(
            400,
            &format!("Missing{parameter}"),
            format!("{parameter} is mandatory for this action."),
        )
    }

    /// A parameter has an invalid value.
    pub(super) fn invalid_param(message: impl Into<String>) -> Self {
        Self::new(403, "InvalidParam", message)
    }

    /// Serializes the error.
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
