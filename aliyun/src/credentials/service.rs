//! Requests to services that issue credentials over HTTP.

use std::time::SystemTime;

use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::error::CredentialsErrorKind;
use super::source::CredentialsSource;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::client::{HttpClient, Request};
use crate::rpc::error::{RequestError, http_retry};
use crate::rpc::json;
use crate::rpc::retry::Retry;
use crate::rpc::retry_after::retry_after;
use crate::text::sanitize;

/// Error of a request to a service.
pub(super) struct ServiceError {
    pub(super) kind: CredentialsErrorKind,
    pub(super) retry: Retry,
}

/// Sends a request and returns the body of the response. The body of an error response is
/// not shown, because its content is unknown.
///
/// # Errors
///
/// Returns [`CredentialsErrorKind::Http`] without a response, and
/// [`CredentialsErrorKind::Status`] for any status but 200.
pub(super) async fn fetch(http: &HttpClient, request: Request) -> Result<Vec<u8>, ServiceError> {
    let address = redacted_url(request.url());
    let response = http.send(request).await.map_err(|error| ServiceError {
        retry: http_retry(&error, None),
        kind: CredentialsErrorKind::Http {
            address: address.clone(),
            error,
        },
    })?;
    let status = response.status.as_u16();
    if response.status == StatusCode::OK {
        return Ok(response.body);
    }
    // The response can be that of a gateway, so that only the status counts.
    let retry = match status {
        429 | 500.. => {
            let retry_after = retry_after(&response.headers, SystemTime::now());
            RequestError::Empty { status }.retry(retry_after)
        }
        _ => Retry::Never,
    };
    let kind = CredentialsErrorKind::Status { address, status };
    Err(ServiceError { kind, retry })
}

/// Decodes the credentials in a response of the metadata service or a credentials URI.
///
/// # Errors
///
/// Returns [`CredentialsErrorKind::Response`] if there are none.
pub(super) fn decode(
    body: &[u8],
    url: &Url,
    source: CredentialsSource,
) -> Result<Credentials, CredentialsErrorKind> {
    #[derive(Deserialize)]
    struct Status {
        #[serde(rename = "Code")]
        code: Option<String>,
    }
    let error = |problem: String| CredentialsErrorKind::Response {
        address: redacted_url(url),
        problem,
    };
    if let Ok(Status { code: Some(code) }) = json::read(body)
        && code != "Success"
        && is_code(&code)
    {
        return Err(error(format!("the code \"{code}\"")));
    }
    let issued = json::read::<TemporaryCredentials>(body);
    let issued = issued.map_err(|_| error("something other than credentials".to_owned()))?;
    let credentials = issued.validate(source);
    credentials.map_err(|problem| error(format!("credentials whose {problem}")))
}

/// Returns true for text such as `Failed.NoRole`, which can be shown.
fn is_code(text: &str) -> bool {
    let is_code_char = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_code_char)
}

/// Returns a URL without user name, password and query, which can be secret.
pub(super) fn redacted_url(url: &Url) -> String {
    let mut url = url.clone();
    // Only fails for URLs without a host, which have no user name.
    let _ = url.set_username("").and(url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    sanitize(url.as_str().trim_end_matches('/'))
}
