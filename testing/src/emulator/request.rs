//! A received request, raw and decoded.

use std::collections::BTreeMap;

use hyper::http::request::Parts;

use super::error::ApiError;
use super::form::{self, FormError};

/// A request that the emulator has received, valid or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method, such as `POST`.
    pub method: String,
    /// Path and query, still encoded.
    pub target: String,
    /// Headers in the order received, with names in lower case. Invalid UTF-8 in
    /// values is replaced by U+FFFD.
    pub headers: Vec<(String, String)>,
    /// The raw body. Invalid UTF-8 is replaced by U+FFFD.
    pub body: String,
    /// The decoded parameters of the query and, if the content type is that of a
    /// form, of the body. A malformed form is decoded up to the first error.
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

    /// The action, such as `ListImages`, or an empty string.
    #[must_use]
    pub fn action(&self) -> &str {
        self.parameter("Action").unwrap_or_default()
    }

    /// The value of the parameter `name`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The value of a required parameter. An empty value counts as missing.
    pub(super) fn require(&self, name: &str) -> Result<&str, ApiError> {
        self.parameter(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| ApiError::missing(name))
    }

    /// The first value of the header `name`, given in lower case.
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
