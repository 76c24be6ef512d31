//! One exchange with an API: a form is sent, and its answer is a result or an
//! error.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::http::thread;
use crate::redact::Redactor;
use crate::rpc::api_error::ApiError;
use crate::rpc::endpoint::Endpoint;
use crate::rpc::error::{Failed, Failure};
use crate::rpc::json::{self, Unreadable};
use crate::rpc::record::Word;
use crate::rpc::request::Form;
use crate::rpc::transport::{Answer, Transport};
use crate::text::presentable;

/// A result, and what the log tells of it.
pub struct Content<T> {
    pub status: u16,
    pub request_id: Option<String>,
    pub content: T,
}

/// Answers of more bytes are read on a thread of their own. The one that serves
/// has signals to obey and a client to watch meanwhile.
const LONG: usize = 256 * 1024;

/// Sends a form once, reads the answer as a `T` and takes from it what matters.
///
/// # Errors
///
/// When there is no answer, when it reports an error, or when it is no `T`.
pub async fn exchange<T: DeserializeOwned, R: Send + 'static>(
    transport: &Transport,
    endpoint: &Endpoint,
    form: &Form,
    output: impl FnOnce(T) -> R + Send + 'static,
) -> Result<Content<R>, Failed> {
    let answer = transport.send(endpoint, form).await?;
    let told_wait = answer.told_wait;
    let is_long = answer.body.len() > LONG;
    let redactor = transport.redactor().clone();
    let read = move || read(&answer, &redactor).map(|content| content.map(output));
    let content = if is_long {
        let read = thread::on_its_own(read).await;
        read.unwrap_or_else(|error| {
            Err(Failure::Local {
                reason: error.to_string(),
            })
        })
    } else {
        read()
    };
    content.map_err(|failure| Failed { failure, told_wait })
}

impl<T> Content<T> {
    fn map<R>(self, output: impl FnOnce(T) -> R) -> Content<R> {
        Content {
            status: self.status,
            request_id: self.request_id,
            content: output(self.content),
        }
    }
}

/// Tells a result, an error of the API and everything else apart.
pub fn read<T: DeserializeOwned>(
    answer: &Answer,
    redactor: &Redactor,
) -> Result<Content<T>, Failure> {
    let status = answer.status.as_u16();
    let body = &answer.body;
    let content_type = || answer.content_type.clone();
    if body.is_empty() {
        return Err(Failure::Empty { status });
    }
    let api_error = || ApiError::read(status, body, |text| redactor.redact(text));
    // The API answers a call that went well with this status alone: others mean
    // that there is a part of an answer, or none.
    if answer.status != StatusCode::OK {
        let error = api_error();
        return Err(error.map_or_else(|| not_the_api(status, content_type(), body), Failure::Api));
    }
    let failure = |unreadable| match unreadable {
        Unreadable::NotJson {
            is_cut_short: true, ..
        } => Failure::CutShort { status },
        Unreadable::NotJson { .. } => Failure::NotJson {
            status,
            content_type: content_type(),
        },
        Unreadable::Unexpected(reason) => Failure::Malformed { status, reason },
    };
    // Before anything else: beside an error, an empty list says nothing.
    let head: Head = json::read(body).map_err(failure)?;
    if head.is_error() {
        let reason = "it says that something went wrong, and not what".to_owned();
        let malformed = Failure::Malformed { status, reason };
        return Err(api_error().map_or(malformed, Failure::Api));
    }
    Ok(Content {
        status,
        content: json::read(body).map_err(failure)?,
        request_id: head.request_id(redactor),
    })
}

/// What answers of every kind have.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    /// Gateways in front of the API write it with a small letter.
    #[serde(default, alias = "code")]
    code: Word,
    #[serde(default, alias = "success")]
    success: Word,
    #[serde(default)]
    request_id: Word,
}

impl Head {
    /// Whether it is the head of an error, whatever the HTTP status says.
    fn is_error(&self) -> bool {
        // Some of Alibaba Cloud's APIs say so when nothing is wrong.
        let is_well = |code: &str| ["", "200", "OK", "Success"].contains(&code);
        let is_error = match &self.code {
            Word::Absent => false,
            Word::Text(code) => !is_well(code),
            Word::Other => true,
        };
        is_error || matches!(&self.success, Word::Text(success) if success == "false")
    }

    /// Names the call in a support case.
    fn request_id(&self, redactor: &Redactor) -> Option<String> {
        match &self.request_id {
            Word::Text(id) => Some(presentable(&redactor.redact(id))),
            Word::Absent | Word::Other => None,
        }
    }
}

fn not_the_api(status: u16, content_type: Option<String>, body: &[u8]) -> Failure {
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Ok(_) => {
            let reason = "it is no error of the API: \"Code\" is missing".to_owned();
            Failure::Malformed { status, reason }
        }
        Err(error) if error.is_eof() => Failure::CutShort { status },
        Err(_) => Failure::NotJson {
            status,
            content_type,
        },
    }
}
