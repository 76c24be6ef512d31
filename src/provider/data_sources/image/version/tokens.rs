//! The words and numbers of a name.

use super::number::NameNumber;

/// Pre-release markers that are found within a word, such as `beta版`, and their meaning.
const EMBEDDED_MARKERS: [(&str, &str); 13] = [
    ("alpha", "alpha"),
    ("beta", "beta"),
    ("releasecandidate", "rc"),
    ("preview", "preview"),
    ("prerelease", "preview"),
    ("预览版", "preview"),
    ("公测", "preview"),
    ("内测", "preview"),
    ("测试", "preview"),
    ("milestone", "milestone"),
    ("snapshot", "snapshot"),
    ("nightly", "nightly"),
    ("canary", "canary"),
];

/// Parses a pre-release marker in lower case. `b` and `m` are markers only between numbers, of
/// which `next` is the second.
pub(super) fn marker(word: &str, follows_number: bool, next: Option<&str>) -> Option<&'static str> {
    // Neither build 08 of a JDK nor a graphics card.
    let is_small = |digits: &str| {
        !digits.starts_with('0') && digits.parse().is_ok_and(|number: u8| number <= 20)
    };
    let is_between_numbers = follows_number && next.is_some_and(is_small);
    match word {
        "b" if is_between_numbers => Some("beta"),
        "m" if is_between_numbers => Some("milestone"),
        "rc" => Some("rc"),
        "pre" | "insider" | "insiders" => Some("preview"),
        "dev" | "devel" | "testing" | "unstable" => Some("development"),
        "daily" => Some("nightly"),
        _ => EMBEDDED_MARKERS
            .iter()
            .find(|(marker, _)| *marker == word)
            .map(|(_, meaning)| *meaning),
    }
}

/// Finds a marker in a lower-case word that contains more than it.
pub(super) fn marker_within(word: &str) -> Option<&'static str> {
    let mut embedded = EMBEDDED_MARKERS.iter();
    let embedded = embedded.find(|(marker, _)| word.contains(marker));
    // Letters of another script or digits end a word, too: `rc1版`.
    let mut runs = word.split(|c: char| !c.is_ascii_alphabetic());
    embedded
        .map(|(_, meaning)| *meaning)
        .or_else(|| runs.find_map(|run| marker(run, false, None)))
}

/// Returns whether a marker can be compared with other markers, by the alphabet.
pub(super) fn has_order(marker: &str) -> bool {
    ["alpha", "beta", "rc"].contains(&marker)
}

/// The separator in front of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Separator {
    None,
    Dot,
    /// `-`, `_` or `+`, which can begin a build number.
    Dash,
    #[default]
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    /// Spelling in the name, for messages.
    pub(super) text: String,
    pub(super) kind: TokenKind,
    pub(super) separator: Separator,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// In lower case.
    Word(String),
    /// In lower case. A number follows.
    Label(String),
    /// The meaning of a pre-release marker.
    Marker(&'static str),
    Number(NameNumber),
}

impl Token {
    pub(super) fn number(&self) -> Option<&NameNumber> {
        match &self.kind {
            TokenKind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn is_marker(&self) -> bool {
        matches!(self.kind, TokenKind::Marker(_))
    }
}
