//! A received request, raw and decoded.

use std::collections::BTreeMap;

use hyper::http::request::Parts;

use super::error::ApiError;
use super::form::{self, FormError};
use super::signature_v3::{self, Authorization};

/// The parameters of all actions, with the headers that carry them with signature V3.
const V3_HEADERS: [(&str, &str); 5] = [
    ("Action", "x-acs-action"),
    ("Version", "x-acs-version"),
    ("Timestamp", "x-acs-date"),
    ("SignatureNonce", "x-acs-signature-nonce"),
    ("SecurityToken", "x-acs-security-token"),
];

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
        let query = self.query().to_owned();
        form::decode_into(&mut self.parameters, &query)?;
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
        self.common("Action").unwrap_or_default()
    }

    /// The access key ID of a signed request.
    #[must_use]
    pub fn access_key_id(&self) -> Option<&str> {
        match self.v3() {
            Some(header) => Authorization::parse(header).map(|header| header.credential),
            None => self.parameter("AccessKeyId"),
        }
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> Option<&str> {
        match self.v3() {
            Some(header) => Authorization::parse(header).map(|header| header.signature),
            None => self.parameter("Signature"),
        }
    }

    /// The value of a parameter of all actions, which signature V3 carries in a header.
    #[must_use]
    pub fn common(&self, name: &str) -> Option<&str> {
        let mut headers = V3_HEADERS.iter();
        match headers.find(|(parameter, _)| self.v3().is_some() && *parameter == name) {
            Some((_, header)) => self.header(header),
            None => self.parameter(name),
        }
    }

    /// Returns whether the request has signature V3.
    #[must_use]
    pub fn is_v3(&self) -> bool {
        self.v3().is_some()
    }

    /// The header `Authorization`, if it is of signature V3.
    pub(super) fn v3(&self) -> Option<&str> {
        let header = self.header("authorization");
        header.filter(|header| signature_v3::is_v3(header))
    }

    /// The query, still encoded.
    pub(super) fn query(&self) -> &str {
        let parts = self.target.split_once('?');
        parts.map_or("", |(_, query)| query)
    }

    /// The value of the parameter `name`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The value of a required parameter, which may be in a header as with
    /// [`Request::common`]. An empty value counts as missing.
    pub(super) fn require(&self, name: &str) -> Result<&str, ApiError> {
        self.common(name)
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
