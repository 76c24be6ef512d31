//! The data source `swas_plans`: all plans of a region that match.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::fields::{self, Entry, Field, Objects, fields};
use crate::provider::data_sources::not_found;
use crate::provider::fetched::Work;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::plans::{ListPlans, Plan};
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostic, Diagnostics, DynamicValue, Number, Parser,
    ReadError, Schema, Type, Value,
};
use aliyun::rpc::number::{ApiNumber, Price};
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The maximum number of plans in an error.
const MAX_LISTED: usize = 10;

#[derive(Debug)]
pub struct PlansDataSource;

#[derive(Debug, Deserialize, Serialize)]
pub struct PlansModel<'a> {
    region_id: Value<String>,
    plan_ids: Value<Vec<Value<String>>>,
    core: Value<Number>,
    memory: Value<Number>,
    disk_size: Value<Number>,
    bandwidth: Value<Number>,
    flow: Value<Number>,
    platform: Value<String>,
    plan_type: Value<String>,
    min_core: Value<Number>,
    min_memory: Value<Number>,
    max_price: Value<Number>,
    id: Value<String>,
    #[serde(skip_deserializing)]
    plans: Value<Objects<'a, Plan>>,
    #[serde(skip_deserializing)]
    ids: Value<Vec<&'a str>>,
}

/// The parsed arguments.
#[derive(Debug)]
pub struct PlansFilter {
    region_id: Option<RegionId>,
    plan_ids: Option<Vec<String>>,
    numbers: Vec<NumberFilter>,
    platform: Option<&'static str>,
    plan_type: Option<String>,
}

/// A number of plans, and its comparison with the value of an argument.
#[derive(Debug)]
struct NumberFilter {
    get: fn(&Plan) -> Option<ApiNumber>,
    matches: fn(&Number, &Number) -> bool,
    wanted: Number,
}

impl Entry for Plan {
    const FIELDS: &'static [Field<Self>] = fields! {
        "id": Text(|it| &it.plan_id), "ID of the plan.";
        "plan_id": Text(|it| &it.plan_id), "Same as `id`.";
        "core": Number(|it| it.core), "Number of cores.";
        "memory": Number(|it| it.memory), "Memory in GiB.";
        "disk_size": Number(|it| it.disk_size), "Size of the disk in GiB.";
        "disk_type": Text(|it| &it.disk_type), "Type of the disk, such as `ESSD`.";
        "bandwidth": Number(|it| it.bandwidth), "Bandwidth in Mbit/s.";
        "flow": Number(|it| it.flow), "Traffic in GB a month.";
        "price": Number(|it| it.origin_price.known()), "Price of a month in `currency`.";
        "currency": Text(|it| &it.currency), "Currency of the price, such as `CNY`.";
        "platforms": Texts(|it| &it.support_platform),
            "Platforms that the plan supports: `Linux`, `Windows`, or both.";
        "plan_type": Text(|it| &it.plan_type),
            "Type of the plan, such as `NORMAL`, `CAPACITY`, and `MULTI_IP`.";
        "public_ip_num": Number(|it| it.public_ip_num), "Number of public IP addresses.";
        "isp_type": Text(|it| &it.isp_type),
            "Type of the network line, such as `BGP`. Often empty.";
        "tokens": Number(|it| it.tokens), "Number of tokens.";
    };
}

impl DataSource for PlansDataSource {
    type ProviderData = ProviderData;
    type Model = PlansModel<'static>;
    type Filter = PlansFilter;

    const TYPE_NAME: &'static str = "swas_plans";

    fn schema() -> Schema {
        let minimum = |name, description| Attribute::optional(name, Type::Number, description);
        Schema {
            description: "Returns the plans of a region that match all arguments, cheapest first.\n\
                          If no plan matches, the list is empty.",
            attributes: vec![
                attributes::region_id("plans"),
                attributes::id_filter("plan_ids", "plans"),
                Attribute::optional(
                    "platform",
                    Type::String,
                    "Platform that the plan supports. Valid values: `Linux` and `Windows`.",
                ),
                fields::argument::<Plan>("plan_type"),
                fields::argument::<Plan>("core"),
                fields::argument::<Plan>("memory"),
                fields::argument::<Plan>("disk_size"),
                fields::argument::<Plan>("bandwidth"),
                fields::argument::<Plan>("flow"),
                minimum("min_core", "Minimum number of cores."),
                minimum("min_memory", "Minimum memory in GiB."),
                Attribute::optional(
                    "max_price",
                    Type::Number,
                    "Maximum price of a month, in the currency of the region.",
                ),
                attributes::computed_id("plan_ids"),
                fields::list::<Plan>(
                    "plans",
                    "Matching plans, by price, then memory, cores, and ID, so that `plans[0]` is \
                     the cheapest. Numbers that the API does not return are `null`, and match no \
                     argument. If the price of a matching plan is not a number, the read fails.",
                ),
                attributes::projected_list("ids", "IDs", "plans").suggest("plan_ids"),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(model: &PlansModel, parser: &mut Parser<'_>) -> Result<PlansFilter, ConfigError> {
        let region_id = parser.text("region_id", &model.region_id, validators::region);
        let plan_ids = validators::ids("plan_ids", &model.plan_ids, parser);
        let numbers = parse_numbers(model, parser);
        let platform = parser.text("platform", &model.platform, validators::platform);
        let plan_type = parser.text("plan_type", &model.plan_type, validators::no_control_chars);
        Ok(PlansFilter {
            region_id: region_id?,
            plan_ids: plan_ids?,
            numbers: numbers?,
            platform: platform?,
            plan_type: plan_type?,
        })
    }

    async fn read(
        data: &ProviderData,
        filter: PlansFilter,
        mut model: PlansModel<'static>,
        warnings: &mut Diagnostics,
    ) -> Result<DynamicValue, ReadError> {
        let region = data.region(filter.region_id.clone(), warnings).await?;
        let query = ListPlans {
            region: region.clone(),
        };
        let ids = filter.plan_ids.as_deref();
        let plans = data.fetch(ids, |client| client.plans(query), warnings);
        let plans = plans.await?;
        let encode = move |plans: Arc<Vec<Plan>>, work: &mut Work| {
            let matching: Vec<_> = plans.iter().filter(|plan| filter.matches(plan)).collect();
            if let Some(error) = unreadable_price_error(&region, &matching) {
                return Err(error);
            }
            filter.add_warnings(&region, &plans, work);
            model.region_id = model.region_id.or(region.to_string());
            DynamicValue::encode(&PlansModel {
                id: Value::Known(digest(&model)),
                ids: Value::Known(matching.iter().map(|plan| &*plan.plan_id).collect()),
                plans: Value::Known(Objects(matching)),
                ..model
            })
        };
        plans.process(warnings, encode).await
    }
}

/// Validates the arguments that are numbers.
fn parse_numbers(
    model: &PlansModel,
    parser: &mut Parser<'_>,
) -> Result<Vec<NumberFilter>, ConfigError> {
    let mut filters = Vec::new();
    let mut add = |name, value, get, matches| {
        let number = parser.value(name, value, |number, path| {
            // The API documents only numbers of cores as whole.
            let is_whole = name.ends_with("core");
            validators::non_negative(*number, is_whole, path)
        });
        filters.push(number.map(|wanted| {
            wanted.map(|wanted| NumberFilter {
                get,
                matches,
                wanted,
            })
        }));
    };
    add("core", &model.core, |it| it.core, Number::eq);
    add("memory", &model.memory, |it| it.memory, Number::eq);
    add("disk_size", &model.disk_size, |it| it.disk_size, Number::eq);
    add("bandwidth", &model.bandwidth, |it| it.bandwidth, Number::eq);
    add("flow", &model.flow, |it| it.flow, Number::eq);
    add("min_core", &model.min_core, |it| it.core, Number::ge);
    add("min_memory", &model.min_memory, |it| it.memory, Number::ge);
    // The lower bound of an unreadable price is zero, so that the plan matches and causes an
    // error.
    let price = |plan: &Plan| plan.origin_price.lower_bound();
    add("max_price", &model.max_price, price, Number::le);
    filters.into_iter().filter_map(Result::transpose).collect()
}

impl PlansFilter {
    fn matches(&self, plan: &Plan) -> bool {
        let platforms = &plan.support_platform;
        let supports = |it| platforms.iter().any(|platform| platform == it);
        let ids = self.plan_ids.as_ref();
        let plan_type = self.plan_type.as_ref();
        ids.is_none_or(|ids| ids.contains(&plan.plan_id))
            && self.numbers.iter().all(|filter| {
                let number = (filter.get)(plan).map(Number::from);
                number.is_some_and(|number| (filter.matches)(&number, &filter.wanted))
            })
            && self.platform.is_none_or(supports)
            && plan_type.is_none_or(|plan_type| *plan_type == plan.plan_type)
    }

    fn add_warnings(&self, region: &RegionId, plans: &[Plan], work: &mut Work) {
        let entries = format!("plan of region {region}");
        let plan_ids = self.plan_ids.as_deref().unwrap_or_default();
        work.warn(not_found::ids_warning(
            &entries,
            "plan_ids",
            plan_ids,
            plans.iter().map(|plan| &*plan.plan_id),
            "They are no longer sold, or belong to another region.",
        ));
        work.warn(not_found::value_warning(
            &entries,
            "plan_type",
            self.plan_type.as_deref(),
            plans.iter().map(|plan| &*plan.plan_type),
        ));
        let platforms = plans.iter().flat_map(|plan| &plan.support_platform);
        work.warn(not_found::value_warning(
            &entries,
            "platform",
            self.platform,
            // Plans may have none.
            platforms
                .map(String::as_str)
                .chain(plans.first().map(|_| "")),
        ));
        work.warn(self.mixed_currencies_warning(region, plans));
    }

    /// The warning that prices in several currencies are not comparable.
    fn mixed_currencies_warning(&self, region: &RegionId, plans: &[Plan]) -> Option<Diagnostic> {
        let ids = self.plan_ids.as_ref();
        let plans = plans.iter().filter(|plan| {
            let is_requested = ids.is_none_or(|ids| ids.contains(&plan.plan_id));
            is_requested && plan.origin_price.known().is_some() && !plan.currency.is_empty()
        });
        let currencies: BTreeSet<_> = plans.map(|plan| plan.currency.as_str()).collect();
        let mut currencies = currencies.into_iter().map(debug_quote);
        let (first, second) = (currencies.next()?, currencies.next()?);
        let detail = format!(
            "Plans of region {region} have prices in several currencies, such as {first} and \
             {second}. Their order ignores the currency. Select plans of one currency with \
             \"plan_ids\"."
        );
        Some(Diagnostic::warning("Plans in several currencies", detail))
    }
}

/// The error about matching plans without a readable price. Such a plan may exceed
/// `max_price`, or be cheaper than the first plan of the list, which users take for the
/// cheapest.
fn unreadable_price_error(region: &RegionId, matching: &[&Plan]) -> Option<Diagnostic> {
    let unreadable = matching.iter();
    let unreadable = unreadable.filter(|plan| plan.origin_price == Price::Unreadable);
    let mut unreadable = unreadable.map(|plan| plan.plan_id.clone()).peekable();
    unreadable.peek()?;
    let mut detail = format!(
        "Selecting plans in {region} failed: the price of these matching plans is not a number, so \
         that the cheapest plan is unknown:"
    );
    list::append(&mut detail, unreadable, MAX_LISTED);
    detail.push_str("\nExclude them with other arguments, such as \"plan_ids\".");
    Some(Diagnostic::error("Plans without a readable price", detail))
}
