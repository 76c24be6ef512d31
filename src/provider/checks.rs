//! Rules on arguments. Each looks at known values only: what is unknown while
//! planning is looked at again before it is used.

use regex::Regex;

use crate::swas::RegionId;
use crate::terraform::{AttributePath, Diagnostic, Diagnostics, Value};

/// How alike two words are that one may be a slip for the other, from 0 to 1.
const ALIKE: f64 = 0.7;

/// The error about an argument whose value breaks a rule.
#[must_use]
pub fn invalid(path: AttributePath, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error(format!("Invalid value for \"{path}\""), detail).at(path)
}

/// The argument is one of these words.
pub fn one_of(
    value: &Value<String>,
    path: AttributePath,
    words: &[&str],
    diagnostics: &mut Diagnostics,
) {
    let Some(value) = value.known() else { return };
    if words.contains(&value.as_str()) {
        return;
    }
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let allowed = match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    };
    let mut detail = format!("\"{path}\" must be {allowed}, and it is {value:?}.");
    if let Some(meant) = closest(value, words) {
        detail = format!("{detail} Did you mean \"{meant}\"?");
    }
    diagnostics.push(invalid(path, detail));
}

fn closest<'a>(value: &str, words: &[&'a str]) -> Option<&'a str> {
    let value = value.trim().to_lowercase();
    words
        .iter()
        .map(|word| (strsim::jaro_winkler(&value, &word.to_lowercase()), *word))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, word)| word)
}

/// The argument is the name of a region.
pub fn region(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let Some(value) = value.known() else { return };
    if let Err(error) = parsed_region(value, path) {
        diagnostics.push(error);
    }
}

/// The region that the argument names.
///
/// # Errors
///
/// What to tell when it is the name of none.
pub fn parsed_region(value: &str, path: AttributePath) -> Result<RegionId, Diagnostic> {
    value.parse().map_err(|error| {
        let detail = format!("\"{path}\" is {value:?}, but {error}.");
        invalid(path, detail)
    })
}

/// The argument, if set, has something in it.
pub fn not_blank(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    if value.known().is_some_and(|value| value.trim().is_empty()) {
        diagnostics.push(blank(path));
    }
}

fn blank(path: AttributePath) -> Diagnostic {
    let detail = format!("\"{path}\" is blank. Remove it or give it a value.");
    invalid(path, detail)
}

/// The argument is a regular expression.
pub fn regex(value: &Value<String>, path: AttributePath, diagnostics: &mut Diagnostics) {
    not_blank(value, path.clone(), diagnostics);
    let Some(value) = value.known() else { return };
    let detail = match Regex::new(value) {
        Ok(_) => return,
        Err(regex::Error::CompiledTooBig(limit)) => format!(
            "\"{path}\" takes more than {limit} bytes of memory. Make it simpler, for example by \
             smaller counts of repetitions."
        ),
        Err(error) => format!(
            "\"{path}\" is no regular expression of the syntax that RE2 and Rust's regex crate \
             share:\n\n{error}"
        ),
    };
    diagnostics.push(invalid(path, detail));
}

/// The argument, if set, has something in it, and nothing invisible.
pub fn visible(value: Value<&str>, path: AttributePath, diagnostics: &mut Diagnostics) {
    let Some(value) = value.into_known() else {
        return;
    };
    if value.trim().is_empty() {
        diagnostics.push(blank(path));
        return;
    }
    let detail = if value.chars().any(char::is_control) {
        format!(
            "\"{path}\" holds a control character, such as a line break. Remove it; at the \
             beginning and end, trimspace() does that."
        )
    } else if value.trim() != value {
        format!("\"{path}\" begins or ends with a space. Remove it, for example with trimspace().")
    } else {
        return;
    };
    diagnostics.push(invalid(path, detail));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_nonsense() {
        let types = &["system", "app", "custom"];
        for (value, expected) in [
            ("System", Some("system")),
            ("sytem", Some("system")),
            ("apps", Some("app")),
            ("costum", Some("custom")),
            (" app ", Some("app")),
            ("7", None),
            ("", None),
            ("镜像", None),
        ] {
            assert_eq!(closest(value, types), expected, "{value:?}");
        }
    }
}
