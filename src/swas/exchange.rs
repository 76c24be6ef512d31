//! One exchange with an API: a form is sent, and its answer is a result or an
//! error.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::api_error::ApiError;
use super::endpoint::Endpoint;
use super::error::{Failed, Failure};
use super::json::{self, Unreadable};
use super::request::Form;
use super::text::presentable;
use super::transport::{Answer, Transport};

/// A result, and what the log tells of it.
pub(super) struct Content<T> {
    pub(super) status: u16,
    /// None where the log does not tell it.
    pub(super) request_id: Option<String>,
    pub(super) content: T,
}

/// What the log tells of an exchange.
pub(super) struct Told {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) error: Option<String>,
}

impl Told {
    pub(super) fn of<T>(answer: &Result<Content<T>, Failed>) -> Self {
        let mut told = Self {
            status: None,
            code: None,
            request_id: None,
            error: None,
        };
        match answer {
            Ok(answer) => {
                told.status = Some(answer.status);
                told.request_id.clone_from(&answer.request_id);
            }
            Err(Failed { failure, .. }) => {
                told.status = failure.status();
                match failure {
                    Failure::Api(error) => {
                        told.code = Some(error.code.clone());
                        told.request_id = Some(error.request_id.clone());
                    }
                    failure => told.error = Some(failure.to_string()),
                }
            }
        }
        told
    }
}

/// Sends a form once and reads the answer as a `T`.
///
/// # Errors
///
/// When there is no answer, when it reports an error, or when it is no `T`.
pub(super) async fn exchange<T: DeserializeOwned>(
    transport: &Transport,
    endpoint: &Endpoint,
    form: &Form,
) -> Result<Content<T>, Failed> {
    let answer = transport.send(endpoint, form).await?;
    let told_wait = answer.told_wait;
    read(answer, form).map_err(|failure| Failed { failure, told_wait })
}

/// Tells a result, an error of the API and everything else apart.
fn read<T: DeserializeOwned>(answer: Answer, form: &Form) -> Result<Content<T>, Failure> {
    let Answer {
        status,
        content_type,
        body,
        ..
    } = answer;
    let code = status.as_u16();
    if body.is_empty() {
        return Err(Failure::Empty { status: code });
    }
    let api_error = || ApiError::read(code, &body, |text| form.redactor().redact(text));
    if !status.is_success() {
        return Err(
            api_error().map_or_else(|| not_the_api(code, content_type, &body), Failure::Api)
        );
    }
    match json::read(&body) {
        Ok(content) => Ok(Content {
            status: code,
            request_id: request_id(&body),
            content,
        }),
        Err(Unreadable::NotJson { .. }) => Err(Failure::NotJson {
            status: code,
            content_type,
        }),
        Err(Unreadable::Unexpected(reason)) => Err(api_error().map_or(
            Failure::Malformed {
                status: code,
                reason,
            },
            Failure::Api,
        )),
    }
}

fn not_the_api(status: u16, content_type: Option<String>, body: &[u8]) -> Failure {
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        let reason = "it is no error of the API: \"Code\" is missing".to_owned();
        Failure::Malformed { status, reason }
    } else {
        Failure::NotJson {
            status,
            content_type,
        }
    }
}

/// Names the call in a support case. It is read only for a log that is kept.
fn request_id(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        request_id: String,
    }
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return None;
    }
    let named: Named = serde_json::from_slice(body).ok()?;
    Some(presentable(&named.request_id))
}
