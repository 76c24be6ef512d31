//! The operation `ListRegions`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Share;
use aliyun::client::Operation;
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::{StrictList, required_string, string_or_default};

/// The languages of region names: values of the parameter `AcceptLanguage`. The API's default
/// is the first one.
pub const LANGUAGES: [&str; 2] = ["zh-CN", "en-US"];

/// Lists the regions in which servers are offered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListRegions {
    /// The region whose endpoint is called. Every endpoint lists all regions.
    pub region: RegionId,
    /// One of [`LANGUAGES`].
    pub accept_language: Option<&'static str>,
}

/// A region in which servers are offered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub struct Region {
    /// Never empty.
    #[serde(deserialize_with = "required_string")]
    pub region_id: String,
    /// The display name, in the requested language.
    #[serde(default, deserialize_with = "string_or_default")]
    pub local_name: String,
    /// The host of the endpoint.
    #[serde(default, deserialize_with = "string_or_default")]
    pub region_endpoint: String,
}

/// Response of `ListRegions`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRegionsResponse {
    regions: StrictList<Region>,
}

impl Operation for ListRegions {
    type Response = ListRegionsResponse;
    type Output = Vec<Region>;

    const ACTION: &'static str = "ListRegions";

    fn region(&self) -> &RegionId {
        &self.region
    }

    fn parameters(&self) -> Parameters {
        self.accept_language
            .map(|language| ("AcceptLanguage", language.to_owned()))
            .into_iter()
            .collect()
    }

    fn entries(response: &ListRegionsResponse) -> Option<usize> {
        Some(response.regions.0.len())
    }

    /// Sorts by ID and drops duplicates.
    fn into_output(response: ListRegionsResponse) -> Vec<Region> {
        let StrictList(mut regions) = response.regions;
        regions.sort_unstable();
        regions.dedup_by(|one, other| one.region_id == other.region_id);
        regions
    }
}

impl Share for ListRegions {
    fn is_shared(&self) -> bool {
        true
    }

    fn shared_body(&self, regions: &Vec<Region>) -> Option<Vec<u8>> {
        serde_json::to_vec(&BTreeMap::from([("Regions", regions)])).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(response: &str) -> Result<Vec<String>, serde_json::Error> {
        let regions = ListRegions::into_output(serde_json::from_str(response)?);
        Ok(regions.into_iter().map(|region| region.region_id).collect())
    }

    #[test]
    fn regions_are_sorted_by_id_without_duplicates() {
        let response = r#"{"RequestId": "R", "Regions": [
            {"RegionId": "cn-b", "LocalName": "B", "RegionEndpoint": "b.example", "New": 1},
            {"RegionId": "cn-a"},
            {"RegionId": "cn-b", "LocalName": null}]}"#;
        assert_eq!(ids(response).unwrap(), ["cn-a", "cn-b"]);
    }

    #[test]
    fn response_without_list_of_named_regions_is_malformed() {
        for malformed in [
            "{}",
            r#"{"Regions": null}"#,
            r#"{"Regions": {}}"#,
            r#"{"Regions": [{}]}"#,
            r#"{"Regions": [["cn-a", "", ""]]}"#,
            r#"{"Regions": [{"RegionId": ""}]}"#,
            r#"{"Regions": [{"RegionId": 7}]}"#,
        ] {
            assert!(ids(malformed).is_err(), "{malformed}");
        }
    }
}
