//! What the numbers of a plan have to be.

use super::Model;
use crate::swas::operations::plans::Plan;
use crate::terraform::{AttributePath, ConfigError, Diagnostic, Number, Parser, Value};
use aliyun::rpc::number::ApiNumber;

/// An argument that says what a number of a plan has to be.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) argument: fn(&Model) -> &Value<Number>,
    number: fn(&Plan) -> Option<ApiNumber>,
    fits: fn(&Number, &Number) -> bool,
    validate: fn(Number, &AttributePath) -> Result<Number, Diagnostic>,
}

/// All that there are.
pub(super) static RULES: [Rule; 8] = [
    Rule {
        name: "core",
        description: "Only plans with this many cores.",
        argument: |block| &block.core,
        number: |plan| plan.core,
        fits: Number::eq,
        validate: whole,
    },
    Rule {
        name: "memory",
        description: "Only plans with this memory, in GiB.",
        argument: |block| &block.memory,
        number: |plan| plan.memory,
        fits: Number::eq,
        validate: non_negative,
    },
    Rule {
        name: "disk_size",
        description: "Only plans with a disk of this size, in GiB.",
        argument: |block| &block.disk_size,
        number: |plan| plan.disk_size,
        fits: Number::eq,
        validate: non_negative,
    },
    Rule {
        name: "bandwidth",
        description: "Only plans with this bandwidth, in Mbit/s.",
        argument: |block| &block.bandwidth,
        number: |plan| plan.bandwidth,
        fits: Number::eq,
        validate: non_negative,
    },
    Rule {
        name: "flow",
        description: "Only plans with this traffic, in GB a month.",
        argument: |block| &block.flow,
        number: |plan| plan.flow,
        fits: Number::eq,
        validate: non_negative,
    },
    Rule {
        name: "min_core",
        description: "Only plans with at least this many cores.",
        argument: |block| &block.min_core,
        number: |plan| plan.core,
        fits: Number::ge,
        validate: whole,
    },
    Rule {
        name: "min_memory",
        description: "Only plans with at least this memory, in GiB.",
        argument: |block| &block.min_memory,
        number: |plan| plan.memory,
        fits: Number::ge,
        validate: non_negative,
    },
    Rule {
        name: "max_price",
        description: "Only plans that cost no more than this, in the region's currency.",
        argument: |block| &block.max_price,
        // What cannot be read may be low enough.
        number: |plan| plan.origin_price.lower_bound(),
        fits: Number::le,
        validate: non_negative,
    },
];

impl Rule {
    /// Whether a plan has that number, and it is as it has to be.
    pub(super) fn admits(&self, plan: &Plan, wanted: Number) -> bool {
        let has = (self.number)(plan).map(Number::from);
        has.is_some_and(|has| (self.fits)(&has, &wanted))
    }
}

/// Takes what the block says of numbers, and tells what is wrong.
///
/// # Errors
///
/// When an argument is not known yet, or wrong.
pub(super) fn numbers(
    block: &Model,
    parser: &mut Parser<'_>,
) -> Result<Vec<(&'static Rule, Number)>, ConfigError> {
    let numbers = RULES.iter().map(|rule| {
        let argument = (rule.argument)(block);
        let wanted = parser.value(rule.name, argument, |number, path| {
            (rule.validate)(*number, path)
        });
        Ok(wanted?.map(|wanted| (rule, wanted)))
    });
    // All of them are looked at before one is missing.
    let numbers: Vec<Result<_, ConfigError>> = numbers.collect();
    numbers.into_iter().filter_map(Result::transpose).collect()
}

/// No number below 0 or above all that Terraform can keep, which is that of a double.
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

/// A whole number. The API documents only numbers of cores as such: other numbers may
/// have fractions.
fn whole(number: Number, path: &AttributePath) -> Result<Number, Diagnostic> {
    let number = non_negative(number, path)?;
    if number.as_whole().is_none() {
        let detail = format!("\"{path}\" is {number}, and must be a whole number.");
        return Err(Diagnostic::invalid(path, detail));
    }
    Ok(number)
}
