//! What the actions of STS do.

use std::collections::BTreeMap;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::accounts::Accounts;
use super::checks::require;
use super::error::ApiError;

/// How long a role's credentials may hold, in seconds.
const DURATIONS: std::ops::RangeInclusive<i64> = 900..=43200;

type Parameters = BTreeMap<String, String>;

/// Hands out the credentials of any role.
pub(super) fn assume_role(
    parameters: &Parameters,
    accounts: &mut Accounts,
    now: OffsetDateTime,
    request_id: &str,
) -> Result<Vec<u8>, ApiError> {
    grant("role", parameters, accounts, now, request_id)
}

/// Hands out the credentials of any role to whoever has the one good token.
pub(super) fn assume_role_with_oidc(
    parameters: &Parameters,
    oidc_token: &str,
    accounts: &mut Accounts,
    now: OffsetDateTime,
    request_id: &str,
) -> Result<Vec<u8>, ApiError> {
    require(parameters, "OIDCProviderArn")?;
    if require(parameters, "OIDCToken")? != oidc_token {
        let message = "This JWT token is invalid.";
        return Err(ApiError::new(
            400,
            "AuthenticationFail.OIDCToken.Invalid",
            message,
        ));
    }
    grant("oidc", parameters, accounts, now, request_id)
}

fn grant(
    origin: &str,
    parameters: &Parameters,
    accounts: &mut Accounts,
    now: OffsetDateTime,
    request_id: &str,
) -> Result<Vec<u8>, ApiError> {
    let arn = require(parameters, "RoleArn")?;
    let session = require(parameters, "RoleSessionName")?;
    let role = arn.strip_prefix("acs:ram::").and_then(|rest| {
        let (account, role) = rest.split_once(":role/")?;
        (!account.is_empty() && !role.is_empty()).then_some(role)
    });
    let Some(role) = role else {
        let message = "The parameter RoleArn is wrongly formed.";
        return Err(ApiError::new(400, "InvalidParameter.RoleArn", message));
    };
    let seconds = parameters
        .get("DurationSeconds")
        .map_or("3600", String::as_str);
    let seconds = seconds.parse().ok().filter(|n| DURATIONS.contains(n));
    let Some(seconds) = seconds else {
        let message = "The Min/Max value of DurationSeconds is 15min/12hr.";
        return Err(ApiError::new(
            400,
            "InvalidParameter.DurationSeconds",
            message,
        ));
    };
    let issued = accounts.issue(&format!("{origin}-{role}"), Duration::seconds(seconds), now);
    let answer = json!({
        "RequestId": request_id,
        "AssumedRoleUser": {
            "Arn": format!("{arn}/{session}"),
            "AssumedRoleId": format!("3300000000000000:{session}"),
        },
        "Credentials": {
            "AccessKeyId": issued.access_key_id,
            "AccessKeySecret": issued.secret,
            "SecurityToken": issued.token,
            "Expiration": issued.expiration,
        },
    });
    Ok(answer.to_string().into_bytes())
}
