//! Scripted replies, which replace the API's own responses.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};

use super::body::Content;
use super::error::ApiError;

/// A scripted reaction to a request. It applies before the request is validated.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) delay: Duration,
    pub(super) headers: HeaderMap,
    pub(super) kind: Kind,
    pub(super) delivery: Delivery,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Normal,
    Error(ApiError),
    Echo,
    Raw(StatusCode, Content),
    Hang,
    Close,
    Reset,
}

/// Delivery of the body. All variants but the first send the `Content-Length` of the
/// whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    AtOnce,
    /// Closes the connection after half of the body.
    Truncated,
    /// Sends nothing after half of the body and keeps the connection open.
    Stalled,
    /// Sends one byte per interval.
    Trickled(Duration),
}

impl Reply {
    fn new(kind: Kind) -> Self {
        Self {
            delay: Duration::ZERO,
            headers: HeaderMap::new(),
            kind,
            delivery: Delivery::AtOnce,
        }
    }

    /// The API's own response: a gap between scripted replies in the queue, or a
    /// delayed response with [`Reply::after`].
    #[must_use]
    pub fn normal() -> Self {
        Self::new(Kind::Normal)
    }

    /// An error in the API's JSON format with a unique request ID.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not an HTTP status, 100 to 999.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        status_code(status);
        Self::new(Kind::Error(ApiError::new(status, code, message)))
    }

    /// A throttling error, with or without `x-acs-retry-after`.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not an HTTP status, 100 to 999.
    #[must_use]
    pub fn throttled(status: u16, retry_after: Option<Duration>) -> Self {
        status_code(status);
        Self::new(Kind::Error(ApiError::throttled(status, retry_after)))
    }

    /// An error whose message echoes the request: the raw body, every decoded
    /// parameter, and the headers of signature V3.
    #[must_use]
    pub fn echo() -> Self {
        Self::new(Kind::Echo)
    }

    /// Any status and body. It has no content type unless [`Reply::with_header`]
    /// sets one.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not an HTTP status, 100 to 999.
    #[must_use]
    pub fn raw(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let content = Content::Text(body.into().into());
        Self::new(Kind::Raw(status_code(status), content))
    }

    /// A 200 response with the content type of JSON. `body` is not validated.
    #[must_use]
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::raw(200, body).with_header(CONTENT_TYPE.as_str(), JSON)
    }

    /// An HTML page, as proxies and gateways send.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not an HTTP status, 100 to 999.
    #[must_use]
    pub fn html(status: u16, page: &str) -> Self {
        Self::raw(status, page).with_header(CONTENT_TYPE.as_str(), "text/html")
    }

    /// A 302 redirect to `location`.
    ///
    /// # Panics
    ///
    /// Panics if `location` is not a valid header value.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::raw(302, "").with_header(LOCATION.as_str(), location)
    }

    /// A 200 response with a body of `length` blanks. They are generated while the
    /// body is sent: no length takes memory.
    #[must_use]
    pub fn blanks(length: u64, announced: Length) -> Self {
        let reply = Self::new(Kind::Raw(StatusCode::OK, Content::Blanks(length)));
        let reply = reply.with_header(CONTENT_TYPE.as_str(), JSON);
        match announced {
            Length::Announced => reply.with_header(CONTENT_LENGTH.as_str(), &length.to_string()),
            Length::Unannounced => reply,
        }
    }

    /// No response until the emulator is dropped, which closes the connection, or
    /// until [`Emulator::release`](super::Emulator::release), which sends the API's.
    #[must_use]
    pub fn hang() -> Self {
        Self::new(Kind::Hang)
    }

    /// Closes the connection after the request has been read.
    #[must_use]
    pub fn close() -> Self {
        Self::new(Kind::Close)
    }

    /// Resets the connection after the request has been read.
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Closes the connection in the middle of the body.
    #[must_use]
    pub fn truncated(mut self) -> Self {
        self.delivery = Delivery::Truncated;
        self
    }

    /// Sends nothing after the first half of the body.
    #[must_use]
    pub fn stalled(mut self) -> Self {
        self.delivery = Delivery::Stalled;
        self
    }

    /// Sends one byte of the body per `interval`.
    #[must_use]
    pub fn trickled(mut self, interval: Duration) -> Self {
        self.delivery = Delivery::Trickled(interval);
        self
    }

    /// Delays the response by `delay` after the request has been read.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets a header, replacing any of the same name.
    ///
    /// A `Content-Length` above that of the body makes a truncated response: the
    /// connection is closed when the body ends.
    ///
    /// # Panics
    ///
    /// Panics if the name or value is not valid in HTTP.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header name");
        let value = HeaderValue::try_from(value).expect("a header value");
        self.headers.insert(name, value);
        self
    }
}

/// The content type of the API's responses.
pub(super) const JSON: &str = "application/json;charset=utf-8";

/// Presence of a `Content-Length`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// It has a `Content-Length`.
    Announced,
    /// It has none: the body is chunked.
    Unannounced,
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status from 100 to 999")
}
