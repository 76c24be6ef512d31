//! One call, from its parameters to its typed answer.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Track;
use tokio::sync::OnceCell;

use super::credentials::Credentials;
use super::endpoint::{Endpoint, Protocol};
use super::error::{ApiError, Error, ErrorKind};
use super::record::Record;
use super::region::RegionId;
use super::request::{Attempt, SignedForm};
use super::signature::Parameters;
use super::transport::{Answer, NetworkSettings, Transport};

/// The version of the API that everything in here speaks.
const VERSION: &str = "2020-06-01";

/// Something that the API does.
pub trait Operation {
    /// The answer as it travels. What does not fit it is malformed.
    type Answer: DeserializeOwned;
    /// The part that matters.
    type Output;

    /// The API's name for it.
    const ACTION: &'static str;

    /// The region whose endpoint is called.
    fn region(&self) -> &RegionId;

    /// What is sent beside the parameters that every call has.
    fn parameters(&self) -> Parameters;

    /// Takes the part that matters.
    fn output(answer: Self::Answer) -> Self::Output;
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointRule {
    /// Every call goes here.
    Fixed(Endpoint),
    /// Each call goes to its region's own endpoint.
    OfRegion(Protocol),
}

impl EndpointRule {
    fn endpoint(&self, region: &RegionId) -> Endpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.clone(),
            Self::OfRegion(protocol) => Endpoint::of_region(region, *protocol),
        }
    }
}

/// Calls the API. To be shared: connections are kept and used again.
#[derive(Debug)]
pub struct Client {
    credentials: Credentials,
    endpoints: EndpointRule,
    network: NetworkSettings,
    /// Made at the first call: a plan of which nothing is read needs no
    /// certificates loaded.
    transport: OnceCell<Transport>,
}

impl Client {
    /// A client that has not called yet.
    #[must_use]
    pub fn new(
        credentials: Credentials,
        endpoints: EndpointRule,
        network: NetworkSettings,
    ) -> Self {
        Self {
            credentials,
            endpoints,
            network,
            transport: OnceCell::new(),
        }
    }

    /// Calls once.
    ///
    /// # Errors
    ///
    /// When there is no answer, when it reports an error, or when it is not one
    /// that the operation can have.
    pub async fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        let endpoint = self.endpoints.endpoint(operation.region());
        self.attempt(operation, &endpoint).await.map_err(|kind| {
            let error = Error {
                action: O::ACTION,
                region: operation.region().clone(),
                host: endpoint.host(),
                kind,
            };
            tracing::debug!(%error, "call failed");
            error
        })
    }

    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
    ) -> Result<O::Output, ErrorKind> {
        let transport = self
            .transport
            .get_or_try_init(|| async { Transport::new(self.network.clone()) })
            .await?;
        let attempt = Attempt::now().map_err(|error| local(&error))?;
        let parameters = operation.parameters();
        let form = SignedForm::sign(O::ACTION, VERSION, parameters, &self.credentials, &attempt);
        tracing::debug!(
            action = O::ACTION,
            region = %operation.region(),
            endpoint = %endpoint,
            access_key_id = self.credentials.access_key_id,
            "calling"
        );
        let answer = transport.send(endpoint, &form).await?;
        tracing::debug!(
            action = O::ACTION,
            status = answer.status.as_u16(),
            bytes = answer.body.len(),
            "answered"
        );
        read::<O>(answer, &form)
    }
}

fn local(error: &impl fmt::Display) -> ErrorKind {
    ErrorKind::Local {
        reason: error.to_string(),
    }
}

/// Tells a result, an error of the API and everything else apart.
fn read<O: Operation>(answer: Answer, form: &SignedForm) -> Result<O::Output, ErrorKind> {
    let Answer {
        status,
        content_type,
        body,
    } = answer;
    let code = status.as_u16();
    if body.is_empty() {
        return Err(ErrorKind::Empty { status: code });
    }
    let api_error = || ApiError::read(code, &body, |text| form.redact(text));
    if !status.is_success() {
        return Err(
            api_error().map_or_else(|| not_the_api(code, content_type, &body), ErrorKind::Api)
        );
    }
    match parse::<O::Answer>(&body) {
        Ok(answer) => Ok(O::output(answer)),
        Err(Unreadable::NotJson) => Err(ErrorKind::NotJson {
            status: code,
            content_type,
        }),
        Err(Unreadable::Unexpected(reason)) => Err(api_error().map_or(
            ErrorKind::Malformed {
                status: code,
                reason,
            },
            ErrorKind::Api,
        )),
    }
}

fn not_the_api(status: u16, content_type: Option<String>, body: &[u8]) -> ErrorKind {
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        let reason = "it is no error of the API: \"Code\" is missing".to_owned();
        ErrorKind::Malformed { status, reason }
    } else {
        ErrorKind::NotJson {
            status,
            content_type,
        }
    }
}

enum Unreadable {
    NotJson,
    Unexpected(String),
}

/// Reads an answer. What is wrong is told by its place: the value itself comes
/// from outside and may repeat what was sent.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed = Record::<T>::deserialize(serde_path_to_error::Deserializer::new(
        &mut json, &mut track,
    ));
    match parsed.and_then(|answer| json.end().map(|()| answer)) {
        Ok(Record(answer)) => Ok(answer),
        Err(error) if error.classify() != Category::Data => Err(Unreadable::NotJson),
        Err(error) => {
            let path = track.path().to_string();
            let place = if path == "." { "it" } else { &path };
            let message = error.to_string();
            // The names of missing fields are ours.
            let missing = message
                .strip_prefix("missing field `")
                .and_then(|rest| rest.split('`').next());
            Err(Unreadable::Unexpected(match (missing, kind(&message)) {
                (Some(field), _) => format!("{place} has no \"{field}\""),
                (None, Some(kind)) => format!("{place} is {kind}"),
                (None, None) => format!("{place} is not what the API documents"),
            }))
        }
    }
}

/// What a value of the wrong kind is, by serde's words for it.
fn kind(message: &str) -> Option<&'static str> {
    if message.starts_with(r#"invalid value: string "","#) {
        return Some("empty");
    }
    let found = message.strip_prefix("invalid type: ")?;
    let kinds = [
        ("null", "null"),
        ("boolean", "a boolean"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("string", "a string"),
        ("sequence", "a list"),
        ("map", "an object"),
    ];
    let of_value = |(word, _): &&(&str, _)| found.starts_with(word);
    kinds.iter().find(of_value).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swas::images;

    #[test]
    fn a_malformed_answer_is_told_by_its_place() {
        for (body, expected) in [
            ("{}", Some("it has no \"Images\"")),
            (r#"{"Images": null}"#, Some("Images is null")),
            (r#"{"Images": {}}"#, Some("Images is an object")),
            (r#"{"Images": "goldfish"}"#, Some("Images is a string")),
            (r#"{"Images": true}"#, Some("Images is a boolean")),
            (r#"{"Images": -7.5}"#, Some("Images is a number")),
            (
                r#"{"Images": [{"ImageId": ""}]}"#,
                Some("Images[0].ImageId is empty"),
            ),
            (
                r#"{"Images": [{"ImageId": "a"}, {}]}"#,
                Some("Images[1] has no \"ImageId\""),
            ),
            (
                r#"{"Images": [{"ImageId": "goldfish", "ImageName": ["goldfish"]}]}"#,
                Some("Images[0].ImageName is a list"),
            ),
            (r#"["goldfish"]"#, Some("it is a list")),
            ("[[]]", Some("it is a list")),
            (
                r#"{"Images": [], "Images": []}"#,
                Some("it is not what the API documents"),
            ),
            ("<html>", None),
            (r#"{"Images": ["#, None),
            (r#"{"Images": []} goldfish"#, None),
        ] {
            let told = match parse::<images::Answer>(body.as_bytes()) {
                Ok(_) => panic!("{body} was read"),
                Err(Unreadable::NotJson) => None,
                Err(Unreadable::Unexpected(reason)) => Some(reason),
            };
            assert_eq!(told.as_deref(), expected, "{body}");
        }
    }
}
