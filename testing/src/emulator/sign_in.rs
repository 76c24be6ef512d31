//! What exchanges the access token of somebody who has signed in: OAuth and
//! CloudSSO.

use hyper::StatusCode;
use serde_json::{Value, json};
use time::Duration;

use super::accounts::{ACCOUNT, Issued};
use super::request::Request;
use super::scenario::Scenario;

/// The hosts of OAuth, each with what it puts into the ID of the key.
const OAUTH: [(&str, &str); 2] = [
    ("oauth.aliyun.com", "oauth-cn"),
    ("oauth.alibabacloud.com", "oauth-intl"),
];

/// How long the keys hold.
const LIFETIME: Duration = Duration::hours(1);

/// Status and text of an answer, if the request is for one of these services.
pub(super) fn answer(request: &Request, scenario: &mut Scenario) -> Option<(StatusCode, String)> {
    let exchange = match request.path() {
        "/v1/exchange" => oauth,
        "/cloud-credentials" => cloud_sso,
        _ => return None,
    };
    let expected = format!("Bearer {}", scenario.access_token);
    let answer = if request.method != "POST" {
        Err((StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"))
    } else if request.header("authorization") != Some(&expected) {
        Err((StatusCode::UNAUTHORIZED, "expired_token"))
    } else if request.header("content-type") != Some("application/json") {
        Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request"))
    } else {
        exchange(request, scenario).ok_or((StatusCode::BAD_REQUEST, "invalid_request"))
    };
    Some(match answer {
        Ok(answer) => (StatusCode::OK, answer.to_string()),
        Err((status, error)) => (status, json!({ "error": error }).to_string()),
    })
}

/// Its ID says which site it was.
fn oauth(request: &Request, scenario: &mut Scenario) -> Option<Value> {
    let host = request.header("host")?;
    let (_, origin) = OAUTH.iter().find(|(name, _)| *name == host)?;
    let Issued {
        access_key_id,
        access_key_secret,
        security_token,
        expiration,
    } = scenario.accounts.issue(ACCOUNT, origin, LIFETIME);
    Some(json!({
        "accessKeyId": access_key_id,
        "accessKeySecret": access_key_secret,
        "securityToken": security_token,
        "expiration": expiration,
    }))
}

/// Its ID says for which access configuration it is.
fn cloud_sso(request: &Request, scenario: &mut Scenario) -> Option<Value> {
    let body: Value = serde_json::from_str(&request.body).ok()?;
    let account = body["AccountId"].as_str()?;
    let access = body["AccessConfigurationId"].as_str()?;
    let origin = format!("sso-{access}");
    let issued = scenario.accounts.issue(account, &origin, LIFETIME);
    Some(json!({ "CloudCredential": issued }))
}
