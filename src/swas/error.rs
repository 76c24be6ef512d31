//! What went wrong with a call.

use std::time::Duration;

use serde::Deserialize;

use super::credentials::CredentialsError;
use super::record::Record;
use super::region::RegionId;

/// The longest text taken from an answer into an error, in characters.
const LONGEST_TEXT: usize = 500;

/// A call that gave no result.
#[derive(Debug, thiserror::Error)]
#[error("{action} in {region} at {host}: {kind}")]
pub struct Error {
    /// The action that was called.
    pub action: &'static str,
    /// The region that was asked about.
    pub region: RegionId,
    /// The host that was called, with its port unless it is the usual one.
    pub host: String,
    /// What happened.
    pub kind: ErrorKind,
}

impl Error {
    /// The API's code for what happened, if it is the API that refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Api(error) => Some(&error.code),
            _ => None,
        }
    }
}

/// What happened to a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The API answered that it would not do it.
    #[error("HTTP {} {}: {}", .0.status, .0.code, .0.message)]
    Api(ApiError),
    /// No connection came about.
    #[error("cannot connect: {reason}")]
    Connect {
        /// As the network or TLS library says it.
        reason: String,
    },
    /// No connection came about in time.
    #[error("no connection within {} ms", limit.as_millis())]
    ConnectTimeout {
        /// The time allowed.
        limit: Duration,
    },
    /// Nothing, or nothing more, came over the connection in time.
    #[error("no answer within {} ms", limit.as_millis())]
    ReadTimeout {
        /// The time allowed.
        limit: Duration,
    },
    /// The answer kept coming and did not end in time.
    #[error("no complete answer within {} s", limit.as_secs())]
    AnswerTimeout {
        /// The time allowed.
        limit: Duration,
    },
    /// The connection broke before the answer was complete.
    #[error("the connection broke: {reason}")]
    Broken {
        /// As the network library says it.
        reason: String,
    },
    /// The answer says to ask elsewhere, which is not done.
    #[error("HTTP {status}, a redirect")]
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Scheme, host and port to ask instead, if the answer names them.
        to: Option<String>,
    },
    /// The answer has no content.
    #[error("HTTP {status} with an empty body")]
    Empty {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not JSON.
    #[error("HTTP {status} with a body that is not JSON")]
    NotJson {
        /// The HTTP status.
        status: u16,
        /// The media type that the answer says it has, without parameters.
        content_type: Option<String>,
    },
    /// The answer is JSON, and neither a result nor an error of the API.
    #[error("HTTP {status}, malformed: {reason}")]
    Malformed {
        /// The HTTP status.
        status: u16,
        /// What is wrong, without quoting the answer.
        reason: String,
    },
    /// The answer is longer than any that makes sense.
    #[error("the answer is longer than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// There is nothing to sign with. Nothing was sent.
    #[error(transparent)]
    Credentials(Box<CredentialsError>),
    /// Nothing could be sent.
    #[error("cannot make a request: {reason}")]
    Local {
        /// As the library says it.
        reason: String,
    },
}

impl ErrorKind {
    /// Whether the API refuses temporary credentials as such, because they have
    /// expired or were never good.
    #[must_use]
    pub fn is_invalid_security_token(&self) -> bool {
        matches!(self, Self::Api(error) if error.code.starts_with("InvalidSecurityToken"))
    }
}

impl From<CredentialsError> for ErrorKind {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(Box::new(error))
    }
}

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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    request_id: String,
}

impl ApiError {
    /// Reads the error that `body` reports, if it reports one. `redact` takes
    /// out what was sent and is secret.
    #[must_use]
    pub fn read(status: u16, body: &[u8], redact: impl Fn(&str) -> String) -> Option<Self> {
        let Record(body): Record<Body> = serde_json::from_slice(body).ok()?;
        let clean = |text: &str| presentable(&redact(text));
        Some(Self {
            status,
            code: clean(&body.code),
            message: clean(without_string_to_sign(&body.message)),
            request_id: clean(&body.request_id),
        })
    }
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

/// Control characters, and those that end a line or turn its direction around.
fn breaks_the_line(c: char) -> bool {
    let turns = [
        '\u{200e}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2066}'..='\u{2069}',
    ];
    c.is_control() || turns.iter().any(|range| range.contains(&c))
}

/// Text from outside as part of a sentence: of bounded length, on one line.
#[must_use]
pub fn presentable(text: &str) -> String {
    let mut clean: String = text
        .chars()
        .map(|c| if breaks_the_line(c) { ' ' } else { c })
        .take(LONGEST_TEXT)
        .collect();
    if text.chars().nth(LONGEST_TEXT).is_some() {
        clean.push('…');
    }
    clean.trim().to_owned()
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
    fn the_string_to_sign_is_cut_off() {
        for message in [
            "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&SecurityToken%3Dgoldfish",
            "Specified signature is not matched with our calculation. Server String To Sign is goldfish",
        ] {
            let body = serde_json::json!({"Code": "SignatureDoesNotMatch", "Message": message});
            let error = read(&body.to_string()).unwrap();
            assert!(!error.message.contains("goldfish"), "{}", error.message);
            assert!(
                error
                    .message
                    .starts_with("Specified signature is not matched"),
                "{}",
                error.message
            );
        }
    }

    #[test]
    fn long_text_is_cut() {
        let long = "镜".repeat(LONGEST_TEXT + 1);
        assert_eq!(presentable(&long).chars().count(), LONGEST_TEXT + 1);
        assert!(presentable(&long).ends_with('…'));
    }
}
