//! The block, and the objects of its list.

use serde::{Deserialize, Serialize};

use crate::swas::operations::plans::Plan;
use crate::terraform::{Number, Value};
use aliyun::rpc::number::Price;

#[derive(Debug, Deserialize, Serialize)]
pub struct PlansModel {
    pub(super) region_id: Value<String>,
    pub(super) plan_ids: Value<Vec<Value<String>>>,
    pub(super) core: Value<Number>,
    pub(super) memory: Value<Number>,
    pub(super) disk_size: Value<Number>,
    pub(super) bandwidth: Value<Number>,
    pub(super) flow: Value<Number>,
    pub(super) platform: Value<String>,
    pub(super) plan_type: Value<String>,
    pub(super) min_core: Value<Number>,
    pub(super) min_memory: Value<Number>,
    pub(super) max_price: Value<Number>,
    pub(super) id: Value<String>,
    #[serde(skip_deserializing)]
    pub(super) plans: Value<Vec<PlanObject>>,
    #[serde(skip_deserializing)]
    pub(super) ids: Value<Vec<String>>,
}

#[derive(Debug, Serialize)]
pub struct PlanObject {
    pub(super) id: String,
    pub(super) plan_id: String,
    pub(super) core: Option<Number>,
    pub(super) memory: Option<Number>,
    pub(super) disk_size: Option<Number>,
    pub(super) disk_type: String,
    pub(super) bandwidth: Option<Number>,
    pub(super) flow: Option<Number>,
    pub(super) price: Option<Number>,
    pub(super) currency: String,
    pub(super) platforms: Vec<String>,
    pub(super) plan_type: String,
    pub(super) public_ip_num: Option<Number>,
    pub(super) isp_type: String,
    pub(super) tokens: Option<Number>,
}

impl From<&Plan> for PlanObject {
    fn from(plan: &Plan) -> Self {
        Self {
            id: plan.plan_id.clone(),
            plan_id: plan.plan_id.clone(),
            core: plan.core.map(Number::from),
            memory: plan.memory.map(Number::from),
            disk_size: plan.disk_size.map(Number::from),
            disk_type: plan.disk_type.clone(),
            bandwidth: plan.bandwidth.map(Number::from),
            flow: plan.flow.map(Number::from),
            price: match plan.origin_price {
                Price::Known(price) => Some(price.into()),
                Price::Absent | Price::Unreadable => None,
            },
            currency: plan.currency.clone(),
            platforms: plan.support_platform.clone(),
            plan_type: plan.plan_type.clone(),
            public_ip_num: plan.public_ip_num.map(Number::from),
            isp_type: plan.isp_type.clone(),
            tokens: plan.tokens.map(Number::from),
        }
    }
}
