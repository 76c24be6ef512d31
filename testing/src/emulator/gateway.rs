//! Request validation by the API gateway, before an action handles the call.

use std::collections::{BTreeMap, HashSet};

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::accounts::{Accounts, Key};
use super::actions::Action;
use super::error::ApiError;
use super::form;
use super::request::Request;
use super::signature;
use super::signature_v3::{self, Authorization};

/// The accepted difference between the timestamp and the clock.
const MAX_CLOCK_SKEW: Duration = Duration::minutes(15);

/// Validates the parameters common to all actions. Returns the action and, if the
/// request is signed, the account.
///
/// `nonces` holds the nonces of all accepted calls. A rejected call does not use up
/// its nonce.
///
/// Stricter than the API in two ways: `Format` has to be JSON, because the API
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
    let authorization = request.v3().map(parse_authorization).transpose()?;
    if authorization.is_none() {
        expect(request, "Format", "JSON")?;
    }
    if !action.is_signed() {
        check_timestamp(request)?;
        return Ok((action, None));
    }
    let access_key_id = if let Some(authorization) = authorization {
        authorization.credential
    } else {
        let access_key_id = request.require("AccessKeyId")?;
        expect(request, "SignatureMethod", "HMAC-SHA1")?;
        expect(request, "SignatureVersion", "1.0")?;
        access_key_id
    };
    let Some(key) = accounts.key(access_key_id) else {
        let message = "Specified access key is not found.";
        return Err(ApiError::new(404, "InvalidAccessKeyId.NotFound", message));
    };
    check_timestamp(request)?;
    let nonce = request.require("SignatureNonce")?;
    check_security_token(request, key)?;
    match authorization {
        Some(authorization) => check_v3_signature(request, key, authorization)?,
        None => check_rpc_signature(request, key)?,
    }
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
    let sent = request.common("SecurityToken");
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

fn check_rpc_signature(request: &Request, key: &Key) -> Result<(), ApiError> {
    let string_to_sign = signature::string_to_sign(&request.method, &request.parameters);
    if request.require("Signature")? == signature::sign(&key.secret, &string_to_sign) {
        return Ok(());
    }
    Err(no_match(&string_to_sign))
}

fn parse_authorization(header: &str) -> Result<Authorization<'_>, ApiError> {
    let authorization = Authorization::parse(header);
    authorization.ok_or_else(|| incomplete("The header Authorization is not well formatted."))
}

/// Checks that all headers are signed that have to be, the hash of the body, and the
/// signature.
fn check_v3_signature(
    request: &Request,
    key: &Key,
    authorization: Authorization<'_>,
) -> Result<(), ApiError> {
    const CONTENT_HASH: &str = "x-acs-content-sha256";
    let signed: Vec<_> = authorization.signed_headers.split(';').collect();
    if !signed.is_sorted() {
        return Err(incomplete("The signed headers are not sorted."));
    }
    let mut names = request.headers.iter().map(|(name, _)| name.as_str());
    if let Some(name) = names.find(|name| must_be_signed(name) && !signed.contains(name)) {
        return Err(incomplete(&format!("The header {name} is not signed.")));
    }
    let mut needed = signed.iter().chain([&CONTENT_HASH]);
    if let Some(name) = needed.find(|name| request.header(name).is_none()) {
        return Err(incomplete(&format!("The header {name} is missing.")));
    }
    if request.header(CONTENT_HASH) != Some(&signature_v3::sha256(&request.body)) {
        let message = format!("The header {CONTENT_HASH} is not the hash of the body.");
        return Err(ApiError::new(400, "SignatureDoesNotMatch", message));
    }
    let mut query = BTreeMap::new();
    // A malformed query was rejected before.
    let _ = form::decode_into(&mut query, request.query());
    let string_to_sign = signature_v3::string_to_sign(
        &request.method,
        &query,
        &request.headers,
        &request.body,
        authorization.signed_headers,
    );
    if authorization.signature == signature_v3::sign(&key.secret, &string_to_sign) {
        return Ok(());
    }
    Err(no_match(&string_to_sign))
}

/// Returns whether signature V3 has to cover a header: the host, the content type and all
/// headers of the API.
fn must_be_signed(header: &str) -> bool {
    matches!(header, "host" | "content-type") || header.starts_with("x-acs-")
}

fn no_match(string_to_sign: &str) -> ApiError {
    let message = format!(
        "Specified signature is not matched with our calculation. \
         server string to sign is:{string_to_sign}"
    );
    ApiError::new(400, "SignatureDoesNotMatch", message)
}

fn incomplete(message: &str) -> ApiError {
    ApiError::new(400, "IncompleteSignature", message)
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
