//! The numbers of the provider block that environment variables can set too, and limits of
//! text.

use std::ops::RangeInclusive;

use crate::provider::validators;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::credentials::sts::{DEFAULT_DURATION, DURATIONS};
use aliyun::http::protocol::Protocol;
use aliyun::rpc::endpoint::EndpointResolver;
use aliyun::text::debug_quote;

/// An argument whose value is a whole number.
pub(super) struct NumberArgument {
    pub(super) name: &'static str,
    /// The argument replaces it, unless it is a variable of this provider (`SWAS_`).
    pub(super) variable: &'static str,
    pub(super) range: RangeInclusive<u64>,
    pub(super) unit: &'static str,
    pub(super) default: u64,
}

/// A day, in seconds.
const DAY: u64 = 86_400;

/// Ten minutes, in milliseconds.
const TEN_MINUTES: u64 = 600_000;

pub(super) const CACHE_MAX_AGE: NumberArgument = NumberArgument {
    name: "cache_max_age",
    variable: "SWAS_CACHE_MAX_AGE",
    range: 1..=DAY,
    unit: "seconds",
    default: 60,
};

pub(super) const SESSION_EXPIRATION: NumberArgument = NumberArgument {
    name: "session_expiration",
    variable: "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",
    range: DURATIONS,
    unit: "seconds",
    default: DEFAULT_DURATION,
};

pub(super) const CONNECT_TIMEOUT: NumberArgument = NumberArgument {
    name: "client_connect_timeout",
    variable: "CLIENT_CONNECT_TIMEOUT",
    range: 1..=TEN_MINUTES,
    unit: "milliseconds",
    default: 10_000,
};

pub(super) const READ_TIMEOUT: NumberArgument = NumberArgument {
    name: "client_read_timeout",
    variable: "CLIENT_READ_TIMEOUT",
    range: 1..=TEN_MINUTES,
    unit: "milliseconds",
    default: 30_000,
};

pub(super) const RETRY_TIMEOUT: NumberArgument = NumberArgument {
    name: "max_retry_timeout",
    variable: "MAX_RETRY_TIMEOUT",
    range: 0..=DAY,
    unit: "seconds",
    // Some minutes, because the API's quota is per minute.
    default: 300,
};

/// The directory for shared responses.
pub(super) const CACHE_DIR: &str = "SWAS_CACHE_DIR";

/// Session name of roles that configure none.
pub(super) const DEFAULT_SESSION_NAME: &str = "terraform";

/// Maximum length of the path of a directory, in characters: that of Linux.
pub(super) const MAX_PATH_LENGTH: usize = 4096;

/// Maximum length of an external ID, in characters.
pub(super) const MAX_EXTERNAL_ID_LENGTH: usize = 1224;

/// Returns a validator of text of limited length without control characters.
pub(super) fn text_up_to(
    max_length: usize,
) -> impl Fn(&str, &AttributePath) -> Result<String, Diagnostic> {
    move |text, path| {
        validators::no_control_chars(text, path)?;
        validators::max_length(text, path, max_length)
    }
}

/// Maximum length of an endpoint, in characters: a host name has up to 253.
const MAX_ENDPOINT_LENGTH: usize = 512;

/// Validates an endpoint. Text with an `@` is not quoted, because a password precedes it.
pub(super) fn endpoint(
    text: &str,
    path: &AttributePath,
    protocol: Protocol,
) -> Result<EndpointResolver, Diagnostic> {
    let length = text.chars().count();
    if length > MAX_ENDPOINT_LENGTH {
        let detail = format!(
            "\"{path}\" has {length} characters, but may have at most {MAX_ENDPOINT_LENGTH}."
        );
        return Err(Diagnostic::error("Invalid endpoint", detail).at(path.clone()));
    }
    EndpointResolver::parse(text, protocol).map_err(|error| {
        let detail = if text.contains('@') {
            format!("\"{path}\" is invalid: {error}.")
        } else {
            format!("\"{path}\" is {}, but {error}.", debug_quote(text))
        };
        Diagnostic::error("Invalid endpoint", detail).at(path.clone())
    })
}
