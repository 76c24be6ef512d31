//! Untrusted text in messages.

/// Maximum length of untrusted text in messages, in characters.
const MAX_LENGTH: usize = 500;

/// Prepares untrusted text for a sentence: truncates it and puts it on one line.
pub fn sanitize(text: &str) -> String {
    let replace = |c| if is_control_or_line_break(c) { ' ' } else { c };
    let clean: String = truncate(text).map(replace).collect();
    clean.trim().to_owned()
}

/// Truncates untrusted text and puts it in quotes, with escapes for invisible characters.
pub fn debug_quote(text: &str) -> String {
    format!("{:?}", truncate(text).collect::<String>())
}

fn truncate(text: &str) -> impl Iterator<Item = char> {
    let end = text.chars().nth(MAX_LENGTH).map(|_| '…');
    text.chars().take(MAX_LENGTH).chain(end)
}

/// Returns true for control characters, line breaks and changes of the text direction.
fn is_control_or_line_break(c: char) -> bool {
    let separators = [
        '\u{200e}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2066}'..='\u{2069}',
    ];
    c.is_control() || separators.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_truncated() {
        let long = "镜".repeat(MAX_LENGTH + 1);
        assert_eq!(sanitize(&long).chars().count(), MAX_LENGTH + 1);
        assert!(sanitize(&long).ends_with('…'));
        assert!(debug_quote(&long).ends_with("镜…\""));
    }

    #[test]
    fn debug_quote_escapes_invisible_characters() {
        assert_eq!(debug_quote(" a\n\u{202e}镜"), "\" a\\n\\u{202e}镜\"");
    }
}
