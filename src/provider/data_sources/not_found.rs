//! Warnings about IDs and other values that no entry of a response has.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use crate::provider::list;
use crate::provider::validators;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::text::debug_quote;

/// The most IDs that a message lists.
const MOST_LISTED: usize = 20;

/// Those of the IDs asked for that are not there, in the order in which they were
/// asked for.
pub fn missing<'a>(
    asked: &'a [String],
    there: impl IntoIterator<Item = &'a String>,
) -> Vec<&'a String> {
    let there: HashSet<_> = there.into_iter().collect();
    asked.iter().filter(|id| !there.contains(id)).collect()
}

/// The warning about these; none when none is missing. `what` has none of them, as
/// the beginning of a sentence, and `perhaps` says what they may be, as the end of
/// one that begins with "They may be misspelled, or be those of ".
pub fn warning(
    summary: &str,
    what: &str,
    missing: &[impl AsRef<str>],
    argument: &str,
    perhaps: &str,
) -> Option<Diagnostic> {
    if missing.is_empty() {
        return None;
    }
    let path = AttributePath::attribute(argument);
    let mut detail = format!("{what} these IDs of \"{path}\":");
    let lines = missing.iter().map(|id| id.as_ref().to_owned());
    list::append(&mut detail, lines, MOST_LISTED);
    detail.push_str("\nThey may be misspelled, or be those of ");
    detail.push_str(perhaps);
    Some(Diagnostic::warning(summary, detail).at(path))
}

/// The warning that the value of `argument` excludes every entry of a response, with
/// the values that there are. `None` if an entry has the value, or if there are no
/// entries: then another value would not help. `entries` names them, as in "image of
/// region cn-hangzhou".
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
    // The API returns no value for some.
    present.remove("");
    let present: Vec<_> = present.into_iter().collect();
    let mut detail = format!("No {entries} has the {argument} {}.", debug_quote(value));
    if !present.is_empty() {
        detail.push_str(" There are:");
    }
    let lines = present.iter().map(|one| debug_quote(one));
    list::append(&mut detail, lines, MOST_LISTED);
    if let Some(meant) = validators::closest(value, &present) {
        // Writing to a string cannot fail.
        let _ = write!(detail, "\nDid you mean {}?", debug_quote(meant));
    }
    let summary = format!("Nothing matches \"{argument}\"");
    Some(Diagnostic::warning(summary, detail).at(AttributePath::attribute(argument)))
}
