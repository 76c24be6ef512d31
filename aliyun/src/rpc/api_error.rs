//! An error that an API reports, and what its code means.

use serde::Deserialize;

use crate::rpc::strict::StrictObject;
use crate::text::sanitize;

/// An error that the API reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Names the kind of error, such as `InvalidRegionId.NotFound`.
    pub code: String,
    /// Says it in a sentence. Without secrets and of bounded length.
    pub message: String,
    /// Names the call in a support case. May be empty.
    pub request_id: String,
}

/// What a code means to whoever called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no access key of this ID.
    NoSuchKey,
    /// The access key has been turned off.
    DisabledKey,
    /// The signature is not one of the key's secret.
    WrongSecret,
    /// Temporary credentials have expired or were never good.
    InvalidSecurityToken,
    /// The call is too old, or of the future: a clock is wrong.
    WrongClock,
    /// The nonce was seen before. The same call with another one may pass.
    NonceUsed,
    /// No policy allows the action.
    PermissionDenied,
    /// Too many calls. The same one passes later.
    Throttled,
    /// There is no such region.
    NoSuchRegion,
    /// There is no such type of image.
    NoSuchImageType,
    /// There is no such role.
    NoSuchRole,
    /// The OIDC token does not vouch for the role.
    InvalidOidcToken,
    /// The fault is on the API's side. The same call may pass later.
    ServerFault,
    /// Something else about the call.
    Other,
}

impl ApiError {
    /// What the code means or, where it says nothing, the HTTP status.
    ///
    /// The codes are those of the API's page of errors, and of the page that
    /// all APIs of Alibaba Cloud share.
    pub fn class(&self) -> ErrorKind {
        match self.code.as_str() {
            "InvalidAccessKeyId.NotFound" => ErrorKind::NoSuchKey,
            "InvalidAccessKeyId.Inactive" => ErrorKind::DisabledKey,
            "SignatureDoesNotMatch" => ErrorKind::WrongSecret,
            "InvalidTimeStamp.Expired" => ErrorKind::WrongClock,
            "SignatureNonceUsed" => ErrorKind::NonceUsed,
            "Forbidden.RAM" | "NoPermission" | "Forbidden" => ErrorKind::PermissionDenied,
            "InvalidRegionId.NotFound" => ErrorKind::NoSuchRegion,
            "InvalidImageType.ValueNotSupported" => ErrorKind::NoSuchImageType,
            "EntityNotExist.Role" => ErrorKind::NoSuchRole,
            "MissingSecurityToken" => ErrorKind::InvalidSecurityToken,
            code if code.starts_with("InvalidSecurityToken") => ErrorKind::InvalidSecurityToken,
            code if code.starts_with("AuthenticationFail") => ErrorKind::InvalidOidcToken,
            code if code.contains("Throttling") => ErrorKind::Throttled,
            _ if self.status >= 500 => ErrorKind::ServerFault,
            _ => ErrorKind::Other,
        }
    }

    /// Reads the error that `body` reports, if it reports one. `redact` takes
    /// out what was sent and is secret.
    pub fn read(status: u16, body: &[u8], redact: impl Fn(&str) -> String) -> Option<Self> {
        let StrictObject(body): StrictObject<Body> = serde_json::from_slice(body).ok()?;
        let clean = |text: &str| sanitize(&redact(text));
        Some(Self {
            status,
            code: clean(&body.code),
            message: clean(without_string_to_sign(beginning(&body.message))),
            request_id: clean(&body.request_id),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    #[serde(alias = "code")]
    code: String,
    #[serde(default, alias = "message")]
    message: String,
    #[serde(default, alias = "requestId")]
    request_id: String,
}

/// As much of a text as is looked at, which is more than is shown.
fn beginning(text: &str) -> &str {
    const LONGEST: usize = 64 * 1024;
    &text[..text.floor_char_boundary(LONGEST)]
}

/// The API repeats the text that it signed when a signature does not match. That
/// text holds the security token.
fn without_string_to_sign(message: &str) -> &str {
    let lower = message.to_ascii_lowercase();
    match lower.find("string to sign") {
        // ASCII lower case keeps every byte in its place.
        Some(place) => message[..place].trim_end_matches("server ").trim_end(),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<ApiError> {
        ApiError::read(400, body.as_bytes(), str::to_owned)
    }

    #[test]
    fn code_message_and_request_id_are_read() {
        let body = r#"{"RequestId": "R-1", "HostId": "h", "Code": "InvalidParam",
            "Message": "Bad\nparameter.", "Recommend": "https://example.com"}"#;
        let expected = ApiError {
            status: 400,
            code: "InvalidParam".to_owned(),
            message: "Bad parameter.".to_owned(),
            request_id: "R-1".to_owned(),
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
    fn a_code_goes_before_the_status() {
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
            };
            assert_eq!(error.class(), expected, "{status} {code}");
        }
    }

    #[test]
    fn the_string_to_sign_is_cut_off() {
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
