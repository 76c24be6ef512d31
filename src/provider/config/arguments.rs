//! The arguments of the provider block that environment variables can set too: names,
//! variables, parsers and defaults.
//!
//! The deprecated names of variables are in [`aliyun::env`]. Sources of credentials have no
//! row: the default chain reads their variables, and only if the block names no source.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::provider::validators;
use crate::terraform::{AttributePath, Diagnostic, Number};
use aliyun::credentials::sts::{DEFAULT_DURATION, DURATIONS};
use aliyun::env;
use aliyun::http::client::ClientSettings;
use aliyun::http::protocol::Protocol;
use aliyun::rpc::endpoint::EndpointResolver;
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// An argument whose value is text.
pub(super) struct TextArgument<P> {
    pub(super) name: &'static str,
    /// Variables, in order of precedence.
    pub(super) variables: &'static [&'static str],
    pub(super) parse: P,
}

/// Parser of text.
pub(super) type ParseText<T> = fn(&str, &AttributePath) -> Result<T, Diagnostic>;

/// An argument whose value is a number.
pub(super) struct NumberArgument<T> {
    pub(super) name: &'static str,
    pub(super) variable: &'static str,
    /// True if the argument replaces the variable.
    pub(super) is_deprecated: bool,
    pub(super) parse: fn(Number, &AttributePath) -> Result<T, Diagnostic>,
    pub(super) default: T,
}

pub(super) const CACHE_DIR: TextArgument<ParseText<String>> = TextArgument {
    name: "cache_dir",
    variables: &["SWAS_CACHE_DIR"],
    parse: |text, path| {
        validators::no_control_chars(text, path)?;
        validators::max_length(text, path, MAX_PATH_LENGTH)
    },
};

/// Maximum length of the path of a directory, in characters: that of Linux.
const MAX_PATH_LENGTH: usize = 4096;

/// Range of the maximum age of shared responses, in seconds: up to a day.
const MAX_AGES: RangeInclusive<u64> = 1..=86_400;

pub(super) const CACHE_MAX_AGE: NumberArgument<Duration> = NumberArgument {
    name: "cache_max_age",
    variable: "SWAS_CACHE_MAX_AGE",
    is_deprecated: false,
    parse: |number, path| {
        validators::integer_between(number, path, &MAX_AGES, "seconds").map(Duration::from_secs)
    },
    default: Duration::from_mins(1),
};

pub(super) const REGION: TextArgument<ParseText<RegionId>> = TextArgument {
    name: "region",
    variables: &env::REGION,
    parse: validators::region,
};

pub(super) const ROLE_ARN: TextArgument<ParseText<String>> = TextArgument {
    name: "role_arn",
    variables: &[env::ROLE_ARN],
    parse: |text, path| validators::arn(text, path, "role"),
};

pub(super) const SESSION_NAME: TextArgument<ParseText<String>> = TextArgument {
    name: "session_name",
    variables: &[env::SESSION_NAME],
    parse: validators::session_name,
};

pub(super) const OIDC_SESSION_NAME: TextArgument<ParseText<String>> = TextArgument {
    name: "role_session_name",
    ..SESSION_NAME
};

/// Session name of roles that configure none.
pub(super) const DEFAULT_SESSION_NAME: &str = "terraform";

pub(super) const SESSION_EXPIRATION: NumberArgument<u32> = NumberArgument {
    name: "session_expiration",
    variable: "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",
    is_deprecated: true,
    parse: |number, path| validators::integer_between(number, path, &DURATIONS, "seconds"),
    default: DEFAULT_DURATION,
};

/// Maximum length of an external ID, in characters.
const MAX_EXTERNAL_ID_LENGTH: usize = 1224;

pub(super) const EXTERNAL_ID: TextArgument<ParseText<String>> = TextArgument {
    name: "external_id",
    variables: &[env::EXTERNAL_ID],
    parse: |text, path| {
        validators::no_control_chars(text, path)?;
        validators::max_length(text, path, MAX_EXTERNAL_ID_LENGTH)
    },
};

pub(super) const OIDC_PROVIDER_ARN: TextArgument<ParseText<String>> = TextArgument {
    name: "oidc_provider_arn",
    variables: &[env::OIDC_PROVIDER_ARN],
    parse: |text, path| validators::arn(text, path, "oidc-provider"),
};

/// Range of the timeouts, in milliseconds: up to ten minutes.
const TIMEOUTS: RangeInclusive<u64> = 1..=600_000;

pub(super) const CONNECT_TIMEOUT: NumberArgument<Duration> = NumberArgument {
    name: "client_connect_timeout",
    variable: "CLIENT_CONNECT_TIMEOUT",
    is_deprecated: true,
    parse: timeout,
    default: ClientSettings::CONNECT_TIMEOUT,
};

pub(super) const READ_TIMEOUT: NumberArgument<Duration> = NumberArgument {
    name: "client_read_timeout",
    variable: "CLIENT_READ_TIMEOUT",
    is_deprecated: true,
    parse: timeout,
    default: ClientSettings::READ_TIMEOUT,
};

/// Range of the retry limit, in seconds: up to a day.
const RETRY_TIMEOUTS: RangeInclusive<u64> = 0..=86_400;

pub(super) const RETRY_TIMEOUT: NumberArgument<Duration> = NumberArgument {
    name: "max_retry_timeout",
    variable: "MAX_RETRY_TIMEOUT",
    is_deprecated: true,
    parse: |number, path| {
        validators::integer_between(number, path, &RETRY_TIMEOUTS, "seconds")
            .map(Duration::from_secs)
    },
    // Some minutes, because the API's quota is per minute.
    default: Duration::from_mins(5),
};

fn timeout(number: Number, path: &AttributePath) -> Result<Duration, Diagnostic> {
    validators::integer_between(number, path, &TIMEOUTS, "milliseconds").map(Duration::from_millis)
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
