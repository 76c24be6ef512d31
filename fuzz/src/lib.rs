//! Fuzzers that call nothing but public functions. `tests/provider/fuzzing.rs` includes
//! this file and runs them with their seeds.

use std::time::{Duration, SystemTime};

use aliyun::redact::{MIN_SECRET_LEN, Redactor};
use aliyun::rpc::error::RequestError;
use http::header::{HeaderMap, HeaderName, HeaderValue};

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
    let retry_after = aliyun::rpc::retry_after::retry_after(&headers, now);
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
    if secret.len() >= MIN_SECRET_LEN
        && secret.chars().all(is_secret_char)
        && !"(redacted)".contains(&*secret)
    {
        assert!(!clean.contains(&*secret), "{clean}");
    }
}
