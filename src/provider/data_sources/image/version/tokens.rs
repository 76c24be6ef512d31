//! The words and numbers of a name.

use super::number::Number;

/// Words that are part of a version if a number follows: `R2`, `SP6`, `Update 3`.
pub(super) const LABELS: [&str; 8] = ["r", "sp", "u", "p", "update", "patch", "rev", "cu"];

/// Words that a number turns into a degree: `gen2`, `Level 2`.
pub(super) const DEGREES: [&str; 9] = [
    "class",
    "gen",
    "generation",
    "grade",
    "level",
    "lv",
    "lvl",
    "tier",
    "等级",
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
    /// Parses a lower-case word. `b` and `m` are markers only between numbers.
    pub(super) fn from_word(word: &str, is_between_numbers: bool) -> Option<Self> {
        Some(match word {
            "alpha" => Self::Alpha,
            "beta" => Self::Beta,
            "b" if is_between_numbers => Self::Beta,
            "rc" => Self::ReleaseCandidate,
            "pre" | "preview" | "prerelease" => Self::Preview,
            "milestone" => Self::Milestone,
            "m" if is_between_numbers => Self::Milestone,
            "dev" => Self::Development,
            "snapshot" => Self::Snapshot,
            "nightly" => Self::Nightly,
            "canary" => Self::Canary,
            _ => return None,
        })
    }

    /// Returns whether the marker can be compared with other markers.
    pub(super) fn has_order(self) -> bool {
        self <= Self::ReleaseCandidate
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
    /// As in the name, for messages.
    pub(super) text: String,
    pub(super) kind: TokenKind,
    pub(super) separator: Separator,
}

#[derive(Clone, Debug)]
pub(super) enum TokenKind {
    /// In lower case.
    Word(String),
    /// In lower case. A number follows.
    Label(String),
    Marker(Marker),
    Number(Number),
}

impl Token {
    pub(super) fn number(&self) -> Option<&Number> {
        match &self.kind {
            TokenKind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn is_marker(&self) -> bool {
        matches!(self.kind, TokenKind::Marker(_))
    }

    /// Returns whether the token is a degree with its number, such as `Level 2`.
    pub(super) fn is_degree(&self) -> bool {
        let word = self.text.to_lowercase();
        let is_in_number = |c: char| c.is_ascii_digit() || c == '.';
        DEGREES.contains(&word.trim_end_matches(is_in_number).trim_end())
    }

    /// Compares two tokens without their text and separator.
    pub(super) fn is_equivalent(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (TokenKind::Word(one), TokenKind::Word(other))
            | (TokenKind::Label(one), TokenKind::Label(other)) => one == other,
            (TokenKind::Marker(one), TokenKind::Marker(other)) => one == other,
            (TokenKind::Number(one), TokenKind::Number(other)) => {
                one.compare(other).is_some_and(std::cmp::Ordering::is_eq)
            }
            _ => false,
        }
    }
}
