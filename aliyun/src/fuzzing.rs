//! Entry points of fuzzers to private code. Not part of the public API.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::client::Operation;
use crate::credentials::process::Process;
use crate::credentials::profile::file::ProfileFile;
use crate::credentials::provider::Context;
use crate::credentials::source::CredentialsSource;
use crate::credentials::sts::Sts;
use crate::credentials::temporary::NestedCredentials;
use crate::env::Environment;
use crate::http::client::{ClientSettings, HttpClient, HttpResponse};
use crate::http::protocol::Protocol;
use crate::redact::Redactor;
use crate::rpc::endpoint::EndpointResolver;
use crate::rpc::error::RequestError;
use crate::rpc::response::read;
use crate::rpc::signature::SignatureMethod;

/// A secret that was sent, and must be redacted in errors.
const SECRET: &str = "Q29sZGZpc2g/in+the_tank=";

/// Decodes `data` as a response of an operation. The first two bytes select the HTTP
/// status.
pub fn response<O: Operation>(data: &[u8]) {
    decode::<O::Response>(data, |response| drop(O::into_output(response)));
}

/// Decodes `data` as a response of STS, like [`response`].
pub fn sts_response(data: &[u8]) {
    decode::<NestedCredentials>(data, |response| {
        drop(
            response
                .credentials
                .0
                .validate(CredentialsSource::Arguments),
        );
    });
}

fn decode<T: DeserializeOwned>(data: &[u8], convert: impl FnOnce(T)) {
    let Some((status, body)) = data.split_first_chunk() else {
        return;
    };
    let status = 200 + u16::from_be_bytes(*status) % 400;
    let response = HttpResponse {
        status: StatusCode::from_u16(status).expect("a status from 200 to 599"),
        headers: HeaderMap::new(),
        body: body.to_vec(),
    };
    match read(&response, &Redactor::new([SECRET])) {
        Ok((_, decoded)) => {
            assert_eq!(response.status, StatusCode::OK);
            convert(decoded);
        }
        Err(error) => assert_sanitized(&error),
    }
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
    let context = context();
    for profile in &file.profiles {
        if let Ok(Some(line)) = profile.text("process_command") {
            let _ = Process::parse(line);
        }
        // Describes the provider, and neither runs a command nor sends a request.
        let _ = file.provider(profile, &context);
    }
}

/// Returns a context without environment variables.
pub(crate) fn context() -> Context {
    let environment = Environment::new([], None);
    let timeout = Duration::from_secs(10);
    let settings = ClientSettings {
        connect_timeout: timeout,
        read_timeout: timeout,
        user_agent: "fuzzer".to_owned(),
    };
    Context {
        http: Arc::new(HttpClient::new(settings, &environment)),
        environment,
        sts: Sts {
            endpoints: EndpointResolver::Default {
                protocol: Protocol::Https,
                vpc: false,
            },
            signature_method: SignatureMethod::default(),
            region: None,
            retry_limit: Duration::ZERO,
            session_name: "fuzzer",
        },
        first_ecs_role: Arc::default(),
    }
}
