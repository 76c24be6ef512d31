//! The services that exchange a user's access token for credentials: OAuth and
//! CloudSSO.

use hyper::StatusCode;
use serde_json::{Value, json};
use time::Duration;

use super::accounts::{ACCOUNT, Issued};
use super::request::Request;
use super::scenario::Scenario;

/// The hosts of OAuth with the prefix of their key IDs.
const OAUTH: [(&str, &str); 2] = [
    ("oauth.aliyun.com", "oauth-cn"),
    ("oauth.alibabacloud.com", "oauth-intl"),
];

/// The lifetime of issued keys.
const LIFETIME: Duration = Duration::hours(1);

/// Handles a request to one of these services. Returns `None` for other paths.
pub(super) fn respond(request: &Request, scenario: &mut Scenario) -> Option<(StatusCode, String)> {
    let exchange = match request.path() {
        "/v1/exchange" => oauth,
        "/cloud-credentials" => cloud_sso,
        _ => return None,
    };
    let expected = format!("Bearer {}", scenario.access_token);
    let result = if request.method != "POST" {
        Err((StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"))
    } else if request.header("authorization") != Some(&expected) {
        Err((StatusCode::UNAUTHORIZED, "expired_token"))
    } else if request.header("content-type") != Some("application/json") {
        Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request"))
    } else {
        exchange(request, scenario).ok_or((StatusCode::BAD_REQUEST, "invalid_request"))
    };
    Some(match result {
        Ok(body) => (StatusCode::OK, body.to_string()),
        Err((status, error)) => (status, json!({ "error": error }).to_string()),
    })
}

/// Issues a key whose ID contains the site.
fn oauth(request: &Request, scenario: &mut Scenario) -> Option<Value> {
    let host = request.header("host")?;
    let (_, label) = OAUTH.iter().find(|(name, _)| *name == host)?;
    let Issued {
        access_key_id,
        access_key_secret,
        security_token,
        expiration,
    } = scenario.accounts.issue(ACCOUNT, label, LIFETIME);
    Some(json!({
        "accessKeyId": access_key_id,
        "accessKeySecret": access_key_secret,
        "securityToken": security_token,
        "expiration": expiration,
    }))
}

/// Issues a key whose ID contains the access configuration.
fn cloud_sso(request: &Request, scenario: &mut Scenario) -> Option<Value> {
    let body: Value = serde_json::from_str(&request.body).ok()?;
    let account = body["AccountId"].as_str()?;
    let access = body["AccessConfigurationId"].as_str()?;
    let label = format!("sso-{access}");
    let issued = scenario.accounts.issue(account, &label, LIFETIME);
    Some(json!({ "CloudCredential": issued }))
}
