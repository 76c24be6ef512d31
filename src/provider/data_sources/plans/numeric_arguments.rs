//! Arguments that filter plans by a number.

use super::model::PlansModel;
use crate::swas::operations::plans::Plan;
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Number, Parser, Value};
use aliyun::rpc::number::ApiNumber;

/// An argument that filters plans by a number.
#[derive(Debug)]
pub(super) struct NumericArgument {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) model_value: fn(&PlansModel) -> &Value<Number>,
    plan_value: fn(&Plan) -> Option<ApiNumber>,
    /// Compares the value of a plan with that of the argument.
    compare: fn(&Number, &Number) -> bool,
    validate: fn(Number, &AttributePath) -> Result<Number, Diagnostic>,
}

pub(super) static NUMERIC_ARGUMENTS: [NumericArgument; 8] = [
    NumericArgument {
        name: "core",
        description: "Only plans with this many cores.",
        model_value: |model| &model.core,
        plan_value: |plan| plan.core,
        compare: Number::eq,
        validate: non_negative_integer,
    },
    NumericArgument {
        name: "memory",
        description: "Only plans with this memory, in GiB.",
        model_value: |model| &model.memory,
        plan_value: |plan| plan.memory,
        compare: Number::eq,
        validate: non_negative,
    },
    NumericArgument {
        name: "disk_size",
        description: "Only plans with a disk of this size, in GiB.",
        model_value: |model| &model.disk_size,
        plan_value: |plan| plan.disk_size,
        compare: Number::eq,
        validate: non_negative,
    },
    NumericArgument {
        name: "bandwidth",
        description: "Only plans with this bandwidth, in Mbit/s.",
        model_value: |model| &model.bandwidth,
        plan_value: |plan| plan.bandwidth,
        compare: Number::eq,
        validate: non_negative,
    },
    NumericArgument {
        name: "flow",
        description: "Only plans with this traffic, in GB a month.",
        model_value: |model| &model.flow,
        plan_value: |plan| plan.flow,
        compare: Number::eq,
        validate: non_negative,
    },
    NumericArgument {
        name: "min_core",
        description: "Only plans with at least this many cores.",
        model_value: |model| &model.min_core,
        plan_value: |plan| plan.core,
        compare: Number::ge,
        validate: non_negative_integer,
    },
    NumericArgument {
        name: "min_memory",
        description: "Only plans with at least this memory, in GiB.",
        model_value: |model| &model.min_memory,
        plan_value: |plan| plan.memory,
        compare: Number::ge,
        validate: non_negative,
    },
    NumericArgument {
        name: "max_price",
        description: "Only plans that cost no more than this, in the region's currency.",
        model_value: |model| &model.max_price,
        // The lower bound of an unreadable price is zero, so that the plan matches and
        // causes an error.
        plan_value: |plan| plan.origin_price.lower_bound(),
        compare: Number::le,
        validate: non_negative,
    },
];

impl NumericArgument {
    /// Returns whether the plan has the number and it satisfies the argument.
    pub(super) fn matches(&self, plan: &Plan, wanted: Number) -> bool {
        let value = (self.plan_value)(plan).map(Number::from);
        value.is_some_and(|value| (self.compare)(&value, &wanted))
    }
}

/// Validates the arguments that are set.
///
/// # Errors
///
/// If an argument is unknown or invalid.
pub(super) fn parse(
    model: &PlansModel,
    parser: &mut Parser<'_>,
) -> Result<Vec<(&'static NumericArgument, Number)>, ConfigError> {
    let numbers = NUMERIC_ARGUMENTS.iter().map(|argument| {
        let value = (argument.model_value)(model);
        let wanted = parser.value(argument.name, value, |number, path| {
            (argument.validate)(*number, path)
        });
        Ok(wanted?.map(|wanted| (argument, wanted)))
    });
    // Collecting first reports the errors of all arguments, not only of the first.
    let numbers: Vec<Result<_, ConfigError>> = numbers.collect();
    numbers.into_iter().filter_map(Result::transpose).collect()
}

/// Validates a number from 0 to the maximum of a double, which is Terraform's.
fn non_negative(number: Number, path: &AttributePath) -> Result<Number, Diagnostic> {
    if number < Number::from(0.0) {
        let detail = format!("\"{path}\" is {number}, and must be 0 or more.");
        return Err(Diagnostic::invalid(path, detail));
    }
    if number > Number::from(f64::MAX) {
        let detail = format!("\"{path}\" is larger than any number that can be compared.");
        return Err(Diagnostic::invalid(path, detail));
    }
    Ok(number)
}

/// Validates a whole number from 0. The API documents only numbers of cores as whole:
/// other numbers may have fractions.
fn non_negative_integer(number: Number, path: &AttributePath) -> Result<Number, Diagnostic> {
    let number = non_negative(number, path)?;
    if number.as_integer().is_none() {
        let detail = format!("\"{path}\" is {number}, and must be a whole number.");
        return Err(Diagnostic::invalid(path, detail));
    }
    Ok(number)
}
