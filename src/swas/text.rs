//! Text from outside, to be shown.

/// The longest text taken from outside, in characters.
const LONGEST: usize = 500;

/// Text from outside as part of a sentence: of bounded length, on one line.
pub fn presentable(text: &str) -> String {
    let mut clean: String = text
        .chars()
        .map(|c| if breaks_the_line(c) { ' ' } else { c })
        .take(LONGEST)
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        clean.push('…');
    }
    clean.trim().to_owned()
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
        assert_eq!(presentable(&long).chars().count(), LONGEST + 1);
        assert!(presentable(&long).ends_with('…'));
    }
}
