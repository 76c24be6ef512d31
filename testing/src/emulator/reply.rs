//! Answers that a test scripts in the place of the API's own.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};

use super::body::Content;
use super::error::ApiError;

/// What to do with a request, before anything about it is checked.
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

/// How much of the body is sent, and when. All but the first announce the length
/// of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    AtOnce,
    /// Half, and then the end.
    Truncated,
    /// Half, and then nothing.
    Stalled,
    /// Byte by byte, with this between two of them.
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

    /// The answer that the API itself gives. In a queue it stands between
    /// answers that are scripted; with [`Reply::after`] it comes late.
    #[must_use]
    pub fn normal() -> Self {
        Self::new(Kind::Normal)
    }

    /// An error in the API's JSON shape, with a request ID of its own.
    ///
    /// # Panics
    ///
    /// When `status` is not a status of HTTP, 100 to 999.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        status_code(status);
        Self::new(Kind::Error(ApiError::new(status, code, message)))
    }

    /// The error of one call too many, with a wait told in milliseconds or not.
    ///
    /// # Panics
    ///
    /// When `status` is not a status of HTTP, 100 to 999.
    #[must_use]
    pub fn throttled(status: u16, retry_after: Option<Duration>) -> Self {
        status_code(status);
        Self::new(Kind::Error(ApiError::throttled(status, retry_after)))
    }

    /// An error whose message repeats what was sent: the body as it came and
    /// every value in it.
    #[must_use]
    pub fn echo() -> Self {
        Self::new(Kind::Echo)
    }

    /// Any status and body: JSON cut short, a page, nothing at all. It has no
    /// content type unless [`Reply::with_header`] gives it one.
    ///
    /// # Panics
    ///
    /// When `status` is not a status of HTTP, 100 to 999.
    #[must_use]
    pub fn raw(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let content = Content::Text(body.into().into());
        Self::new(Kind::Raw(status_code(status), content))
    }

    /// A 200 answer with `body` as its JSON, whether it is JSON or not.
    #[must_use]
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::raw(200, body).with_header(CONTENT_TYPE.as_str(), JSON)
    }

    /// A page such as a proxy or gateway answers with.
    ///
    /// # Panics
    ///
    /// When `status` is not a status of HTTP, 100 to 999.
    #[must_use]
    pub fn html(status: u16, page: &str) -> Self {
        Self::raw(status, page).with_header(CONTENT_TYPE.as_str(), "text/html")
    }

    /// A 302 that points to `location`.
    ///
    /// # Panics
    ///
    /// When `location` is not the value of a header.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::raw(302, "").with_header(LOCATION.as_str(), location)
    }

    /// A 200 answer whose body is `length` blanks. They are made while they are
    /// sent, so that any length will do.
    #[must_use]
    pub fn blanks(length: u64, announced: Length) -> Self {
        let answer = Self::new(Kind::Raw(StatusCode::OK, Content::Blanks(length)));
        let answer = answer.with_header(CONTENT_TYPE.as_str(), JSON);
        match announced {
            Length::Announced => answer.with_header(CONTENT_LENGTH.as_str(), &length.to_string()),
            Length::Unannounced => answer,
        }
    }

    /// No answer until the emulator is dropped, which closes the connection, or
    /// its hung requests are released, which answers them as the API does.
    #[must_use]
    pub fn hang() -> Self {
        Self::new(Kind::Hang)
    }

    /// The connection is closed once the request has been read.
    #[must_use]
    pub fn close() -> Self {
        Self::new(Kind::Close)
    }

    /// The connection is reset once the request has been read.
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// The same, but the connection is closed in the middle of the body.
    #[must_use]
    pub fn truncated(mut self) -> Self {
        self.delivery = Delivery::Truncated;
        self
    }

    /// The same, but nothing comes after the first half of the body.
    #[must_use]
    pub fn stalled(mut self) -> Self {
        self.delivery = Delivery::Stalled;
        self
    }

    /// The same, but one byte of the body each `every`.
    #[must_use]
    pub fn trickled(mut self, every: Duration) -> Self {
        self.delivery = Delivery::Trickled(every);
        self
    }

    /// The same, `delay` after the request has been read.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same with one more header, in the place of any of that name.
    ///
    /// A `Content-Length` above that of the body makes an answer which is cut
    /// short: the connection is closed when the body ends.
    ///
    /// # Panics
    ///
    /// When HTTP does not allow that name or value.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header name");
        let value = HeaderValue::try_from(value).expect("a header value");
        self.headers.insert(name, value);
        self
    }
}

/// The content type of every answer of the API.
pub(super) const JSON: &str = "application/json;charset=utf-8";

/// Whether an answer says how long it is before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// In the header `Content-Length`.
    Announced,
    /// Nowhere: the body comes in chunks.
    Unannounced,
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status from 100 to 999")
}
