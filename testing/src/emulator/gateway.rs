//! Request validation by the API gateway, before an action handles the call.

use std::collections::HashSet;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::accounts::{Accounts, Key};
use super::actions::Action;
use super::error::ApiError;
use super::request::Request;
use super::signature;

/// The accepted difference between the timestamp and the clock.
const MAX_CLOCK_SKEW: Duration = Duration::minutes(15);

/// Validates the parameters common to all actions. Returns the action and, if the
/// request is signed, the account.
///
/// `nonces` holds the nonces of all accepted calls. A rejected call does not use up
/// its nonce.
///
/// Stricter than the API in two ways: `Format` has to be `JSON`, because the API
/// responds with XML otherwise, and repeated parameters are rejected.
pub(super) fn check<'a>(
    request: &Request,
    accounts: &'a Accounts,
    nonces: &mut HashSet<String>,
) -> Result<(Action, Option<&'a str>), ApiError> {
    check_http(request)?;
    let action = Action::parse(request.require("Action")?);
    request.require("Version")?;
    let action = action.ok_or_else(api_not_found)?;
    expect(request, "Version", action.version())?;
    expect(request, "Format", "JSON")?;
    if !action.is_signed() {
        check_timestamp(request)?;
        return Ok((action, None));
    }
    let access_key_id = request.require("AccessKeyId")?;
    expect(request, "SignatureMethod", "HMAC-SHA1")?;
    expect(request, "SignatureVersion", "1.0")?;
    let Some(key) = accounts.key(access_key_id) else {
        let message = "Specified access key is not found.";
        return Err(ApiError::new(404, "InvalidAccessKeyId.NotFound", message));
    };
    check_timestamp(request)?;
    let nonce = request.require("SignatureNonce")?;
    check_security_token(request, key)?;
    check_signature(request, key)?;
    if !nonces.insert(nonce.to_owned()) {
        let message = "Specified signature nonce was used already.";
        return Err(ApiError::new(400, "SignatureNonceUsed", message));
    }
    Ok((action, Some(&key.account)))
}

fn check_http(request: &Request) -> Result<(), ApiError> {
    if !matches!(request.method.as_str(), "GET" | "POST") {
        let message = "This http method is not supported.";
        return Err(ApiError::new(405, "UnsupportedHTTPMethod", message));
    }
    if request.path() != "/" {
        return Err(api_not_found());
    }
    request.malformed.as_ref().map_or(Ok(()), |error| {
        Err(ApiError::new(400, "InvalidParameter", error.to_string()))
    })
}

fn check_timestamp(request: &Request) -> Result<(), ApiError> {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // The length excludes years with a sign, which the parser accepts.
    let time = Some(request.require("Timestamp")?)
        .filter(|text| text.len() == "2024-10-31T08:15:30Z".len())
        .and_then(|text| PrimitiveDateTime::parse(text, FORMAT).ok());
    let Some(time) = time else {
        let message = "Specified time stamp or date value is not well formatted.";
        return Err(ApiError::new(400, "InvalidTimeStamp.Format", message));
    };
    if (OffsetDateTime::now_utc() - time.assume_utc()).abs() > MAX_CLOCK_SKEW {
        let message = "Specified time stamp or date value is expired.";
        return Err(ApiError::new(400, "InvalidTimeStamp.Expired", message));
    }
    Ok(())
}

fn check_security_token(request: &Request, key: &Key) -> Result<(), ApiError> {
    let sent = request.parameter("SecurityToken");
    let problem = if sent != key.token.as_deref() {
        sent.ok_or_else(|| ApiError::missing("SecurityToken"))?;
        "Malformed"
    } else if key
        .expiration
        .is_some_and(|expiration| expiration <= OffsetDateTime::now_utc())
    {
        "Expired"
    } else {
        return Ok(());
    };
    let code = format!("InvalidSecurityToken.{problem}");
    let message = format!("Specified SecurityToken is {}.", problem.to_lowercase());
    Err(ApiError::new(400, &code, message))
}

fn check_signature(request: &Request, key: &Key) -> Result<(), ApiError> {
    let string_to_sign = signature::string_to_sign(&request.method, &request.parameters);
    if request.require("Signature")? == signature::sign(&key.secret, &string_to_sign) {
        return Ok(());
    }
    let message = format!(
        "Specified signature is not matched with our calculation. \
         server string to sign is:{string_to_sign}"
    );
    Err(ApiError::new(400, "SignatureDoesNotMatch", message))
}

/// Checks a parameter with a single valid value.
fn expect(request: &Request, name: &str, expected: &str) -> Result<(), ApiError> {
    if request.require(name)? == expected {
        return Ok(());
    }
    let message = format!("Specified parameter {name} is not valid.");
    Err(ApiError::new(400, &format!("Invalid{name}"), message))
}

fn api_not_found() -> ApiError {
    let message = "Specified api is not found, please check your url and method.";
    ApiError::new(404, "InvalidAction.NotFound", message)
}
