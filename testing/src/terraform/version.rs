//! Client versions.

use std::fmt;

/// A client version, such as 1.11.4 or 0.15.0-rc2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    major: u32,
    minor: u32,
    text: String,
}

impl Version {
    /// Parses a version. Returns `None` unless the text starts with two numbers.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse().ok();
        Some(Self {
            major: number()?,
            minor: number()?,
            text: text.to_owned(),
        })
    }

    /// Returns whether this is `major.minor` or later. Release candidates of
    /// `major.minor.0` count as the release.
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_comparison_is_numeric_and_includes_release_candidates() {
        let candidate = Version::parse("0.15.0-rc2").unwrap();
        assert!(candidate.at_least(0, 15) && !candidate.at_least(1, 0));
        let later = Version::parse("1.11.4").unwrap();
        assert!(later.at_least(0, 15) && later.at_least(1, 4) && !later.at_least(1, 12));
    }
}
