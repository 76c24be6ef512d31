//! The words and numbers of a name.

use super::number::Number;

/// Words that the number behind them makes part of a version: `R2`, `SP6`, `Update 3`.
pub(super) const LABELS: [&str; 8] = ["r", "sp", "u", "p", "update", "patch", "rev", "cu"];

/// Words that the number behind them makes a kind: `gen2`, `Level 2`.
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

/// A pre-release marker. Only the first three have an order among each other.
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
    /// The marker that a lower-case word is. `b` and `m` need a number on each side.
    pub(super) fn of(word: &str, is_between_numbers: bool) -> Option<Self> {
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

    /// Whether its place in the order of markers is known.
    pub(super) fn has_order(self) -> bool {
        self <= Self::ReleaseCandidate
    }
}

/// What separates a token from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    Nothing,
    Dot,
    /// `-`, `_` or `+`, which may begin a build number.
    Dash,
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    /// As in the name, for messages.
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) joint: Joint,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// In lower case.
    Word(String),
    /// In lower case, with a number behind it.
    Label(String),
    Marker(Marker),
    Number(Number),
}

impl Token {
    pub(super) fn number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn is_marker(&self) -> bool {
        matches!(self.kind, Kind::Marker(_))
    }

    /// Whether it is a degree with its number, such as `Level 2`.
    pub(super) fn is_degree(&self) -> bool {
        let word = self.text.to_lowercase();
        let is_in_number = |c: char| c.is_ascii_digit() || c == '.';
        DEGREES.contains(&word.trim_end_matches(is_in_number).trim_end())
    }

    /// Whether both say the same, whatever separates them from what is before.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Word(one), Kind::Word(other)) | (Kind::Label(one), Kind::Label(other)) => {
                one == other
            }
            (Kind::Marker(one), Kind::Marker(other)) => one == other,
            (Kind::Number(one), Kind::Number(other)) => {
                one.compare(other).is_some_and(std::cmp::Ordering::is_eq)
            }
            _ => false,
        }
    }
}
