//! Faults that can be had over HTTP while the emulator runs.

use std::num::NonZeroU32;
use std::time::Duration;

use hyper::StatusCode;
use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reply::{Length, Reply};

/// What can go wrong with a call on a bad day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
// Unknown fields are refused in variants with braces only.
pub enum Fault {
    /// The API refuses the call as one too many.
    Throttle {
        /// 400 unless told; the API may also say 429 or 503.
        #[serde(default = "bad_request", deserialize_with = "status")]
        status: u16,
        /// Told in `x-acs-retry-after`, if at all.
        retry_after_ms: Option<u64>,
    },
    /// The API answers with an error.
    Http {
        /// Its status.
        #[serde(deserialize_with = "status")]
        status: u16,
        /// Its code: `ServiceUnavailable` with a 503 and `InternalError` with
        /// any other status unless told.
        code: Option<String>,
    },
    /// A gateway answers with a page.
    Html {
        /// 502 unless told.
        #[serde(default = "bad_gateway", deserialize_with = "status")]
        status: u16,
    },
    /// The connection is reset in the place of an answer.
    Reset {},
    /// The answer ends in its middle.
    Truncate {},
    /// The answer stops in its middle, and the connection stays open.
    Stall {},
    /// The connection stays open without any answer.
    Hang {},
    /// The answer comes byte by byte.
    Trickle {
        /// The time between bytes, a second unless told.
        #[serde(default = "a_second")]
        every_ms: u64,
    },
    /// The answer is neither JSON nor text.
    Garbage {},
    /// The answer does not end.
    Endless {},
    /// The answer has no body.
    Empty {
        /// 200 unless told.
        #[serde(default = "ok", deserialize_with = "status")]
        status: u16,
    },
}

/// A fault for calls to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct ScriptedFault {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: Fault,
    /// How often.
    pub times: NonZeroU32,
    /// With calls of which action; of any when absent.
    pub action: Option<String>,
}

impl From<Fault> for ScriptedFault {
    /// Once, with a call of any action.
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

    // A flattened field would let misspelled names through.
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
    /// What the emulator does with the call.
    ///
    /// # Panics
    ///
    /// When the status is not one of HTTP, 100 to 999.
    pub(super) fn answer(&self) -> Reply {
        match self {
            Self::Throttle {
                status,
                retry_after_ms,
            } => Reply::throttled(*status, retry_after_ms.map(Duration::from_millis)),
            Self::Http { status, code } => {
                let is_unavailable = *status == StatusCode::SERVICE_UNAVAILABLE;
                let (usual, message) = if is_unavailable {
                    let message = "The request has failed due to a temporary failure.";
                    ("ServiceUnavailable", message)
                } else {
                    let message = "The request processing has failed due to some unknown error.";
                    ("InternalError", message)
                };
                Reply::error(*status, code.as_deref().unwrap_or(usual), message)
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

/// A status that can end a call.
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
    fn what_is_left_out_has_its_usual_value() {
        for (given, whole) in [
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
            let mut expected = whole;
            expected["times"] = 1.into();
            expected["action"] = Value::Null;
            assert_eq!(serde_json::to_value(read).expect("JSON"), expected);
        }
    }

    #[test]
    fn a_mistake_is_refused() {
        for mistake in [
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
            let read = serde_json::from_value::<ScriptedFault>(mistake.clone());
            assert!(read.is_err(), "{mistake}");
        }
    }
}
