//! One request, as it came over the wire and as the API reads it.

use std::collections::BTreeMap;

use hyper::http::request::Parts;

use super::error::ApiError;
use super::form::{self, FormError};

/// A request that the emulator has received, whether it was a good one or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method: `POST`, `GET`, …
    pub method: String,
    /// Path and query, as on the wire.
    pub target: String,
    /// Headers in the order received, names in lower case. A value that is not
    /// UTF-8 has U+FFFD in the place of what is not.
    pub headers: Vec<(String, String)>,
    /// The body, as on the wire. What is not UTF-8 is U+FFFD.
    pub body: String,
    /// The parameters decoded from the query and, where the content type says
    /// that it is a form, the body. Of a malformed form those before the
    /// mistake.
    pub parameters: BTreeMap<String, String>,
    pub(super) malformed: Option<FormError>,
}

impl Request {
    pub(super) fn new(head: &Parts, body: &[u8]) -> Self {
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let mut request = Self {
            method: head.method.to_string(),
            target: head.uri.to_string(),
            headers,
            body: String::from_utf8_lossy(body).into_owned(),
            parameters: BTreeMap::new(),
            malformed: None,
        };
        request.malformed = request.decode_parameters().err();
        request
    }

    fn decode_parameters(&mut self) -> Result<(), FormError> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        form::decode_into(&mut self.parameters, query)?;
        let is_form = self
            .header("content-type")
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        if is_form {
            form::decode_into(&mut self.parameters, &self.body)?;
        }
        Ok(())
    }

    /// The action asked for, such as `ListImages`; empty when there is none.
    #[must_use]
    pub fn action(&self) -> &str {
        self.parameter("Action").unwrap_or_default()
    }

    /// The value of the parameter `name`, if it was sent.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The value of a parameter that must be there; an empty one does not count.
    pub(super) fn require(&self, name: &str) -> Result<&str, ApiError> {
        self.parameter(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| ApiError::missing(name))
    }

    /// The first value of the header `name`, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(header, value)| (header == name).then_some(value.as_str()))
    }

    /// The path without the query.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}
