//! The data source `swas_plans`: all plans of a region that match.

mod model;
mod numeric_arguments;

use std::collections::BTreeSet;

use serde_json::json;

use model::{PlanObject, PlansModel};
use numeric_arguments::{NUMERIC_ARGUMENTS, NumericArgument};

use crate::provider::blocking::run_blocking;
use crate::provider::config::ProviderData;
use crate::provider::data_sources::attributes;
use crate::provider::data_sources::digest::digest;
use crate::provider::data_sources::not_found;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::images::model::Platform;
use crate::swas::operations::plans::{ListPlans, Plan};
use crate::terraform::{
    Attribute, ConfigError, DataSource, Diagnostic, Diagnostics, Number, Parser, ReadError, Schema,
    Type, Value,
};
use aliyun::rpc::number::Price;
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The maximum number of plans in an error.
const MAX_LISTED: usize = 10;

#[derive(Debug)]
pub struct PlansDataSource;

/// The parsed arguments.
#[derive(Debug)]
pub struct PlansFilter {
    region_id: Option<RegionId>,
    plan_ids: Option<Vec<String>>,
    numbers: Vec<(&'static NumericArgument, Number)>,
    platform: Option<Platform>,
    plan_type: Option<String>,
}

impl PlansFilter {
    fn matches(&self, plan: &Plan) -> bool {
        let supports = |platform: Platform| {
            plan.support_platform
                .iter()
                .any(|one| one == platform.as_str())
        };
        let ids = self.plan_ids.as_ref();
        ids.is_none_or(|ids| ids.contains(&plan.plan_id))
            && self
                .numbers
                .iter()
                .all(|(argument, wanted)| argument.matches(plan, *wanted))
            && self.platform.is_none_or(supports)
            && self
                .plan_type
                .as_ref()
                .is_none_or(|wanted| *wanted == plan.plan_type)
    }

    /// The error about matching plans without a readable price. Such a plan may exceed
    /// `max_price`, or be cheaper than the first plan of the list, which users take for the
    /// cheapest. Plans that do not match do not matter.
    fn unreadable_price_error(region: &RegionId, matching: &[&Plan]) -> Option<Diagnostic> {
        let unreadable = matching.iter();
        let mut unreadable = unreadable
            .filter(|plan| plan.origin_price == Price::Unreadable)
            .map(|plan| plan.plan_id.clone())
            .peekable();
        unreadable.peek()?;
        let mut detail = format!(
            "In region {region}, the API answers with a price that is no number for plans which \
             fit this block otherwise:"
        );
        list::append(&mut detail, unreadable, MAX_LISTED);
        detail.push_str(
            "\nWhether they are the cheapest cannot be told. Leave them out by another argument, \
             such as \"plan_ids\", which names those that may be taken.",
        );
        Some(Diagnostic::error("Plans without a readable price", detail))
    }

    /// The warning that prices in several currencies are not comparable.
    fn mixed_currencies_warning(&self, region: &RegionId, plans: &[Plan]) -> Option<Diagnostic> {
        let ids = self.plan_ids.as_ref();
        let plans = plans.iter().filter(|plan| {
            let is_priced = matches!(plan.origin_price, Price::Known(_));
            is_priced && ids.is_none_or(|ids| ids.contains(&plan.plan_id))
        });
        let currencies: BTreeSet<_> = plans.map(|plan| plan.currency.as_str()).collect();
        let mut currencies = currencies
            .into_iter()
            .filter(|currency| !currency.is_empty());
        let (first, second) = (currencies.next()?, currencies.next()?);
        let detail = format!(
            "The plans of region {region} have prices in several currencies, such as {} and {}, \
             which are compared as if they were one. Select plans of one currency with \
             \"plan_ids\".",
            debug_quote(first),
            debug_quote(second)
        );
        Some(Diagnostic::warning("Plans in several currencies", detail))
    }

    /// The warning about IDs that no plan has.
    fn missing_ids_warning(&self, region: &RegionId, plans: &[Plan]) -> Option<Diagnostic> {
        let found = plans.iter().map(|plan| &plan.plan_id);
        not_found::ids_warning(
            "Plans not found",
            &format!("Region {region} has no plan with"),
            &not_found::missing_ids(self.plan_ids.as_deref()?, found),
            "plan_ids",
            "plans of another region, or of plans that are no longer sold.",
        )
    }
}

impl DataSource for PlansDataSource {
    type ProviderData = ProviderData;
    type Model = PlansModel;
    type Filter = PlansFilter;

    const TYPE_NAME: &'static str = "swas_plans";

    fn schema() -> Schema {
        Schema {
            description: "What a server can be bought as: every plan of a region that matches all \
                          arguments given, the cheapest first. Nothing found is an empty list, \
                          not an error.",
            attributes: attributes(),
            blocks: Vec::new(),
        }
    }

    fn parse(model: &PlansModel, parser: &mut Parser<'_>) -> Result<PlansFilter, ConfigError> {
        let region_id = parser.text("region_id", &model.region_id, validators::region);
        let plan_ids = validators::ids("plan_ids", &model.plan_ids, parser);
        let numbers = numeric_arguments::parse(model, parser);
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
        model: PlansModel,
        warnings: &mut Diagnostics,
    ) -> Result<PlansModel, ReadError> {
        let region = data.region(filter.region_id.clone(), warnings).await?;
        // An empty list of IDs needs no call, and therefore no client.
        let plans = if filter.plan_ids.as_ref().is_some_and(Vec::is_empty) {
            None
        } else {
            let query = ListPlans {
                region: region.clone(),
            };
            let plans = data.fetch(|client| client.plans(query), warnings);
            Some(plans.await?)
        };
        let completed = run_blocking(move || {
            let plans = plans.as_deref().map(Vec::as_slice);
            filter.to_state(model, &region, plans)
        });
        let (model, found) = completed.await??;
        warnings.append(found);
        Ok(model)
    }
}

impl PlansFilter {
    /// Returns the state: the model with the plans that match. `plans` is `None` if none
    /// is requested.
    fn to_state(
        &self,
        model: PlansModel,
        region: &RegionId,
        plans: Option<&[Plan]>,
    ) -> Result<(PlansModel, Diagnostics), Diagnostic> {
        let mut warnings = Diagnostics::default();
        let mut objects: Vec<PlanObject> = Vec::new();
        if let Some(plans) = plans {
            let unmatched = not_found::value_warning(
                &format!("plan of region {region}"),
                "plan_type",
                self.plan_type.as_deref(),
                plans.iter().map(|plan| plan.plan_type.as_str()),
            );
            let matching: Vec<_> = plans.iter().filter(|plan| self.matches(plan)).collect();
            if let Some(error) = Self::unreadable_price_error(region, &matching) {
                return Err(error);
            }
            let found = [
                self.missing_ids_warning(region, plans),
                unmatched,
                self.mixed_currencies_warning(region, plans),
            ];
            for warning in found.into_iter().flatten() {
                warnings.push(warning);
            }
            objects.extend(matching.into_iter().map(PlanObject::from));
        }
        let numbers = NUMERIC_ARGUMENTS
            .each_ref()
            .map(|argument| (argument.model_value)(&model));
        let id = digest(&json!([
            region.as_str(),
            model.plan_ids,
            model.platform,
            model.plan_type,
            numbers,
        ]));
        let model = PlansModel {
            region_id: model.region_id.or(region.to_string()),
            id: Value::Known(id),
            ids: Value::Known(objects.iter().map(|plan| plan.id.clone()).collect()),
            plans: Value::Known(objects),
            ..model
        };
        Ok((model, warnings))
    }
}

fn attributes() -> Vec<Attribute> {
    let numbers = NUMERIC_ARGUMENTS
        .iter()
        .map(|argument| Attribute::optional(argument.name, Type::Number, argument.description));
    let others = [
        attributes::region_id("Region whose plans are listed"),
        attributes::id_filter("plan_ids", "plans with these IDs"),
        Attribute::optional(
            "platform",
            Type::String,
            "Only plans for this platform: `Linux` or `Windows`.",
        ),
        Attribute::optional(
            "plan_type",
            Type::String,
            "Only plans of this type, for example `NORMAL`, `CAPACITY` or `MULTI_IP`.",
        ),
        attributes::computed_id("plan_ids"),
        Attribute::computed(
            "plans",
            plan_type().list(),
            "The plans that match, sorted by price, then memory, cores and ID, so that `plans[0]` \
             is the cheapest that matches. Numbers that the API does not tell are null, and a \
             plan without a number matches no argument about it. A plan that matches and \
             whose price is no number is an error.\n\n\
             - `id`: ID of the plan\n\
             - `plan_id`: the same\n\
             - `core`: number of cores\n\
             - `memory`: memory, in GiB\n\
             - `disk_size`: size of the disk, in GiB\n\
             - `disk_type`: kind of the disk, for example `ESSD`\n\
             - `bandwidth`: bandwidth, in Mbit/s\n\
             - `flow`: traffic, in GB a month\n\
             - `price`: price of a month, in `currency`\n\
             - `currency`: currency of the price, for example `CNY`\n\
             - `platforms`: what it can run: `Linux`, `Windows` or both\n\
             - `plan_type`: type of the plan, for example `NORMAL`\n\
             - `public_ip_num`: number of public IP addresses\n\
             - `isp_type`: type of the network line, for example `BGP`; often empty\n\
             - `tokens`: number of tokens",
        ),
        attributes::projected_list("ids", "IDs of `plans`").suggest("plan_ids"),
    ];
    others.into_iter().chain(numbers).collect()
}

fn plan_type() -> Type {
    Type::Object(vec![
        ("id", Type::String),
        ("plan_id", Type::String),
        ("core", Type::Number),
        ("memory", Type::Number),
        ("disk_size", Type::Number),
        ("disk_type", Type::String),
        ("bandwidth", Type::Number),
        ("flow", Type::Number),
        ("price", Type::Number),
        ("currency", Type::String),
        ("platforms", Type::String.list()),
        ("plan_type", Type::String),
        ("public_ip_num", Type::Number),
        ("isp_type", Type::String),
        ("tokens", Type::Number),
    ])
}
