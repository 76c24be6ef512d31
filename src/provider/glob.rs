//! Detection of globs in the place of regular expressions.

/// Translates a glob to a regular expression. `None` if the text does not look like a glob.
///
/// A leading `*` or `?` is invalid in a regular expression. Elsewhere, these characters
/// are repetition operators too, most often as `.*` and `.?`.
pub fn to_regex(text: &str) -> Option<String> {
    let wildcards = ['*', '?'];
    let is_regex = text.contains(['\\', '^', '$', '|', '(', ')', '[', ']', '{', '}', '+'])
        || !text.starts_with(wildcards) && (text.contains(".*") || text.contains(".?"));
    if is_regex || !text.contains(wildcards) {
        return None;
    }
    // No other metacharacters are left.
    let regex = text.replace('.', r"\.").replace('?', ".");
    Some(format!("^{}$", regex.replace('*', ".*")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_regex_glob_is_translated_and_other_text_is_not() {
        for (text, expected) in [
            ("*Ubuntu*", Some("^.*Ubuntu.*$")),
            ("*.vhd", Some(r"^.*\.vhd$")),
            ("*.*", Some(r"^.*\..*$")),
            ("?buntu-22.04", Some(r"^.buntu-22\.04$")),
            ("Ubuntu-*", Some("^Ubuntu-.*$")),
            ("镜像*", Some("^镜像.*$")),
            ("*", Some("^.*$")),
            ("Ubuntu", None),
            ("Ubuntu.*", None),
            ("Ubuntu.?22", None),
            ("^Ubuntu-*", None),
            ("*(64", None),
            (r"*\d", None),
            ("", None),
        ] {
            assert_eq!(to_regex(text).as_deref(), expected, "{text}");
        }
    }
}
