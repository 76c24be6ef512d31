//! Control endpoints that change the emulator at run time.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::calls;
use super::catalog::Image;
use super::request::Request;
use super::state::State;

/// Pending faults, and the call counts.
pub(super) const FAULTS: &str = "/_faults";

/// Prefix of the account's own images, followed by the region.
pub(super) const IMAGES: &str = "/_images/";

/// Handles a request to a control endpoint. Returns `None` for other paths.
pub(super) fn respond(request: &Request, state: &mut State) -> Option<(StatusCode, Value)> {
    let path = request.path();
    let result = if path == FAULTS {
        faults(request, state)
    } else {
        images(path.strip_prefix(IMAGES)?, request, state)
    };
    Some(result.map_or_else(
        |(status, problem)| (status, json!({ "error": problem })),
        |value| (StatusCode::OK, value),
    ))
}

fn faults(request: &Request, state: &mut State) -> Result<Value, (StatusCode, String)> {
    match request.method.as_str() {
        "GET" => {}
        "PUT" => {
            state.script.faults = serde_json::from_str(&request.body)
                .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        }
        "DELETE" => {
            state.script.faults.clear();
            state.calls.clear();
        }
        _ => return Err(method_not_allowed("GET, PUT and DELETE")),
    }
    Ok(json!({
        "left": state.script.faults,
        "calls": calls::by_action(&state.calls),
    }))
}

fn images(
    region: &str,
    request: &Request,
    state: &mut State,
) -> Result<Value, (StatusCode, String)> {
    if request.method != "PUT" {
        return Err(method_not_allowed("PUT"));
    }
    let image: Image = serde_json::from_str(&request.body)
        .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    let added = state.scenario.catalog.add_image(region, image);
    let added = added.ok_or_else(|| (StatusCode::NOT_FOUND, format!("no region {region}")))?;
    Ok(json!(added))
}

fn method_not_allowed(allowed: &str) -> (StatusCode, String) {
    let problem = format!("the methods here are {allowed}");
    (StatusCode::METHOD_NOT_ALLOWED, problem)
}
