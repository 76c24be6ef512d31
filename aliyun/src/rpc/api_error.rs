//! Errors that an API returns, and the classification of their codes.

use std::fmt;

use serde::Deserialize;

use crate::rpc::access_denied::AccessDenied;
use crate::rpc::strict::{Scalar, StrictObject};
use crate::text::sanitize;

/// An error that the API returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ApiError {
    /// HTTP status of the response.
    pub status: u16,
    /// Error code, such as `InvalidRegionId.NotFound`.
    pub code: String,
    /// Error message, redacted and limited in length.
    pub message: String,
    /// Request ID for support cases. May be empty.
    pub request_id: String,
    /// URL or text that the API recommends. May be empty.
    pub recommend: String,
    /// The reason of a denial by a policy, if the API says it.
    pub access_denied: Option<Box<AccessDenied>>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the API returned {} (HTTP {}", self.code, self.status)?;
        if !self.request_id.is_empty() {
            write!(f, ", request ID {}", self.request_id)?;
        }
        f.write_str(")")?;
        match self.message.trim_end_matches('.') {
            "" => Ok(()),
            message => write!(f, ": {message}"),
        }
    }
}

/// Classification of an API error for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The access key ID does not exist.
    NoSuchKey,
    /// The access key is disabled.
    DisabledKey,
    /// The signature does not match the access key secret.
    WrongSecret,
    /// The security token has expired or is invalid.
    InvalidSecurityToken,
    /// The timestamp is too far from the API's time: a clock is wrong.
    WrongClock,
    /// The nonce was used before. A retry with a new nonce can succeed.
    NonceUsed,
    /// No RAM policy allows the action.
    PermissionDenied,
    /// The rate limit is exceeded. A retry after a delay can succeed.
    Throttled,
    /// The region does not exist.
    NoSuchRegion,
    /// The endpoint is that of another region.
    WrongEndpoint,
    /// The role does not exist.
    NoSuchRole,
    /// STS rejected the OIDC token.
    InvalidOidcToken,
    /// A fault of the API. A retry can succeed.
    ServerFault,
    /// Any other error.
    Other,
}

impl ApiError {
    /// Classifies the error by its code or, if the code is not known, by its HTTP status.
    ///
    /// The codes come from the API's list of errors, and from the list of common errors of
    /// all Alibaba Cloud APIs.
    pub fn kind(&self) -> ErrorKind {
        match self.code.as_str() {
            "InvalidAccessKeyId.NotFound" => ErrorKind::NoSuchKey,
            "InvalidAccessKeyId.Inactive" => ErrorKind::DisabledKey,
            "SignatureDoesNotMatch" => ErrorKind::WrongSecret,
            "InvalidTimeStamp.Expired" => ErrorKind::WrongClock,
            "SignatureNonceUsed" => ErrorKind::NonceUsed,
            "Forbidden.RAM" | "NoPermission" | "Forbidden" => ErrorKind::PermissionDenied,
            "InvalidRegionId.NotFound" => ErrorKind::NoSuchRegion,
            "RegionIdNotMatchHost" | "InvalidOperation.NotSupportedEndpoint" => {
                ErrorKind::WrongEndpoint
            }
            "EntityNotExist.Role" => ErrorKind::NoSuchRole,
            "MissingSecurityToken" => ErrorKind::InvalidSecurityToken,
            code if code.starts_with("InvalidSecurityToken") => ErrorKind::InvalidSecurityToken,
            code if code.starts_with("AuthenticationFail") => ErrorKind::InvalidOidcToken,
            code if code.contains("Throttling") => ErrorKind::Throttled,
            "ServiceUnavailable" | "InternalError" => ErrorKind::ServerFault,
            _ if self.status >= 500 => ErrorKind::ServerFault,
            _ => ErrorKind::Other,
        }
    }

    /// Creates the API error of a response, if it has a code. `redact` removes secrets that
    /// were sent in the request.
    pub(crate) fn of(
        status: u16,
        head: &Head,
        body: &[u8],
        redact: impl Fn(&str) -> String,
    ) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Detail {
            access_denied_detail: StrictObject<AccessDenied>,
        }

        let has_letter = |code: &&str| code.contains(|c: char| c.is_ascii_alphabetic());
        let codes = [&head.code, &head.error_code].into_iter();
        let mut codes = codes.filter(|code| is_failure(code)).map(Scalar::as_str);
        let code = codes.find(has_letter)?;
        let message = match head.message.as_str() {
            "" => head.error_message.as_str(),
            message => message,
        };
        // Parsed separately: without it, the error is complete.
        let detail = serde_json::from_slice::<Detail>(body).ok();
        let detail = detail.map(|detail| detail.access_denied_detail.0);
        let clean = |text: &str| sanitize(&redact(text));
        Some(Self {
            status,
            code: clean(code),
            message: clean(strip_string_to_sign(message)),
            request_id: clean(head.request_id.as_str()),
            recommend: clean(head.recommend.as_str()),
            access_denied: detail.map(|detail| Box::new(detail.redacted(&redact))),
        })
    }
}

/// Fields of responses of all operations. Gateways in front of the API write names in lower
/// case, and some of Alibaba Cloud's APIs report errors in other fields than this one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Head {
    #[serde(alias = "code")]
    code: Scalar,
    #[serde(alias = "message")]
    message: Scalar,
    #[serde(alias = "requestId")]
    pub(super) request_id: Scalar,
    recommend: Scalar,
    #[serde(alias = "success")]
    success: Scalar,
    #[serde(alias = "errorCode")]
    error_code: Scalar,
    #[serde(alias = "errorMessage")]
    error_message: Scalar,
    #[serde(alias = "error", alias = "Errors", alias = "errors")]
    error: Scalar,
    #[serde(alias = "httpStatusCode", alias = "StatusCode", alias = "statusCode")]
    http_status_code: Scalar,
    #[serde(alias = "totalCount")]
    total_count: Scalar,
    #[serde(alias = "nextToken")]
    next_token: Scalar,
    #[serde(alias = "isTruncated")]
    is_truncated: Scalar,
}

impl Head {
    /// Returns true if the response is an error, regardless of the HTTP status.
    pub(crate) fn is_error(&self) -> bool {
        [&self.code, &self.error_code, &self.error]
            .into_iter()
            .any(is_failure)
            || self.success.as_bool() == Some(false)
            || self.http_status_code.as_count() >= Some(400)
    }

    /// Validates that the response has all entries of a list, and not only `entries`.
    ///
    /// # Errors
    ///
    /// Returns a clause with the response as "it".
    pub(crate) fn check_complete(&self, entries: usize) -> Result<(), String> {
        if let Some(total) = self.total_count.as_count().filter(|total| *total > entries) {
            return Err(format!(
                "it is incomplete: TotalCount is {total}, but its list has {entries}"
            ));
        }
        let has_token = self.next_token == Scalar::Other || !self.next_token.as_str().is_empty();
        if has_token || self.is_truncated.as_bool() == Some(true) {
            return Err("it is incomplete: it announces more entries".to_owned());
        }
        Ok(())
    }
}

/// Returns true if a code is not one of success.
fn is_failure(code: &Scalar) -> bool {
    match code {
        Scalar::Absent => false,
        // Some of Alibaba Cloud's APIs return one of these codes on success.
        Scalar::Text(code) => !["", "200", "OK", "Success"].contains(&code.as_str()),
        Scalar::Other => true,
    }
}

/// Removes the string to sign, which the API repeats if a signature does not match. It
/// contains the security token.
fn strip_string_to_sign(message: &str) -> &str {
    let lower = message.to_ascii_lowercase();
    match lower.find("string to sign") {
        // `to_ascii_lowercase` does not change byte offsets.
        Some(start) => message[..start].trim_end_matches("server ").trim_end(),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::json;

    fn read(body: &str) -> Option<ApiError> {
        let head = json::read(body.as_bytes()).ok()?;
        ApiError::of(400, &head, body.as_bytes(), str::to_owned)
    }

    #[test]
    fn api_error_with_code_message_and_request_id_is_parsed() {
        let body = r#"{"RequestId": "R-1", "HostId": "h", "Code": "InvalidParam",
            "Message": "Bad\nparameter.", "Recommend": "https://example.com"}"#;
        let expected = ApiError {
            status: 400,
            code: "InvalidParam".to_owned(),
            message: "Bad parameter.".to_owned(),
            request_id: "R-1".to_owned(),
            recommend: "https://example.com".to_owned(),
            access_denied: None,
        };
        assert_eq!(read(body), Some(expected));
        for other in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"Code": 7}"#,
            r#"{"Code": null}"#,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn error_code_takes_precedence_over_http_status() {
        for (status, code, expected) in [
            (400, "Throttling.User", ErrorKind::Throttled),
            (503, "Rejected.Throttling", ErrorKind::Throttled),
            (503, "ServiceUnavailable", ErrorKind::ServerFault),
            (403, "InvalidParam", ErrorKind::Other),
            (403, "Forbidden.RAM", ErrorKind::PermissionDenied),
            (403, "Forbidden.Other", ErrorKind::Other),
            (
                400,
                "InvalidSecurityToken.Expired",
                ErrorKind::InvalidSecurityToken,
            ),
        ] {
            let error = ApiError {
                status,
                code: code.to_owned(),
                message: String::new(),
                request_id: String::new(),
                recommend: String::new(),
                access_denied: None,
            };
            assert_eq!(error.kind(), expected, "{status} {code}");
        }
    }

    #[test]
    fn string_to_sign_in_message_is_removed() {
        for message in [
            "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&SecurityToken%3Dgoldfish",
            "Specified signature is not matched with our calculation. Server String To Sign is goldfish",
        ] {
            let body = serde_json::json!({"Code": "SignatureDoesNotMatch", "Message": message});
            let message = read(&body.to_string()).unwrap().message;
            assert!(!message.contains("goldfish"), "{message}");
            assert!(
                message.starts_with("Specified signature is not matched"),
                "{message}"
            );
        }
    }
}
