//! IDs that a block asks for and that nothing has.

use std::collections::HashSet;

use super::list;
use crate::terraform::{AttributePath, Diagnostic};

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
