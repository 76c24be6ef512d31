//! Entry points of fuzzers. Not a part of the API.

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

/// Is sent, and must not come back in an error.
const SECRET: &str = "Q29sZGZpc2g/in+the_tank=";

/// Reads the rest of `data` as a response of an operation. The first two bytes choose
/// the HTTP status.
pub fn response<O: Operation>(data: &[u8]) {
    let Some(answer) = parts(data) else { return };
    match read::<O::Response>(&answer, &redactor()) {
        Ok(content) => {
            assert_eq!(answer.status, StatusCode::OK);
            O::into_output(content.content);
        }
        Err(failure) => check(&failure),
    }
}

/// Reads the same as a response of STS.
pub fn granted(data: &[u8]) {
    let Some(answer) = parts(data) else { return };
    match read::<granted::Answer>(&answer, &redactor()) {
        Ok(answer) => drop(Credentials::try_from(answer.content.credentials.0)),
        Err(failure) => check(&failure),
    }
}

fn parts(data: &[u8]) -> Option<HttpResponse> {
    let (status, body) = data.split_first_chunk()?;
    let status = 200 + u16::from_be_bytes(*status) % 400;
    Some(HttpResponse {
        status: StatusCode::from_u16(status).ok()?,
        content_type: None,
        body: Body::Short(body.to_vec()),
        retry_after: None,
        alone: None,
    })
}

/// Takes out what was sent.
fn redactor() -> Redactor {
    Redactor::new([SECRET])
}

/// What is shown of a failure is short, on one line and holds no secret.
fn check(failure: &RequestError) {
    let shown = failure.to_string();
    assert!(shown.chars().count() < 4000, "{} characters", shown.len());
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!shown.contains(char::is_control), "{shown:?}");
}

/// Reads lines of `name: value` as the headers that tell how long to wait.
pub fn retry_after(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(100) {
        let Some(place) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..place]);
        let value = HeaderValue::from_bytes(&line[place + 1..]);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_730_362_530);
    let retry_after = retry_after::retry_after(&headers, now);
    let failure = RequestError::Empty { status: 503 };
    for failures in [1, 2, 100] {
        failure.retry(retry_after).wait(failures);
    }
}

/// Takes a secret, all before the first zero byte, out of the text behind it.
pub fn redaction(data: &[u8]) {
    let Some(place) = data.iter().position(|byte| *byte == 0) else {
        return;
    };
    let secret = String::from_utf8_lossy(&data[..place]);
    let text = String::from_utf8_lossy(&data[place + 1..]);
    let clean = Redactor::new([secret.as_ref()]).redact(&text);
    // Of what secrets are made of. The mark that stands for one may complete or
    // be another.
    let is_secret = |c: char| c.is_ascii_alphanumeric() || "+/=._-".contains(c);
    if secret.len() >= SHORTEST && secret.chars().all(is_secret) && !"(redacted)".contains(&*secret)
    {
        assert!(!clean.contains(&*secret), "{clean}");
    }
}

/// Reads a file of profiles, which `{` at its beginning makes JSON and anything
/// else INI, and finds the way to the credentials of each of its profiles.
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
    // Commands are taken apart, and nothing is done that may start one.
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
