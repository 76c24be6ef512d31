//! The words and numbers of a name.

use std::cmp::Ordering;

use super::number::NameNumber;

/// Words that are part of a version if a number follows: `R2`, `SP6`, `Update 3`.
pub(super) const LABELS: [&str; 8] = ["r", "sp", "u", "p", "update", "patch", "rev", "cu"];

/// Words that are pre-release markers.
pub(super) const MARKERS: [(&str, Marker); 9] = [
    ("rc", Marker::ReleaseCandidate),
    ("pre", Marker::Preview),
    ("insiders", Marker::Preview),
    ("insider", Marker::Preview),
    ("devel", Marker::Development),
    ("dev", Marker::Development),
    ("testing", Marker::Development),
    ("unstable", Marker::Development),
    ("daily", Marker::Nightly),
];

/// Pre-release markers that are found within a word, such as `beta版`.
pub(super) const EMBEDDED_MARKERS: [(&str, Marker); 13] = [
    ("alpha", Marker::Alpha),
    ("beta", Marker::Beta),
    ("releasecandidate", Marker::ReleaseCandidate),
    ("prerelease", Marker::Preview),
    ("preview", Marker::Preview),
    ("预览版", Marker::Preview),
    ("公测", Marker::Preview),
    ("内测", Marker::Preview),
    ("测试", Marker::Preview),
    ("milestone", Marker::Milestone),
    ("snapshot", Marker::Snapshot),
    ("nightly", Marker::Nightly),
    ("canary", Marker::Canary),
];

/// A pre-release marker. Only the first three are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Marker {
    Alpha,
    Beta,
    ReleaseCandidate,
    Preview,
    Milestone,
    Development,
    Snapshot,
    Nightly,
    Canary,
}

impl Marker {
    /// Finds a marker in a lower-case word.
    fn find(word: &str) -> Option<Self> {
        let mut embedded = EMBEDDED_MARKERS.iter();
        let found = embedded.find(|(marker, _)| word.contains(marker));
        let found = found.or_else(|| {
            // Letters of another script or digits end a word, too: `rc1版`.
            let mut runs = word.split(|c: char| !c.is_ascii_alphabetic());
            runs.find_map(|run| MARKERS.iter().find(|(marker, _)| *marker == run))
        });
        found.map(|(_, marker)| *marker)
    }

    /// Returns the marker that a letter between two numbers is.
    pub(super) fn of_letter(letter: &str) -> Option<Self> {
        match letter {
            "b" => Some(Self::Beta),
            "m" => Some(Self::Milestone),
            _ => None,
        }
    }
}

/// The separator in front of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    None,
    Dot,
    /// `-`, `_` or `+`, which can begin a build number.
    Dash,
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    /// Spelling in the name, for messages.
    pub(super) text: String,
    pub(super) kind: TokenKind,
    pub(super) separator: Separator,
    /// True for a pre-release marker and its numbers.
    pub(super) is_prerelease: bool,
}

#[derive(Clone, Debug)]
pub(super) enum TokenKind {
    /// In lower case.
    Word(String),
    /// A bit width, an architecture, or a size, in lower case.
    Property(String),
    /// In lower case. A number follows.
    Label(String),
    Marker(Marker),
    Number(NameNumber),
}

impl TokenKind {
    /// A word in lower case, or the pre-release marker in it.
    pub(super) fn word(lower: String) -> Self {
        Marker::find(&lower).map_or(Self::Word(lower), Self::Marker)
    }
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

    /// Returns whether the token is a part of a version.
    pub(super) fn is_version(&self) -> bool {
        matches!(self.kind, TokenKind::Number(_) | TokenKind::Label(_))
    }

    /// Compares two tokens without their text and separator. `None` if they are not
    /// comparable.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        use TokenKind::{Label, Property, Word};
        match (&self.kind, &other.kind) {
            (TokenKind::Number(one), TokenKind::Number(other)) => one.compare(other),
            (TokenKind::Marker(one), TokenKind::Marker(other)) => {
                let has_order = *one.max(other) <= Marker::ReleaseCandidate;
                (has_order || one == other).then(|| one.cmp(other))
            }
            (Word(one), Word(other))
            | (Property(one), Property(other))
            | (Label(one), Label(other)) => (one == other).then_some(Ordering::Equal),
            _ => None,
        }
    }
}
