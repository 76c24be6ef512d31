//! Suggestions for misspelled text.

use aliyun::text::debug_quote;

/// The minimum Jaro-Winkler similarity of a suggestion, from 0 to 1.
const MIN_SIMILARITY: f64 = 0.7;

/// The maximum length of a misspelled word, in bytes. Comparing takes time by the square of
/// the length, on the serving thread.
const MAX_LENGTH: usize = 256;

/// A sentence with the most similar word, if the text can be a misspelling of it.
pub fn suggestion(text: &str, words: &[&str]) -> String {
    let closest = closest(text, words).map(|word| format!(" Did you mean {}?", debug_quote(word)));
    closest.unwrap_or_default()
}

fn closest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text = text.to_lowercase();
    words
        .iter()
        .map(|word| (strsim::jaro_winkler(&text, &word.to_lowercase()), *word))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closest_suggests_for_misspelling_only() {
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
        let long = format!("system{}", "m".repeat(MAX_LENGTH));
        assert_eq!(closest(&long, types), None);
    }
}
