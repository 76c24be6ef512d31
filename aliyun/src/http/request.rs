//! HTTP requests.

use std::time::Duration;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::http::error::HttpError;

/// Media type of URL-encoded forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A request. It is not `Debug`, because URL and body can contain secrets.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: SecretString,
    /// Values to redact in responses that repeat them.
    pub(super) secrets: Vec<SecretString>,
    /// Time limit for the response, if it is not that of the client.
    pub(super) timeout: Option<Duration>,
    /// True for the call of an API, and false for a request to another service.
    pub(super) is_api_call: bool,
}

impl Request {
    fn new(method: Method, url: Url) -> Self {
        let userinfo = [url.username(), url.password().unwrap_or_default()];
        let secrets = userinfo.into_iter().chain(url.query());
        let secrets = secrets.map(SecretString::from);
        // A response can repeat a value without its name.
        let values = url.query_pairs();
        let values = values.map(|(_, value)| SecretString::from(&*value));
        let secrets = secrets.chain(values);
        let secrets = secrets.filter(|secret| !secret.expose_secret().is_empty());
        Self {
            method,
            secrets: secrets.collect(),
            headers: HeaderMap::new(),
            body: SecretString::default(),
            timeout: None,
            is_api_call: false,
            url,
        }
    }

    /// Creates a GET request. User name, password, query and its values are redacted.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Creates a PUT request without a body.
    pub fn put(url: Url) -> Self {
        Self::new(Method::PUT, url)
    }

    /// Creates a POST request with a JSON body.
    pub fn post_json(url: Url, body: String) -> Self {
        let mut request = Self::new(Method::POST, url);
        request.body = body.into();
        request.with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Creates the POST request of an API call with a URL-encoded form. `secrets` are the
    /// values in the form to redact.
    pub fn post_form(url: Url, form: String, secrets: &[SecretString]) -> Self {
        let mut request = Self::new(Method::POST, url);
        request.body = form.into();
        request.secrets.extend_from_slice(secrets);
        request.is_api_call = true;
        request.with_header(CONTENT_TYPE, HeaderValue::from_static(FORM))
    }

    /// Returns the URL, which can contain secrets.
    pub fn url(&self) -> &Url {
        &self.url
    }

    #[cfg(test)]
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    #[cfg(test)]
    pub(crate) fn body(&self) -> &str {
        self.body.expose_secret()
    }

    #[cfg(test)]
    pub(crate) fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// Sets the time limit for connecting, sending and the whole response.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Adds a header without secrets.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header with text without secrets.
    ///
    /// # Errors
    ///
    /// Returns [`HttpError::BuildRequest`] if the text cannot be in a header.
    pub fn with_text_header(self, name: HeaderName, text: &str) -> Result<Self, HttpError> {
        let value = header_value(&name, text)?;
        Ok(self.with_header(name, value))
    }

    /// Adds a header with a secret. `prefix` precedes the secret.
    ///
    /// # Errors
    ///
    /// Returns [`HttpError::BuildRequest`] if the secret cannot be in a header.
    pub fn with_secret_header(
        mut self,
        name: HeaderName,
        prefix: &str,
        secret: &SecretString,
    ) -> Result<Self, HttpError> {
        let mut value = header_value(&name, &format!("{prefix}{}", secret.expose_secret()))?;
        value.set_sensitive(true);
        self.secrets.push(secret.clone());
        Ok(self.with_header(name, value))
    }
}

fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::try_from(text).map_err(|_| HttpError::BuildRequest {
        reason: format!("the value of the header \"{name}\" has invalid characters"),
    })
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    #[test]
    fn secrets_of_url_and_headers_are_redacted() {
        let url = "https://user:goldfish@a.example/?key=goldfish"
            .parse()
            .unwrap();
        let request = Request::post_json(url, "goldfish".to_owned());
        let request = request.with_secret_header(AUTHORIZATION, "Bearer ", &"goldfish".into());
        let request = request.unwrap();
        let shown = format!("{:?}", request.headers);
        assert!(!shown.contains("goldfish"), "{shown}");
        // User name, password, query, its value, and token.
        assert_eq!(request.secrets.len(), 5);
    }
}
