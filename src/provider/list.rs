//! Lists in what users read.

use crate::terraform::append_list;
use aliyun::text::sanitize;

/// Adds one line for each thing, up to `most` of them, and says how many more
/// there are. The things may come from outside.
pub fn append(text: &mut String, lines: impl Iterator<Item = String>, most: usize) {
    append_list(text, lines.map(|line| sanitize(&line)), most);
}
