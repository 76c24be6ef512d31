//! Where fuzzers enter.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::access_key::Credentials;
use super::body::Body;
use super::call::Operation;
use super::credentials::granted;
use super::custom_images::ListCustomImages;
use super::exchange::read;
use super::redaction::{Redactor, SHORTEST};
use super::transport::Answer;
use super::{Failure, ListImages, ListPlans, ListRegions};

pub use super::credentials::fuzzing::profiles;

/// What is sent, and must not come back in an error.
const SECRET: &str = "Q29sZGZpc2g/in+the_tank=";

/// Reads the rest of `data` as the answer of every operation. The first two bytes
/// choose the HTTP status.
pub fn answer(data: &[u8]) {
    let Some(answer) = parts(data) else { return };
    answered::<ListImages>(&answer);
    answered::<ListCustomImages>(&answer);
    answered::<ListPlans>(&answer);
    answered::<ListRegions>(&answer);
}

fn parts(data: &[u8]) -> Option<Answer> {
    let (status, body) = data.split_first_chunk()?;
    let status = 200 + u16::from_be_bytes(*status) % 400;
    Some(Answer {
        status: StatusCode::from_u16(status).ok()?,
        content_type: None,
        body: Body::Short(body.to_vec()),
        told_wait: None,
        alone: None,
    })
}

/// Reads the same as an answer of STS.
pub fn granted(data: &[u8]) {
    let Some(answer) = parts(data) else { return };
    match read::<granted::Answer>(&answer, &redactor()) {
        Ok(answer) => drop(Credentials::try_from(answer.content.credentials.0)),
        Err(failure) => check(&failure),
    }
}

/// Takes out what was sent.
fn redactor() -> Redactor {
    Redactor::new([SECRET])
}

fn answered<O: Operation>(answer: &Answer) {
    match read::<O::Answer>(answer, &redactor()) {
        Ok(content) => {
            assert_eq!(answer.status, StatusCode::OK);
            O::output(content.content);
        }
        Err(failure) => check(&failure),
    }
}

/// What is shown of a failure is short, on one line and holds no secret.
fn check(failure: &Failure) {
    let shown = failure.to_string();
    assert!(shown.chars().count() < 4000, "{} characters", shown.len());
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!shown.contains(char::is_control), "{shown:?}");
}

/// Reads lines of `name: value` as the headers that tell how long to wait.
pub fn told_wait(data: &[u8]) {
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
    let told_wait = super::told_wait::told_wait(&headers, now);
    let failure = Failure::Empty { status: 503 };
    for failures in [1, 2, 100] {
        failure.retry(told_wait).wait(failures);
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
