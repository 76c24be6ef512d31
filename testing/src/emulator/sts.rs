//! The actions of STS.

use serde_json::{Value, json};
use time::Duration;

use super::error::ApiError;
use super::request::Request;
use super::scenario::Scenario;

/// The valid session durations, in seconds.
const DURATIONS: std::ops::RangeInclusive<i64> = 900..=43200;

/// Issues credentials for any role.
pub(super) fn assume_role(request: &Request, scenario: &mut Scenario) -> Result<Value, ApiError> {
    issue("role", request, scenario)
}

/// Issues credentials for any role in exchange for the valid OIDC token.
pub(super) fn assume_role_with_oidc(
    request: &Request,
    scenario: &mut Scenario,
) -> Result<Value, ApiError> {
    request.require("OIDCProviderArn")?;
    if request.require("OIDCToken")? != scenario.oidc_token {
        let code = "AuthenticationFail.OIDCToken.Invalid";
        return Err(ApiError::new(400, code, "This JWT token is invalid."));
    }
    issue("oidc", request, scenario)
}

fn issue(label: &str, request: &Request, scenario: &mut Scenario) -> Result<Value, ApiError> {
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
    let label = format!("{label}-{role}");
    let issued = scenario.accounts.issue(account, &label, lifetime);
    Ok(json!({
        "AssumedRoleUser": {
            "Arn": format!("{arn}/{session}"),
            "AssumedRoleId": format!("3300000000000000:{session}"),
        },
        "Credentials": issued,
    }))
}
