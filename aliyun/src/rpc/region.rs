//! Region IDs.

use std::fmt;
use std::str::FromStr;

/// A region ID, such as `cn-hangzhou`.
///
/// The ID becomes part of the host name of an endpoint. It is limited to lower-case
/// letters, digits and hyphens, and must not be a Punycode label (`xn--`), so that no
/// ID can direct a request to another host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(String);

/// Error for text that is not a valid region ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region ID has 1 to 63 lower-case letters, digits and hyphens, such as \"cn-hangzhou\"")]
pub struct InvalidRegionId;

impl RegionId {
    /// The region for calls whose response is the same in every region.
    ///
    /// It is Alibaba Cloud's oldest region.
    #[must_use]
    pub fn any() -> Self {
        Self("cn-hangzhou".to_owned())
    }

    /// Returns the ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RegionId {
    type Err = InvalidRegionId;

    fn from_str(text: &str) -> Result<Self, InvalidRegionId> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_label = text.bytes().all(allowed) && !text.starts_with('-') && !text.ends_with('-');
        let is_punycode = text.starts_with("xn--");
        if (1..=63).contains(&text.len()) && is_label && !is_punycode {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRegionId)
        }
    }
}

impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_id_that_is_not_a_host_label_is_invalid() {
        for valid in ["cn-hangzhou", "ap-southeast-1", "a", "x1"] {
            assert_eq!(valid.parse::<RegionId>().unwrap().as_str(), valid);
        }
        for invalid in [
            "",
            " ",
            "CN-hangzhou",
            "cn.hangzhou",
            "evil.example/#",
            "cn-hangzhou ",
            "-cn",
            "cn-",
            "杭州",
            "xn--a",
            "a\nb",
            &"a".repeat(64),
        ] {
            assert_eq!(
                invalid.parse::<RegionId>(),
                Err(InvalidRegionId),
                "{invalid:?}"
            );
        }
    }
}
