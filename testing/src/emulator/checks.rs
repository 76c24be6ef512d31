//! What the API's gateway checks before an action sees a call.

use std::collections::{BTreeMap, HashSet};

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::accounts::{Accounts, Key};
use super::actions::Action;
use super::error::ApiError;
use super::request::Request;
use super::signature;

/// A call whose clock is further off than this is refused.
const MAX_CLOCK_SKEW: Duration = Duration::minutes(15);

/// Checks everything that all actions have in common and tells which action the
/// request is for.
///
/// `nonces` are those of the calls signed well so far, to which the request's is
/// added: a call that is refused for another reason does not use up its nonce.
///
/// Stricter than the API in two things: `Format` has to be `JSON`, because the
/// API answers in XML otherwise, and no parameter may be given twice.
pub(super) fn check(
    request: &Request,
    accounts: &Accounts,
    nonces: &mut HashSet<String>,
    now: OffsetDateTime,
) -> Result<Action, ApiError> {
    check_http(request)?;
    let parameters = &request.parameters;
    let action = Action::named(require(parameters, "Action")?);
    require(parameters, "Version")?;
    let action = action.ok_or_else(api_not_found)?;
    expect(parameters, "Version", action.version())?;
    expect(parameters, "Format", "JSON")?;
    if !action.is_signed() {
        check_timestamp(require(parameters, "Timestamp")?, now)?;
        return Ok(action);
    }
    let key = check_access_key(parameters, accounts)?;
    check_timestamp(require(parameters, "Timestamp")?, now)?;
    let nonce = require(parameters, "SignatureNonce")?;
    check_security_token(parameters, key, now)?;
    check_signature(request, key)?;
    if !nonces.insert(nonce.to_owned()) {
        let message = "Specified signature nonce was used already.";
        return Err(ApiError::new(400, "SignatureNonceUsed", message));
    }
    Ok(action)
}

fn check_http(request: &Request) -> Result<(), ApiError> {
    if !matches!(request.method.as_str(), "GET" | "POST") {
        let message = "This http method is not supported.";
        return Err(ApiError::new(405, "UnsupportedHTTPMethod", message));
    }
    if request.path() != "/" {
        return Err(api_not_found());
    }
    if let Some(error) = &request.malformed {
        return Err(ApiError::new(400, "InvalidParameter", error.to_string()));
    }
    Ok(())
}

fn check_access_key<'a>(
    parameters: &BTreeMap<String, String>,
    accounts: &'a Accounts,
) -> Result<&'a Key, ApiError> {
    let access_key_id = require(parameters, "AccessKeyId")?;
    expect(parameters, "SignatureMethod", "HMAC-SHA1")?;
    expect(parameters, "SignatureVersion", "1.0")?;
    accounts.key(access_key_id).ok_or_else(|| {
        let message = "Specified access key is not found.";
        ApiError::new(404, "InvalidAccessKeyId.NotFound", message)
    })
}

fn check_timestamp(timestamp: &str, now: OffsetDateTime) -> Result<(), ApiError> {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // The length keeps out a signed year, which the parser would take.
    let time = Some(timestamp)
        .filter(|text| text.len() == "2024-10-31T08:15:30Z".len())
        .and_then(|text| PrimitiveDateTime::parse(text, FORMAT).ok());
    let Some(time) = time else {
        let message = "Specified time stamp or date value is not well formatted.";
        return Err(ApiError::new(400, "InvalidTimeStamp.Format", message));
    };
    if (now - time.assume_utc()).abs() > MAX_CLOCK_SKEW {
        let message = "Specified time stamp or date value is expired.";
        return Err(ApiError::new(400, "InvalidTimeStamp.Expired", message));
    }
    Ok(())
}

fn check_security_token(
    parameters: &BTreeMap<String, String>,
    key: &Key,
    now: OffsetDateTime,
) -> Result<(), ApiError> {
    let sent = parameters.get("SecurityToken");
    if sent == key.token.as_ref() {
        if key.end.is_some_and(|end| end <= now) {
            let message = "Specified SecurityToken is expired.";
            return Err(ApiError::new(400, "InvalidSecurityToken.Expired", message));
        }
        return Ok(());
    }
    if sent.is_none() {
        return Err(ApiError::missing("SecurityToken"));
    }
    let message = "Specified SecurityToken is malformed.";
    Err(ApiError::new(
        400,
        "InvalidSecurityToken.Malformed",
        message,
    ))
}

fn check_signature(request: &Request, key: &Key) -> Result<(), ApiError> {
    let sent = require(&request.parameters, "Signature")?;
    let string_to_sign = signature::string_to_sign(&request.method, &request.parameters);
    if sent == signature::sign(&key.secret, &string_to_sign) {
        return Ok(());
    }
    let message = format!(
        "Specified signature is not matched with our calculation. \
         server string to sign is:{string_to_sign}"
    );
    Err(ApiError::new(400, "SignatureDoesNotMatch", message))
}

/// The value of a parameter that must be there; an empty one does not count.
pub(super) fn require<'a>(
    parameters: &'a BTreeMap<String, String>,
    name: &str,
) -> Result<&'a str, ApiError> {
    parameters
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| ApiError::missing(name))
}

/// Checks a parameter that has one good value only.
fn expect(
    parameters: &BTreeMap<String, String>,
    name: &str,
    expected: &str,
) -> Result<(), ApiError> {
    if require(parameters, name)? == expected {
        return Ok(());
    }
    let message = format!("Specified parameter {name} is not valid.");
    Err(ApiError::new(400, &format!("Invalid{name}"), message))
}

fn api_not_found() -> ApiError {
    let message = "Specified api is not found, please check your url and method.";
    ApiError::new(404, "InvalidAction.NotFound", message)
}
