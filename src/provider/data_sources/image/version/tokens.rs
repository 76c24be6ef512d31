//! The words and numbers of a name.

use super::number::NameNumber;

/// Words that are part of a version if a number follows: `R2`, `SP6`, `Update 3`.
pub(super) const LABELS: [&str; 8] = ["r", "sp", "u", "p", "update", "patch", "rev", "cu"];

/// Words that a number turns into a degree: `gen2`, `Level 2`.
pub(super) const DEGREES: [&str; 12] = [
    "class",
    "gen",
    "generation",
    "grade",
    "l",
    "level",
    "lv",
    "lvl",
    "tier",
    "第",
    "等保",
    "等级",
];

/// Words that a number in front turns into a bit width, a size, or a degree. In the singular.
const UNITS: [&str; 39] = [
    "bit", "c", "core", "cpu", "g", "gb", "gbit", "gbps", "gbyte", "ghz", "gi", "gib", "gigabyte",
    "gpu", "k", "kb", "kbit", "kbps", "kbyte", "ki", "kib", "m", "mb", "mbit", "mbps", "mbyte",
    "megabyte", "mhz", "mi", "mib", "t", "tb", "tbyte", "terabyte", "thread", "ti", "tib", "vcore",
    "vcpu",
];

/// Units that a word begins with, as in `64 位中文版` and `2 核心`.
const UNIT_PREFIXES: [&str; 7] = ["位", "级", "代", "核", "线程", "兆", "千兆"];

/// Returns whether a lower-case word after a number is a unit.
pub(super) fn is_unit(word: &str) -> bool {
    // `40 GB云盘`.
    let ascii = word.trim_end_matches(|c: char| !c.is_ascii());
    let word = if ascii.is_empty() { word } else { ascii };
    let singular = word.strip_suffix('s').unwrap_or(word);
    UNITS.contains(&word)
        || UNITS.contains(&singular)
        || UNIT_PREFIXES.iter().any(|unit| word.starts_with(unit))
}

/// Pre-release markers that are found within a word, such as `beta版`.
const EMBEDDED_MARKERS: [(&str, Marker); 13] = [
    ("alpha", Marker::Alpha),
    ("beta", Marker::Beta),
    ("releasecandidate", Marker::ReleaseCandidate),
    ("preview", Marker::Preview),
    ("prerelease", Marker::Preview),
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
    /// Parses a lower-case word. `b` and `m` are markers only between numbers, of which
    /// `next` is the second.
    pub(super) fn from_word(word: &str, follows_number: bool, next: Option<&str>) -> Option<Self> {
        // Neither build 08 of a JDK nor a graphics card.
        let is_below = |digits: &str, limit: u8| {
            !digits.starts_with('0') && digits.parse().is_ok_and(|number: u8| number < limit)
        };
        let is_between_numbers =
            |limit| follows_number && next.is_some_and(|digits| is_below(digits, limit));
        match word {
            "b" if is_between_numbers(21) => Some(Self::Beta),
            "m" if is_between_numbers(40) => Some(Self::Milestone),
            "rc" => Some(Self::ReleaseCandidate),
            "pre" | "insider" | "insiders" => Some(Self::Preview),
            "dev" | "devel" | "testing" | "unstable" => Some(Self::Development),
            "daily" => Some(Self::Nightly),
            _ => EMBEDDED_MARKERS
                .iter()
                .find(|(marker, _)| *marker == word)
                .map(|(_, marker)| *marker),
        }
    }

    /// Finds a marker in a lower-case word that contains more than it.
    pub(super) fn within_word(word: &str) -> Option<Self> {
        let embedded = EMBEDDED_MARKERS.iter();
        let mut embedded = embedded.filter(|(marker, _)| word.contains(marker));
        let mut runs = word.split(|c: char| !c.is_ascii_alphabetic());
        // Letters of another script or digits end a word, too: `rc1版`.
        embedded
            .next()
            .map(|(_, marker)| *marker)
            .or_else(|| runs.find_map(|run| Self::from_word(run, false, None)))
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
    /// Spelling in the name, for messages.
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
