//! The operation `ListPlans`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Share;
use aliyun::client::Operation;
use aliyun::rpc::number::{self, ApiNumber, Price};
use aliyun::rpc::region::RegionId;
use aliyun::rpc::signature::Parameters;
use aliyun::rpc::strict::{StrictList, required_string, string_list, string_or_default};

/// Lists the plans of a region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListPlans {
    pub region: RegionId,
}

/// A plan: the hardware and price of a server. Every number is optional in responses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub struct Plan {
    /// Never empty.
    #[serde(deserialize_with = "required_string")]
    pub plan_id: String,
    /// Number of CPU cores.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub core: Option<ApiNumber>,
    /// GiB.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub memory: Option<ApiNumber>,
    /// GiB.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub disk_size: Option<ApiNumber>,
    /// For example `ESSD`.
    #[serde(default, deserialize_with = "string_or_default")]
    pub disk_type: String,
    /// Mbit/s.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub bandwidth: Option<ApiNumber>,
    /// GB a month.
    #[serde(default, deserialize_with = "number::optional_number")]
    pub flow: Option<ApiNumber>,
    /// For a month, in `currency`.
    #[serde(default, deserialize_with = "number::price")]
    pub origin_price: Price,
    /// For example `CNY`.
    #[serde(default, deserialize_with = "string_or_default")]
    pub currency: String,
    /// `Linux`, `Windows`, or values that the API adds later. Sorted, without duplicates.
    #[serde(default, deserialize_with = "string_list")]
    pub support_platform: Vec<String>,
    /// `NORMAL`, `CAPACITY`, or a value that the API adds later.
    #[serde(default, deserialize_with = "string_or_default")]
    pub plan_type: String,
    #[serde(default, deserialize_with = "number::optional_number")]
    pub public_ip_num: Option<ApiNumber>,
    /// For example `BGP`.
    #[serde(default, deserialize_with = "string_or_default")]
    pub isp_type: String,
    #[serde(default, deserialize_with = "number::optional_number")]
    pub tokens: Option<ApiNumber>,
}

/// Response of `ListPlans`, with the fields that are used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListPlansResponse {
    plans: StrictList<Plan>,
}

impl Operation for ListPlans {
    type Response = ListPlansResponse;
    type Output = Vec<Plan>;

    const ACTION: &'static str = "ListPlans";

    fn region(&self) -> &RegionId {
        &self.region
    }

    fn parameters(&self) -> Parameters {
        Parameters::from([("RegionId", self.region.to_string())])
    }

    fn entries(response: &ListPlansResponse) -> Option<usize> {
        Some(response.plans.0.len())
    }

    /// Sorts by price, memory, cores, and ID, and drops duplicates. A plan without a
    /// number sorts after all plans that have it.
    fn into_output(response: ListPlansResponse) -> Vec<Plan> {
        let StrictList(mut plans) = response.plans;
        // The API may list a plan twice. Sorting first makes the choice between
        // duplicates independent of its order.
        plans.sort_unstable();
        plans.dedup_by(|one, other| one.plan_id == other.plan_id);
        let missing_last = |number: Option<ApiNumber>| (number.is_none(), number);
        plans.sort_by_key(|plan| {
            (
                plan.origin_price,
                [plan.memory, plan.core].map(missing_last),
            )
        });
        plans
    }
}

impl Share for ListPlans {
    fn is_shared(&self) -> bool {
        true
    }

    fn shared_body(&self, plans: &Vec<Plan>) -> Option<Vec<u8>> {
        serde_json::to_vec(&BTreeMap::from([("Plans", plans)])).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(response: &str) -> Result<Vec<Plan>, serde_json::Error> {
        Ok(ListPlans::into_output(serde_json::from_str(response)?))
    }

    #[test]
    fn plans_are_sorted_by_price_with_missing_prices_last() {
        let response = r#"{"RequestId": "R", "Plans": [
            {"PlanId": "none"},
            {"PlanId": "unreadable", "OriginPrice": "soon", "Memory": 1},
            {"PlanId": "no-price", "Memory": 1, "Core": 1},
            {"PlanId": "dear", "OriginPrice": "$10", "Memory": 0.5, "Core": 1, "New": {}},
            {"PlanId": "big", "OriginPrice": 9, "Memory": 4, "Core": 1},
            {"PlanId": "b", "OriginPrice": "9", "Memory": 2, "Core": 2},
            {"PlanId": "a", "OriginPrice": "9", "Memory": 2, "Core": 2},
            {"PlanId": "few-cores", "OriginPrice": 9.0, "Memory": 2, "Core": 1},
            {"PlanId": "dear", "OriginPrice": "$11"}]}"#;
        let plans = plans(response).unwrap();
        let ids: Vec<_> = plans.iter().map(|plan| plan.plan_id.as_str()).collect();
        let expected = [
            "few-cores",
            "a",
            "b",
            "big",
            "dear",
            "no-price",
            "none",
            "unreadable",
        ];
        assert_eq!(ids, expected);
    }

    #[test]
    fn response_without_list_of_named_plans_is_malformed() {
        for malformed in [
            "{}",
            r#"{"Plans": null}"#,
            r#"{"Plans": {}}"#,
            r#"{"Plans": [{}]}"#,
            r#"{"Plans": [["a"]]}"#,
            r#"{"Plans": [{"PlanId": ""}]}"#,
        ] {
            assert!(plans(malformed).is_err(), "{malformed}");
        }
    }
}
