//! Fuzz targets. Not part of the public API.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

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
use crate::redact::{Redactor, SHORTEST};
use crate::rpc::endpoint::Endpoint;
use crate::rpc::error::RequestError;
use crate::rpc::response::read;
use crate::rpc::retry_after;
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

/// Parses Retry-After from headers, which are lines of `name: value`.
pub fn retry_after(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(100) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(&line[colon + 1..]);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_730_362_530);
    let retry_after = retry_after::retry_after(&headers, now);
    let error = RequestError::Empty { status: 503 };
    for failures in [1, 2, 100] {
        error.retry(retry_after).wait(failures);
    }
}

/// Redacts a secret, the bytes before the first zero byte, in the text after it.
pub fn redaction(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == 0) else {
        return;
    };
    let secret = String::from_utf8_lossy(&data[..end]);
    let text = String::from_utf8_lossy(&data[end + 1..]);
    let clean = Redactor::new([secret.as_ref()]).redact(&text);
    // With other characters, the mark "(redacted)" could form the secret again.
    let is_secret_char = |c: char| c.is_ascii_alphanumeric() || "+/=._-".contains(c);
    if secret.len() >= SHORTEST
        && secret.chars().all(is_secret_char)
        && !"(redacted)".contains(&*secret)
    {
        assert!(!clean.contains(&*secret), "{clean}");
    }
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
