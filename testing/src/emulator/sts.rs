//! What the actions of STS do.

use serde_json::{Value, json};
use time::Duration;

use super::error::ApiError;
use super::request::Request;
use super::scenario::Scenario;

/// How long a role's credentials may hold, in seconds.
const DURATIONS: std::ops::RangeInclusive<i64> = 900..=43200;

/// Hands out the credentials of any role.
pub(super) fn assume_role(request: &Request, scenario: &mut Scenario) -> Result<Value, ApiError> {
    grant("role", request, scenario)
}

/// Hands out the credentials of any role to whoever has the one good token.
pub(super) fn assume_role_with_oidc(
    request: &Request,
    scenario: &mut Scenario,
) -> Result<Value, ApiError> {
    request.require("OIDCProviderArn")?;
    if request.require("OIDCToken")? != scenario.oidc_token {
        let code = "AuthenticationFail.OIDCToken.Invalid";
        return Err(ApiError::new(400, code, "This JWT token is invalid."));
    }
    grant("oidc", request, scenario)
}

fn grant(origin: &str, request: &Request, scenario: &mut Scenario) -> Result<Value, ApiError> {
    let arn = request.require("RoleArn")?;
    let session = request.require("RoleSessionName")?;
    let parts = arn
        .strip_prefix("acs:ram::")
        .and_then(|rest| rest.split_once(":role/"));
    let Some((account, role)) =
        parts.filter(|(account, role)| !account.is_empty() && !role.is_empty())
    else {
        let message = "The parameter RoleArn is wrongly formed.";
        return Err(ApiError::new(400, "InvalidParameter.RoleArn", message));
    };
    let seconds = request.parameter("DurationSeconds").unwrap_or("3600");
    let seconds = seconds.parse().ok().filter(|n| DURATIONS.contains(n));
    let Some(seconds) = seconds else {
        let message = "The Min/Max value of DurationSeconds is 15min/12hr.";
        let code = "InvalidParameter.DurationSeconds";
        return Err(ApiError::new(400, code, message));
    };
    let lifetime = Duration::seconds(seconds);
    let origin = format!("{origin}-{role}");
    let issued = scenario.accounts.issue(account, &origin, lifetime);
    Ok(json!({
        "AssumedRoleUser": {
            "Arn": format!("{arn}/{session}"),
            "AssumedRoleId": format!("3300000000000000:{session}"),
        },
        "Credentials": issued,
    }))
}
