//! Encrypted or plain.

/// How calls travel to an endpoint that does not say it itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Encrypted.
    #[default]
    Https,
    /// Plain, for tests and gateways on the same machine.
    Http,
}

impl Protocol {
    /// The scheme of a URL.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }
}
