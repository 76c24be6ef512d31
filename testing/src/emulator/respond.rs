//! The request handler.

use std::convert::Infallible;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Request as HttpRequest, Response, StatusCode};

use super::body::{self, Content};
use super::calls::Outcome;
use super::control;
use super::error::ApiError;
use super::instance;
use super::reply::{Delivery, JSON, Kind};
use super::request::Request;
use super::request_id;
use super::sign_in;
use super::state::Shared;

/// The limit of request bodies, in bytes. 50 image IDs need some 3 KB.
const MAX_REQUEST_BODY: usize = 1024 * 1024;

/// The connection ends without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ended without a response")]
pub(super) enum Disconnect {
    Closed,
    Reset,
}

/// Handles one request, as scripted or as the API does.
pub(super) async fn handle(
    shared: &Shared,
    request: HttpRequest<Incoming>,
) -> Result<Response<UnsyncBoxBody<Bytes, Infallible>>, Disconnect> {
    // Subscribes before the request is recorded. A test that waits for the request
    // may release it immediately afterward.
    let mut releases = shared.releases.subscribe();
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST_BODY).collect().await;
    let body = body.map_err(|_| Disconnect::Closed)?.to_bytes();
    let request = Request::new(&head, &body);
    if let Some((status, value)) = control::respond(&request, &mut shared.state()) {
        let response = json_response(status, format!("{value:#}\n"), &request_id::next());
        return Ok(deliver(response, Delivery::AtOnce));
    }

    let mut call = shared.call(&request);
    let reply = shared.record(request.clone());
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    if let Kind::Hang = reply.kind {
        // Fails only if the sender is dropped, which `shared` owns.
        let _ = releases.changed().await;
    }
    let is_normal = matches!(reply.kind, Kind::Normal | Kind::Hang);
    let response = match reply.kind {
        Kind::Normal | Kind::Hang => Ok(normal(shared, &request)),
        Kind::Error(error) => Ok(error_response(error, &request)),
        Kind::Echo => {
            let headers = request.headers.iter();
            let headers =
                headers.filter(|(name, _)| name == "authorization" || name.starts_with("x-acs-"));
            let headers = headers.map(|(_, value)| value);
            let values = request.parameters.values().chain(headers);
            let values: Vec<_> = values.map(String::as_str).collect();
            let message = format!("{} {}", request.body, values.join(" "));
            let error = ApiError::new(400, "InvalidParameter", message);
            Ok(error_response(error, &request))
        }
        Kind::Raw(status, content) => Ok(plain_response(status, content)),
        Kind::Close => Err(Disconnect::Closed),
        Kind::Reset => Err(Disconnect::Reset),
    };
    let error = response
        .as_ref()
        .ok()
        .and_then(|one| one.extensions().get());
    if let Some(call) = &mut call {
        call.outcome = match error {
            Some(ApiError { code, .. }) if code.contains("Throttling") => Outcome::Throttled,
            None if is_normal && reply.delivery == Delivery::AtOnce => Outcome::Succeeded,
            _ => Outcome::Failed,
        };
    }
    response.map(|mut response| {
        response.headers_mut().extend(reply.headers);
        deliver(response, reply.delivery)
    })
}

fn normal(shared: &Shared, request: &Request) -> Response<Content> {
    let mut state = shared.state();
    let service = instance::respond(request, &mut state.scenario)
        .or_else(|| sign_in::respond(request, &mut state.scenario));
    if let Some((status, text)) = service {
        return plain_response(status, Content::Text(text.into()));
    }
    let request_id = request_id::next();
    match state.respond(request, &request_id) {
        Ok(body) => json_response(StatusCode::OK, body, &request_id),
        Err(error) => error_response(error, request),
    }
}

/// Builds an error response with the error as an extension.
fn error_response(error: ApiError, request: &Request) -> Response<Content> {
    let request_id = request_id::next();
    let host = request.header("host").unwrap_or_default();
    // The status is a constant of this module, or validated by `Reply`.
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json_response(status, error.body(&request_id, host), &request_id);
    if let Some(wait) = error.retry_after {
        // Rounded up: a call after this time has to succeed.
        let milliseconds = wait.as_nanos().div_ceil(1_000_000).to_string();
        insert(&mut response, "x-acs-retry-after", &milliseconds);
    }
    response.extensions_mut().insert(error);
    response
}

fn json_response(status: StatusCode, body: String, request_id: &str) -> Response<Content> {
    let mut response = plain_response(status, Content::Text(body.into()));
    insert(&mut response, CONTENT_TYPE.as_str(), JSON);
    insert(&mut response, "x-acs-request-id", request_id);
    response
}

fn insert(response: &mut Response<Content>, name: &'static str, value: &str) {
    let value =
        HeaderValue::try_from(value).expect("each is a constant or of hex digits and hyphens");
    response.headers_mut().insert(name, value);
}

fn plain_response(status: StatusCode, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    response
}

fn deliver(
    mut response: Response<Content>,
    delivery: Delivery,
) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    // A scripted `Content-Length` is kept even if it is wrong.
    let is_length_given = response.headers().contains_key(CONTENT_LENGTH);
    if let (Content::Text(text), false) = (response.body(), delivery == Delivery::AtOnce) {
        let length = HeaderValue::from(text.len());
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    response.map(|content| match content {
        Content::Blanks(length) => body::blanks(length),
        Content::Text(text) => {
            let half = text.slice(..text.len() / 2);
            match delivery {
                Delivery::AtOnce if is_length_given => body::truncated(text),
                Delivery::AtOnce => body::whole(text),
                Delivery::Truncated => body::truncated(half),
                Delivery::Stalled => body::stalled(half),
                Delivery::Trickled(interval) => body::trickled(text, interval),
            }
        }
    })
}
