//! Region IDs.

use std::fmt;
use std::str::FromStr;

/// The regions in the response of `ListRegions` in June 2026, for suggestions in errors. The
/// API decides which regions exist.
pub const KNOWN_REGIONS: [&str; 26] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-heyuan",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-nanjing",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-1",
];

/// A region ID, such as `cn-hangzhou`.
///
/// The ID becomes part of the host name of an endpoint. It is limited to lower-case
/// letters, digits and single hyphens, and cannot become a Punycode label (`xn--`), so
/// that no ID can direct a request to another host.
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

    /// Returns true if the region is one of [`KNOWN_REGIONS`].
    pub fn is_known(&self) -> bool {
        KNOWN_REGIONS.contains(&self.as_str())
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
        if (1..=63).contains(&text.len()) && is_label && !text.contains("--") {
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
            "cn--hangzhou",
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
