//! What the address of an API may be.

use crate::terraform::Diagnostic;
use aliyun::http::protocol::Protocol;
use aliyun::rpc::endpoint::InvalidEndpoint;
use aliyun::rpc::endpoint::{Endpoint, RegionalEndpoint};
use aliyun::text::debug_quote;

/// The longest address of an API, in characters: the name of a host has 253 at most.
const LONGEST_ENDPOINT: usize = 512;

/// The address of an API, which `name` says. `protocol` is for one that names no
/// scheme.
///
/// What should be an endpoint is not shown again where it may hold a password,
/// which stands in front of an `@`, whatever else is wrong with it.
pub(super) fn fixed(text: &str, name: &str, protocol: Protocol) -> Result<Endpoint, Diagnostic> {
    check_length(text, name)?;
    Endpoint::parse(text, protocol).map_err(|error| invalid_endpoint(text, name, error))
}

/// The address of an API in each region; none where it names no region.
pub(super) fn regional(
    text: &str,
    name: &str,
    protocol: Protocol,
) -> Result<Option<RegionalEndpoint>, Diagnostic> {
    check_length(text, name)?;
    RegionalEndpoint::parse(text, protocol).map_err(|error| invalid_endpoint(text, name, error))
}

fn check_length(text: &str, name: &str) -> Result<(), Diagnostic> {
    let length = text.chars().count();
    if length > LONGEST_ENDPOINT {
        let detail =
            format!("\"{name}\" has {length} characters, and may have {LONGEST_ENDPOINT} at most.");
        return Err(Diagnostic::error("Invalid endpoint", detail));
    }
    Ok(())
}

fn invalid_endpoint(text: &str, name: &str, error: InvalidEndpoint) -> Diagnostic {
    let detail = if text.contains('@') {
        format!("\"{name}\" is invalid: {error}.")
    } else {
        format!("\"{name}\" is {}, but {error}.", debug_quote(text))
    };
    Diagnostic::error("Invalid endpoint", detail)
}
