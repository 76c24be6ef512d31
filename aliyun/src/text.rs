//! Untrusted text in messages.
//!
//! Characters that cannot be seen, that move others or that end a line are escaped or
//! become spaces, so that text cannot disguise itself or pretend to be another message.

/// Maximum length of untrusted text in a sentence, in characters.
const MAX_LENGTH: usize = 500;

/// Prepares untrusted text for a sentence: puts it on one line and truncates it.
pub fn sanitize(text: &str) -> String {
    sanitize_to(text, MAX_LENGTH)
}

/// Like [`sanitize`], with a maximum length in characters.
pub fn sanitize_to(text: &str, max_length: usize) -> String {
    sanitize_lines(text, max_length).replace('\n', " ")
}

/// Like [`sanitize_to`] for text of several lines, which stay.
pub fn sanitize_lines(text: &str, max_length: usize) -> String {
    let mut clean = String::new();
    for c in text.trim().chars().take(max_length + 1) {
        match c {
            '\n' => clean.push('\n'),
            _ if c.is_whitespace() => clean.push(' '),
            _ => push_visible(&mut clean, c),
        }
    }
    truncate(&clean, max_length)
}

/// Truncates untrusted text and puts it in quotes, with escapes for invisible characters.
pub fn debug_quote(text: &str) -> String {
    let mut quoted = String::new();
    for c in format!("{:?}", truncate(text, MAX_LENGTH)).chars() {
        push_visible(&mut quoted, c);
    }
    quoted
}

/// Quotes untrusted text for a command that users paste into a shell.
pub fn shell_quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    let clean = sanitize(text);
    if !clean.is_empty() && !clean.starts_with('-') && clean.chars().all(is_plain) {
        return clean;
    }
    format!("'{}'", clean.replace('\'', r"'\''"))
}

fn truncate(text: &str, max_length: usize) -> String {
    let end = text.chars().nth(max_length).map(|_| '…');
    text.chars().take(max_length).chain(end).collect()
}

/// Appends a character, escaped if it is invisible.
fn push_visible(text: &mut String, c: char) {
    if is_invisible(c) {
        text.extend(c.escape_unicode());
    } else {
        text.push(c);
    }
}

/// Returns `true` for control and format characters, such as changes of the text
/// direction, for blank letters and variation selectors, and for code points that Unicode
/// does not define.
fn is_invisible(c: char) -> bool {
    match c {
        _ if c.is_ascii() => c.is_ascii_control(),
        // Unicode's `Default_Ignorable_Code_Point` that are no format characters, and the
        // blank of Braille.
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => true,
        // Debug escapes the others. It also escapes combining characters, but not after a
        // letter.
        _ => String::from_iter(['x', c]).escape_debug().count() > 2,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn long_text_is_truncated() {
        for unit in ["镜", "\u{e0041}"] {
            let long = unit.repeat(MAX_LENGTH + 1);
            assert_eq!(sanitize(&long).chars().count(), MAX_LENGTH + 1);
            assert!(sanitize(&long).ends_with('…'));
        }
        assert!(debug_quote(&"镜".repeat(MAX_LENGTH + 1)).ends_with("镜…\""));
    }

    #[test]
    fn visible_text_is_unchanged() {
        for text in ["a \"b\" 'c' \\d", "镜像", "e\u{301}", "नमस्ते", "🦀"] {
            assert_eq!(sanitize(text), text);
        }
    }

    #[test]
    fn invisible_characters_are_escaped_and_line_breaks_replaced() {
        assert_eq!(debug_quote(" a\n\u{202e}镜"), "\" a\\n\\u{202e}镜\"");
        assert_eq!(
            sanitize(" a\r\n\u{2028}\u{202e}b\0\n"),
            "a   \\u{202e}b\\u{0}"
        );
        assert_eq!(sanitize_lines("a\n\u{feff}b", 20), "a\n\\u{feff}b");
        assert_eq!(sanitize_lines("a\nbcd", 4), "a\nbc…");
    }

    #[test]
    fn shell_quote_quotes_what_a_shell_would_interpret() {
        for (text, expected) in [
            ("default", "default"),
            ("a-b_c.d", "a-b_c.d"),
            ("", "''"),
            ("-x", "'-x'"),
            ("a b", "'a b'"),
            ("$(id)`id`;!&|", "'$(id)`id`;!&|'"),
            ("it's", r"'it'\''s'"),
            ("a\nid", "'a id'"),
        ] {
            assert_eq!(shell_quote(text), expected);
        }
    }

    /// Text with many characters of the categories that are escaped.
    fn text() -> impl Strategy<Value = String> {
        let others = vec![
            '\u{feff}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{e007f}',
            '\u{180e}',
            '\u{34f}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{ffa0}',
            '\u{e0100}',
        ];
        let character = prop_oneof![
            any::<char>(),
            prop::char::range('\0', '\u{a0}'),
            prop::char::range('\u{600}', '\u{61f}'),
            prop::char::range('\u{2000}', '\u{206f}'),
            prop::sample::select(others),
        ];
        prop::collection::vec(character, 0..1000).prop_map(String::from_iter)
    }

    static INVISIBLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{DI}\x{2800}]").unwrap());

    proptest! {
        #[test]
        fn shown_text_has_no_invisible_characters_and_is_bounded(text in text()) {
            for shown in [sanitize(&text), debug_quote(&text), shell_quote(&text)] {
                prop_assert!(!INVISIBLE.is_match(&shown), "{shown:?}");
                prop_assert!(shown.chars().count() <= 10 * MAX_LENGTH + 3);
            }
            let lines = sanitize_lines(&text, 100);
            prop_assert!(!INVISIBLE.is_match(&lines.replace('\n', "")), "{lines:?}");
            prop_assert!(lines.chars().count() <= 101);
        }
    }
}
