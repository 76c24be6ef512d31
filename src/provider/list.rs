//! Lists in diagnostics.

use crate::terraform::append_list;
use aliyun::text::{debug_quote, sanitize};

/// Appends up to `max` lines and the number of the others. Sanitizes the lines, which
/// may come from the API.
pub fn append(text: &mut String, lines: impl Iterator<Item = String>, max: usize) {
    append_list(text, lines.map(|line| sanitize(&line)), max);
}

/// Quotes words and joins them: `"a", "b", or "c"`.
pub fn any_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| debug_quote(word)).collect();
    match &quoted[..] {
        [one, other] => format!("{one} or {other}"),
        [others @ .., last] if !others.is_empty() => format!("{}, or {last}", others.join(", ")),
        words => words.concat(),
    }
}
