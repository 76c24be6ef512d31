//! HTTP tests of the emulator, and their shared helpers.

mod actions;
mod catalog;
mod credentials;
mod faults;
mod observed;
mod quota;
mod rejected;
mod scripted;
mod signature_v3;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::Value;
use time::OffsetDateTime;

use super::signature::{percent_encode, sign, string_to_sign};
use super::state::State;
use super::*;

/// Long enough for slow machines. Passing tests never wait this long.
const TIMEOUT: Duration = Duration::from_secs(20);

type Parameters = BTreeMap<String, String>;

fn start() -> Emulator {
    start_with(Options::default())
}

fn start_with(options: Options) -> Emulator {
    Emulator::start(options).expect("a free port")
}

/// A valid unsigned call of `action`.
fn parameters(action: &str) -> Parameters {
    [
        ("Action", action),
        ("Version", "2020-06-01"),
        ("Format", "JSON"),
        ("AccessKeyId", "LTAItestid"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", &request_id::next()),
        ("Timestamp", &timestamp(time::Duration::ZERO)),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn list_images(changes: &[(&str, &str)]) -> Parameters {
    let region = [("RegionId", "cn-hangzhou")];
    changed(changed(parameters("ListImages"), &region), changes)
}

fn changed(mut parameters: Parameters, changes: &[(&str, &str)]) -> Parameters {
    parameters.extend(
        changes
            .iter()
            .map(|&(name, value)| (name.into(), value.into())),
    );
    parameters
}

fn timestamp(offset: time::Duration) -> String {
    let time = OffsetDateTime::now_utc() + offset;
    let (hour, minute, second) = time.to_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", time.date())
}

fn form(parameters: &Parameters) -> String {
    let pair = |(name, value): (&String, &String)| {
        format!("{}={}", percent_encode(name), percent_encode(value))
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn signed(method: &str, parameters: Parameters) -> String {
    signed_by("testsecret", method, parameters)
}

fn signed_by(secret: &str, method: &str, mut parameters: Parameters) -> String {
    let signature = sign(secret, &string_to_sign(method, &parameters));
    parameters.insert("Signature".into(), signature);
    form(&parameters)
}

fn client() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .no_proxy()
        .build()
        .expect("a client")
}

fn post(emulator: &Emulator, body: &str) -> reqwest::Result<Response> {
    client()
        .post(emulator.url())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned())
        .send()
}

fn json(response: reqwest::Result<Response>) -> (u16, Value) {
    let response = response.expect("a response");
    let status = response.status().as_u16();
    let text = response.text().expect("text");
    let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"));
    (status, value)
}

fn call(emulator: &Emulator, parameters: Parameters) -> (u16, Value) {
    json(post(emulator, &signed("POST", parameters)))
}

/// Status and code of an error response.
fn error((status, body): (u16, Value)) -> (u16, String) {
    for field in ["RequestId", "HostId", "Message", "Recommend"] {
        assert!(body[field].is_string(), "{field} in {body}");
    }
    let code = body["Code"].as_str().expect("a code");
    (status, code.to_owned())
}

fn image_names(emulator: &Emulator, changes: &[(&str, &str)]) -> Vec<String> {
    let (status, body) = call(emulator, list_images(changes));
    assert_eq!(status, 200, "{body}");
    let images = body["Images"].as_array().expect("an array");
    let name = |image: &Value| image["ImageName"].as_str().expect("a name").to_owned();
    images.iter().map(name).collect()
}
