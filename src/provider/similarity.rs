//! Suggestions for misspelled text.

/// The minimum Jaro-Winkler similarity of a suggestion, from 0 to 1.
const MIN_SIMILARITY: f64 = 0.7;

/// The most similar word, if the text can be a misspelling of it.
pub fn closest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text = text.trim().to_lowercase();
    words
        .iter()
        .map(|word| (strsim::jaro_winkler(&text, &word.to_lowercase()), *word))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, word)| word)
}

/// The IDs with the fewest differences, at most two, of which the text can be a
/// misspelling. At most three.
pub fn most_similar<'a>(text: &str, ids: &[&'a str]) -> Vec<&'a str> {
    let distances = ids.iter().map(|id| (strsim::osa_distance(text, id), *id));
    let mut distances: Vec<_> = distances.filter(|(distance, _)| *distance <= 2).collect();
    distances.sort_unstable();
    distances.into_iter().take(3).map(|(_, id)| id).collect()
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
    }
}
