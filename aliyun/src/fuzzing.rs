//! Entry points of fuzzers to private code. Not part of the public API.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use reqwest::StatusCode;

use crate::access_key::Credentials;
use crate::client::Operation;
use crate::credentials::external::ExternalCommand;
use crate::credentials::granted;
use crate::credentials::profile::ProfileFile;
use crate::credentials::sts::Sts;
use crate::credentials::sts_endpoint::StsEndpoint;
use crate::credentials::way::Way;
use crate::env::Environment;
use crate::http::body::Body;
use crate::http::protocol::Protocol;
use crate::redact::Redactor;
use crate::rpc::endpoint::Endpoint;
use crate::rpc::error::RequestError;
use crate::rpc::response::read;
use crate::rpc::service::STS;
use crate::rpc::transport::{HttpResponse, NetworkSettings, Transport};

/// A secret that was sent, and must be redacted in errors.
const SECRET: &str = "Q29sZGZpc2g/in+the_tank=";

/// Decodes `data` as a response of an operation. The first two bytes select the HTTP
/// status.
pub fn response<O: Operation>(data: &[u8]) {
    let Some(response) = http_response(data) else {
        return;
    };
    match read::<O::Response>(&response, &redactor()) {
        Ok(decoded) => {
            assert_eq!(response.status, StatusCode::OK);
            O::into_output(decoded.content);
        }
        Err(error) => assert_sanitized(&error),
    }
}

/// Decodes `data` as a response of STS, like [`response`].
pub fn sts_response(data: &[u8]) {
    let Some(response) = http_response(data) else {
        return;
    };
    match read::<granted::Answer>(&response, &redactor()) {
        Ok(decoded) => drop(Credentials::try_from(decoded.content.credentials.0)),
        Err(error) => assert_sanitized(&error),
    }
}

fn http_response(data: &[u8]) -> Option<HttpResponse> {
    let (status, body) = data.split_first_chunk()?;
    let status = 200 + u16::from_be_bytes(*status) % 400;
    Some(HttpResponse {
        status: StatusCode::from_u16(status).ok()?,
        content_type: None,
        body: Body::Short(body.to_vec()),
        retry_after: None,
        large_response_permit: None,
    })
}

fn redactor() -> Redactor {
    Redactor::new([SECRET])
}

/// Asserts that an error message is short, on one line and redacted.
fn assert_sanitized(error: &RequestError) {
    let message = error.to_string();
    assert!(message.chars().count() < 4000, "{} bytes", message.len());
    assert!(!message.contains(SECRET), "{message}");
    assert!(!message.contains(char::is_control), "{message:?}");
}

/// Parses a profile file and resolves each of its profiles. A file that starts with `{` is
/// JSON; any other file is INI.
pub fn profiles(data: &[u8]) {
    let Ok(file) = ProfileFile::parse("credentials".into(), data) else {
        return;
    };
    let sts = Sts {
        endpoint: StsEndpoint::Fixed(Endpoint::of(&STS, None, Protocol::Https)),
        transport: Arc::new(Transport::new(NetworkSettings::new("fuzzer".to_owned()))),
        limit: Duration::ZERO,
        session_name: "fuzzer",
    };
    let environment = Environment::of_process();
    // Commands are parsed, but a file with commands is not resolved: no process starts.
    let commands = file.profiles.iter();
    let commands = commands.filter_map(|profile| profile.process_command.0.as_ref());
    let commands: Vec<_> = commands.map(ExternalCommand::parse).collect();
    if !commands.is_empty() {
        return;
    }
    for profile in &file.profiles {
        let way = Way::of(profile, &file, &environment, &sts);
        let _ = way.now_or_never();
    }
}
