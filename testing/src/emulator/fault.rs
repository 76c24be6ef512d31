//! Faults that can be scripted over HTTP.

use std::num::NonZeroU32;
use std::time::Duration;

use hyper::StatusCode;
use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reply::{Length, Reply};

/// A failure of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
// `deny_unknown_fields` works for variants with braces only.
pub enum Fault {
    /// The API throttles the call.
    Throttle {
        /// The HTTP status. Defaults to 400; the API also uses 429 and 503.
        #[serde(default = "bad_request", deserialize_with = "status")]
        status: u16,
        /// The value of `x-acs-retry-after`, if any.
        retry_after_ms: Option<u64>,
    },
    /// The API returns an error.
    Http {
        /// The HTTP status.
        #[serde(deserialize_with = "status")]
        status: u16,
        /// The error code. Defaults to `ServiceUnavailable` with a 503 and to
        /// `InternalError` with any other status.
        code: Option<String>,
    },
    /// A gateway returns an HTML page.
    Html {
        /// The HTTP status. Defaults to 502.
        #[serde(default = "bad_gateway", deserialize_with = "status")]
        status: u16,
    },
    /// The connection is reset instead of a response.
    Reset {},
    /// The connection is closed in the middle of the response.
    Truncate {},
    /// The response stops in the middle, and the connection stays open.
    Stall {},
    /// The connection stays open without a response.
    Hang {},
    /// The response is sent byte by byte.
    Trickle {
        /// The time between bytes. Defaults to a second.
        #[serde(default = "a_second")]
        every_ms: u64,
    },
    /// The response is neither JSON nor text.
    Garbage {},
    /// The response does not end.
    Endless {},
    /// The response has no body.
    Empty {
        /// The HTTP status. Defaults to 200.
        #[serde(default = "ok", deserialize_with = "status")]
        status: u16,
    },
}

/// A fault for future calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct ScriptedFault {
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// The number of calls that fail.
    pub times: NonZeroU32,
    /// The action whose calls fail. `None` means any.
    pub action: Option<String>,
}

impl From<Fault> for ScriptedFault {
    /// Applies the fault to one call of any action.
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            times: NonZeroU32::MIN,
            action: None,
        }
    }
}

impl TryFrom<Map<String, Value>> for ScriptedFault {
    type Error = serde_json::Error;

    // A derived `Deserialize` with a flattened field accepts unknown fields.
    fn try_from(mut fields: Map<String, Value>) -> Result<Self, Self::Error> {
        let times = fields.remove("times").map(serde_json::from_value);
        let action = fields.remove("action").map(serde_json::from_value);
        Ok(Self {
            times: times.unwrap_or(Ok(NonZeroU32::MIN))?,
            action: action.unwrap_or(Ok(None))?,
            fault: serde_json::from_value(fields.into())?,
        })
    }
}

impl Fault {
    /// The reply that causes the fault.
    ///
    /// # Panics
    ///
    /// Panics if the status is not an HTTP status, 100 to 999.
    pub(super) fn reply(&self) -> Reply {
        match self {
            Self::Throttle {
                status,
                retry_after_ms,
            } => Reply::throttled(*status, retry_after_ms.map(Duration::from_millis)),
            Self::Http { status, code } => {
                let is_unavailable = *status == StatusCode::SERVICE_UNAVAILABLE;
                let (default, message) = if is_unavailable {
                    let message = "The request has failed due to a temporary failure.";
                    ("ServiceUnavailable", message)
                } else {
                    let message = "The request processing has failed due to some unknown error.";
                    ("InternalError", message)
                };
                Reply::error(*status, code.as_deref().unwrap_or(default), message)
            }
            Self::Html { status } => Reply::html(
                *status,
                &format!("<html><body><h1>{status}</h1></body></html>\n"),
            ),
            Self::Reset {} => Reply::reset(),
            Self::Truncate {} => Reply::normal().truncated(),
            Self::Stall {} => Reply::normal().stalled(),
            Self::Hang {} => Reply::hang(),
            Self::Trickle { every_ms } => {
                Reply::normal().trickled(Duration::from_millis(*every_ms))
            }
            Self::Garbage {} => Reply::json(b"\x1f\x8b\x08\x00\xff\xfe{\"Images\":\x00".as_slice()),
            Self::Endless {} => Reply::blanks(u64::MAX, Length::Unannounced),
            Self::Empty { status } => Reply::raw(*status, ""),
        }
    }
}

fn ok() -> u16 {
    200
}

fn bad_request() -> u16 {
    400
}

fn bad_gateway() -> u16 {
    502
}

fn a_second() -> u64 {
    1000
}

/// Deserializes the status of a final response.
fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(deserializer)?;
    if (200..=599).contains(&status) {
        return Ok(status);
    }
    let found = Unexpected::Unsigned(status.into());
    Err(D::Error::invalid_value(found, &"a status from 200 to 599"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn omitted_fault_fields_have_defaults() {
        for (given, expanded) in [
            (
                json!({"fault": "throttle"}),
                json!({"fault": "throttle", "status": 400, "retry_after_ms": null}),
            ),
            (
                json!({"fault": "html"}),
                json!({"fault": "html", "status": 502}),
            ),
            (
                json!({"fault": "trickle"}),
                json!({"fault": "trickle", "every_ms": 1000}),
            ),
            (
                json!({"fault": "empty"}),
                json!({"fault": "empty", "status": 200}),
            ),
            (json!({"fault": "reset"}), json!({"fault": "reset"})),
        ] {
            let read: ScriptedFault = serde_json::from_value(given).expect("a fault");
            let mut expected = expanded;
            expected["times"] = 1.into();
            expected["action"] = Value::Null;
            assert_eq!(serde_json::to_value(read).expect("JSON"), expected);
        }
    }

    #[test]
    fn invalid_faults_are_rejected() {
        for invalid in [
            json!({"fault": "thottle"}),
            json!({"fault": "http"}),
            json!({"fault": "http", "status": 99}),
            json!({"fault": "http", "status": 600}),
            json!({"fault": "reset", "status": 500}),
            json!({"fault": "reset", "time": 2}),
            json!({"fault": "reset", "times": 0}),
            json!({"times": 2}),
            json!(["reset"]),
        ] {
            let result = serde_json::from_value::<ScriptedFault>(invalid.clone());
            assert!(result.is_err(), "{invalid}");
        }
    }
}
