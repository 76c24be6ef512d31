//! Warnings about filters without a match.

use std::collections::{BTreeSet, HashSet};

use crate::provider::list;
use crate::provider::similarity::suggestion;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::text::debug_quote;

/// The maximum number of IDs or values in a warning.
const MAX_LISTED: usize = 20;

/// The warning about requested IDs that were not found; `None` if there are none.
///
/// `entries` describes the searched entries, as in "image of region cn-hangzhou". `advice`
/// are the sentences behind the list of IDs.
pub fn ids_warning<'a>(
    entries: &str,
    argument: &str,
    requested: &[String],
    found: impl Iterator<Item = &'a str>,
    advice: &str,
) -> Option<Diagnostic> {
    if requested.is_empty() {
        return None;
    }
    let found: HashSet<_> = found.collect();
    let missing = requested.iter().filter(|id| !found.contains(id.as_str()));
    let mut missing = missing.peekable();
    missing.peek()?;
    let mut detail = format!("No {entries} has these IDs of \"{argument}\":");
    list::append(&mut detail, missing.cloned(), MAX_LISTED);
    detail = format!("{detail}\n{advice} Check \"{argument}\" and \"region_id\".");
    let warning = Diagnostic::warning(format!("IDs of \"{argument}\" not found"), detail);
    Some(warning.at(AttributePath::attribute(argument)))
}

/// The warning that no entry of a response has the value of `argument`, with a list of the
/// values that occur. `None` if an entry has the value, or if there are no entries: then
/// another value would not help. `entries` is as in [`ids_warning`].
pub fn value_warning<'a>(
    entries: &str,
    argument: &str,
    value: Option<&str>,
    present: impl Iterator<Item = &'a str>,
) -> Option<Diagnostic> {
    let value = value?;
    let mut present: BTreeSet<_> = present.collect();
    if present.is_empty() || present.contains(value) {
        return None;
    }
    // The API omits the value for some entries.
    present.remove("");
    let present: Vec<_> = present.into_iter().collect();
    let mut detail = format!(
        "No {entries} has the {argument} {}.{}",
        debug_quote(value),
        suggestion(value, &present)
    );
    if !present.is_empty() {
        detail.push_str(" Available values:");
    }
    let lines = present.iter().map(|one| debug_quote(one));
    list::append(&mut detail, lines, MAX_LISTED);
    let summary = format!("No match for \"{argument}\"");
    Some(Diagnostic::warning(summary, detail).at(AttributePath::attribute(argument)))
}
