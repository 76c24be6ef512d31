//! HTTPS or plain HTTP.

/// Protocol of an endpoint, and the default for endpoints without a scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP over TLS.
    #[default]
    Https,
    /// Plain HTTP, for tests and for gateways on the same machine.
    Http,
}

impl Protocol {
    /// Returns the URL scheme.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }
}
