//! What is next to a program in the cloud: the metadata service of an ECS
//! instance, and a sidecar that hands out credentials.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::accounts::{Accounts, Issued};
use super::request::Request;

/// Where the sidecar answers, and below which it puts the rest of the path into
/// the ID of the key.
pub(super) const SIDECAR: &str = "/credentials";

const TOKEN: &str = "/latest/api/token";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// The token of the metadata service, without which it says nothing.
pub(super) const METADATA_TOKEN: &str = "emulated/metadata+token==";

/// Status and text of an answer, if the request is for one of these services.
pub(super) fn answer(
    request: &Request,
    role: &str,
    accounts: &mut Accounts,
    now: OffsetDateTime,
) -> Option<(u16, String)> {
    let path = request.path();
    let is_authentic = request.header("x-aliyun-ecs-metadata-token") == Some(METADATA_TOKEN);
    let answer = match (request.method.as_str(), path.strip_prefix(ROLES)) {
        ("GET", None) if path.starts_with(SIDECAR) => {
            let below = path.trim_start_matches(SIDECAR).replace('/', "-");
            let origin = format!("uri{below}");
            let issued = accounts.issue(&origin, Duration::hours(1), now);
            (200, credentials(&issued))
        }
        ("PUT", _) if path == TOKEN => {
            match request.header("x-aliyun-ecs-metadata-token-ttl-seconds") {
                Some(_) => (200, METADATA_TOKEN.to_owned()),
                None => (400, "no time to live".to_owned()),
            }
        }
        ("GET", Some(_)) if !is_authentic => (403, "no metadata token".to_owned()),
        ("GET", Some("")) => (200, role.to_owned()),
        ("GET", Some(name)) if name == role => {
            let issued = accounts.issue(&format!("ecs-{role}"), Duration::hours(6), now);
            (200, credentials(&issued))
        }
        ("GET", Some(_)) => (404, "no such role".to_owned()),
        _ => return None,
    };
    Some(answer)
}

fn credentials(issued: &Issued) -> String {
    json!({
        "Code": "Success",
        "AccessKeyId": issued.access_key_id,
        "AccessKeySecret": issued.secret,
        "SecurityToken": issued.token,
        "Expiration": issued.expiration,
    })
    .to_string()
}
