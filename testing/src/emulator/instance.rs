//! Local credential services: the metadata service of an ECS instance, and a
//! credentials sidecar.

use hyper::StatusCode;
use serde_json::json;
use time::Duration;

use super::accounts::{ACCOUNT, Accounts};
use super::request::Request;
use super::scenario::Scenario;

/// The path of the sidecar. The rest of the path becomes part of the key ID.
pub(super) const SIDECAR: &str = "/credentials";

const TOKEN: &str = "/latest/api/token";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// The token that the metadata service requires.
pub(super) const METADATA_TOKEN: &str = "emulated/metadata+token==";

/// Handles a request to one of these services. Returns `None` for other paths.
pub(super) fn respond(request: &Request, scenario: &mut Scenario) -> Option<(StatusCode, String)> {
    let path = request.path();
    let role = &scenario.ecs_role;
    let is_authentic = request.header("x-aliyun-ecs-metadata-token") == Some(METADATA_TOKEN);
    let response = match (request.method.as_str(), path.strip_prefix(ROLES)) {
        ("GET", None) if path.starts_with(SIDECAR) => {
            let suffix = path.trim_start_matches(SIDECAR).replace('/', "-");
            (
                StatusCode::OK,
                credentials(&mut scenario.accounts, &format!("uri{suffix}"), 1),
            )
        }
        ("PUT", _) if path == TOKEN => {
            match request.header("x-aliyun-ecs-metadata-token-ttl-seconds") {
                Some(_) => (StatusCode::OK, METADATA_TOKEN.to_owned()),
                None => (StatusCode::BAD_REQUEST, "no time to live".to_owned()),
            }
        }
        ("GET", Some(_)) if !is_authentic && !scenario.allows_imdsv1 => {
            (StatusCode::FORBIDDEN, "no metadata token".to_owned())
        }
        ("GET", Some("")) => (StatusCode::OK, role.clone()),
        ("GET", Some(name)) if name == role => (
            StatusCode::OK,
            credentials(&mut scenario.accounts, &format!("ecs-{role}"), 6),
        ),
        ("GET", Some(_)) => (StatusCode::NOT_FOUND, "no such role".to_owned()),
        _ => return None,
    };
    Some(response)
}

fn credentials(accounts: &mut Accounts, label: &str, hours: i64) -> String {
    let mut response = json!(accounts.issue(ACCOUNT, label, Duration::hours(hours)));
    response["Code"] = "Success".into();
    response.to_string()
}
