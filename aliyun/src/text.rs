//! Text from outside, to be shown.

/// The longest text taken from outside, in characters.
const LONGEST: usize = 500;

/// Text from outside as part of a sentence: of bounded length, on one line.
pub fn sanitize(text: &str) -> String {
    let on_one_line = |c| if breaks_the_line(c) { ' ' } else { c };
    let clean: String = shortened(text).map(on_one_line).collect();
    clean.trim().to_owned()
}

/// The same in quotes, and with what cannot be seen written out, so that every
/// character counts.
pub fn debug_quote(text: &str) -> String {
    format!("{:?}", shortened(text).collect::<String>())
}

fn shortened(text: &str) -> impl Iterator<Item = char> {
    let end = text.chars().nth(LONGEST).map(|_| '…');
    text.chars().take(LONGEST).chain(end)
}

/// Control characters, and those that end a line or turn its direction around.
fn breaks_the_line(c: char) -> bool {
    let turns = [
        '\u{200e}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2066}'..='\u{2069}',
    ];
    c.is_control() || turns.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut() {
        let long = "镜".repeat(LONGEST + 1);
        assert_eq!(sanitize(&long).chars().count(), LONGEST + 1);
        assert!(sanitize(&long).ends_with('…'));
        assert!(debug_quote(&long).ends_with("镜…\""));
    }

    #[test]
    fn what_is_quoted_shows_every_character() {
        assert_eq!(debug_quote(" a\n\u{202e}镜"), "\" a\\n\\u{202e}镜\"");
    }
}
