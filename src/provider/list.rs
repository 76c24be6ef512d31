//! Lists in what users read.

use std::fmt::Write;

use crate::swas::presentable;

/// Adds one line for each thing, up to `most` of them, and says how many more
/// there are.
pub fn append(text: &mut String, mut lines: impl Iterator<Item = String>, most: usize) {
    for line in lines.by_ref().take(most) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- {}", presentable(&line));
    }
    let more = lines.count();
    if more > 0 {
        let _ = write!(text, "\n- and {more} more");
    }
}
