//! The name of a region.

use std::fmt;
use std::str::FromStr;

/// The variables that name the default region, first one first.
pub const REGION_VARIABLES: [&str; 2] = ["ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"];

/// The name of a region, such as `cn-hangzhou`.
///
/// It becomes part of the name of the host that requests go to. So it holds
/// nothing but lower-case letters, digits and hyphens, and it is not in the
/// encoding of names with other letters: no name can lead a request to another
/// host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(String);

/// Text that cannot be the name of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region ID has 1 to 63 lower-case letters, digits and hyphens, such as \"cn-hangzhou\"")]
pub struct InvalidRegionId;

impl RegionId {
    /// The region to ask for what every region can answer: the first one that
    /// Alibaba Cloud had.
    #[must_use]
    pub fn any() -> Self {
        Self("cn-hangzhou".to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RegionId {
    type Err = InvalidRegionId;

    fn from_str(text: &str) -> Result<Self, InvalidRegionId> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let ends = |text: &str| !text.starts_with('-') && !text.ends_with('-');
        let is_plain = text.bytes().all(allowed) && ends(text) && !text.starts_with("xn--");
        if (1..=63).contains(&text.len()) && is_plain {
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
    fn a_region_is_one_part_of_a_host_name() {
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
