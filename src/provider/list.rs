//! Lists in diagnostics.

use crate::terraform::append_list;
use aliyun::text::sanitize;

/// Appends up to `max` lines and the number of the others. Sanitizes the lines, which
/// may come from the API.
pub fn append(text: &mut String, lines: impl Iterator<Item = String>, max: usize) {
    append_list(text, lines.map(|line| sanitize(&line)), max);
}
