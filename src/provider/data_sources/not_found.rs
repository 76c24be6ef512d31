//! Warnings about filters without a match.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use crate::provider::list;
use crate::provider::similarity::closest;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::text::debug_quote;

/// The maximum number of IDs or values in a warning.
const MAX_LISTED: usize = 20;

/// The requested IDs that were not found, in the requested order.
pub fn missing_ids<'a>(
    requested: &'a [String],
    found: impl IntoIterator<Item = &'a String>,
) -> Vec<&'a String> {
    let found: HashSet<_> = found.into_iter().collect();
    requested.iter().filter(|id| !found.contains(id)).collect()
}

/// The warning about missing IDs; `None` if none is missing.
///
/// `intro` begins the first sentence, which ends in "these IDs". `hint` ends the sentence
/// that begins with "They may be misspelled, or be those of ".
pub fn ids_warning(
    summary: &str,
    intro: &str,
    missing: &[impl AsRef<str>],
    argument: &str,
    hint: &str,
) -> Option<Diagnostic> {
    if missing.is_empty() {
        return None;
    }
    let path = AttributePath::attribute(argument);
    let mut detail = format!("{intro} these IDs of \"{path}\":");
    let lines = missing.iter().map(|id| id.as_ref().to_owned());
    list::append(&mut detail, lines, MAX_LISTED);
    detail.push_str("\nThey may be misspelled, or be those of ");
    detail.push_str(hint);
    Some(Diagnostic::warning(summary, detail).at(path))
}

/// The warning that no entry of a response has the value of `argument`, with a list of the
/// values that occur. `None` if an entry has the value, or if there are no entries: then
/// another value would not help. `entries` names them, as in "image of region
/// cn-hangzhou".
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
    let mut detail = format!("No {entries} has the {argument} {}.", debug_quote(value));
    if !present.is_empty() {
        detail.push_str(" There are:");
    }
    let lines = present.iter().map(|one| debug_quote(one));
    list::append(&mut detail, lines, MAX_LISTED);
    if let Some(suggestion) = closest(value, &present) {
        // Writing to a string cannot fail.
        let _ = write!(detail, "\nDid you mean {}?", debug_quote(suggestion));
    }
    let summary = format!("Nothing matches \"{argument}\"");
    Some(Diagnostic::warning(summary, detail).at(AttributePath::attribute(argument)))
}
