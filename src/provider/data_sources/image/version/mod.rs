//! Comparison of the versions in names of images.
//!
//! The official server resource resets the system disk when its image ID changes.
//! Therefore a wrong choice is worse than an error, and names are comparable only if they
//! consist of the same words.
//!
//! - [`lexer`]: splits a name into tokens
//! - [`mod@tokens`]: words and numbers
//! - [`number`]: numbers, and which of them are comparable

mod lexer;
mod number;
#[cfg(test)]
mod tests;
mod tokens;

use std::cmp::Ordering;

use lexer::tokens;
use tokens::{Separator, Token, TokenKind};

/// A parsed name, or the part of a name that is its version.
#[derive(Debug)]
pub(super) struct Version {
    tokens: Vec<Token>,
    is_prerelease: bool,
}

impl Version {
    pub(super) fn parse(name: &str) -> Self {
        let tokens = tokens(name);
        Self {
            is_prerelease: tokens.iter().any(Token::is_marker),
            tokens,
        }
    }

    /// Parses a part of a name. A pre-release marker elsewhere in the name counts.
    pub(super) fn parse_part(part: &str, name: &str) -> Self {
        let version = Self::parse(part);
        Self {
            is_prerelease: version.is_prerelease || Self::parse(name).is_prerelease,
            ..version
        }
    }

    /// Compares two versions; a newer one is greater. `None` if they are not comparable.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.is_latest() || other.is_latest() {
            return None;
        }
        let same_kind = self.is_prerelease == other.is_prerelease;
        let [one, other] = [self, other].map(|version| -> Vec<_> {
            let tokens = version.tokens.iter();
            let compared = tokens.filter(|token| same_kind || !token.is_prerelease);
            compared.collect()
        });
        let order = compare(&one, &other)?;
        if same_kind {
            return Some(order);
        }
        // A release is newer than every pre-release of the same product.
        Some(if self.is_prerelease {
            Ordering::Less
        } else {
            Ordering::Greater
        })
    }

    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.compare(other).is_some_and(Ordering::is_gt)
    }

    /// The text of each version's token at the first position where the versions differ.
    /// `None` if the name ends there.
    pub(super) fn first_difference<'a>(versions: &[&'a Self]) -> Vec<Option<&'a str>> {
        let Some((first, others)) = versions.split_first() else {
            return Vec::new();
        };
        let prefixes = others
            .iter()
            .map(|other| common_prefix_len(first.tokens.iter(), other.tokens.iter()));
        let position = prefixes.min().unwrap_or_default();
        let text = |version: &&'a Self| Some(version.tokens.get(position)?.text.as_str());
        versions.iter().map(text).collect()
    }

    /// Returns whether the name contains `latest`, which can stand for any version.
    fn is_latest(&self) -> bool {
        let mut tokens = self.tokens.iter();
        tokens.any(|token| matches!(&token.kind, TokenKind::Word(word) if word.contains("latest")))
    }
}

/// The number of leading tokens that are equivalent.
fn common_prefix_len<'a>(
    one: impl Iterator<Item = &'a Token>,
    other: impl Iterator<Item = &'a Token>,
) -> usize {
    let is_equivalent =
        |(one, other): &(&Token, &Token)| one.compare(other) == Some(Ordering::Equal);
    one.zip(other).take_while(is_equivalent).count()
}

fn compare(one: &[&Token], other: &[&Token]) -> Option<Ordering> {
    let position = common_prefix_len(one.iter().copied(), other.iter().copied());
    let (before, rest) = one.split_at(position);
    match (rest, &other[position..]) {
        ([], []) => Some(Ordering::Equal),
        ([left, ..], [right, ..]) if left.number().is_some() && right.number().is_some() => {
            // `1.24-3` is build 3 of `1.24` and not comparable with `1.24.1`.
            let is_build = |token: &Token| token.separator != Separator::Dot;
            let is_same = is_build(left) == is_build(right) || !ends_with_number(before);
            left.compare(right).filter(|_| is_same)
        }
        ([left, ..], [right, ..]) if left.is_marker() && right.is_marker() => left.compare(right),
        (rest, other) if extends(before, rest, other) => Some(Ordering::Greater),
        (rest, other) if extends(before, other, rest) => Some(Ordering::Less),
        _ => None,
    }
}

fn ends_with_number(tokens: &[&Token]) -> bool {
    tokens.last().is_some_and(|last| last.number().is_some())
}

/// Returns whether `longer` continues with a part of a version, and `other` does not. Both
/// follow the same tokens `before`.
fn extends(before: &[&Token], longer: &[&Token], other: &[&Token]) -> bool {
    let next = other.first();
    if next.is_some_and(|token| token.is_version() || token.is_marker()) {
        return false;
    }
    match longer.first().map(|token| &token.kind) {
        Some(TokenKind::Label(_)) => !starts_with_versioned_word(other),
        Some(TokenKind::Number(number)) => {
            // `Debian-12` beside `Debian`.
            if next.is_none() && !before.iter().any(|token| token.is_version()) {
                return !number.is_bit_width();
            }
            // `8.5.2111` beside `8.5`, and `1.24-3` beside `1.24`.
            let continues = |token: &&&Token| {
                matches!(token.separator, Separator::Dot | Separator::Dash)
                    && token.number().is_some_and(|number| !number.is_bit_width())
            };
            let length = longer.iter().take_while(continues).count();
            let rest = &longer[length..];
            ends_with_number(before) && length > 0 && compare(rest, other) == Some(Ordering::Equal)
        }
        _ => false,
    }
}

/// Returns whether the first word has a number, as `SP6a` and `T4` do.
fn starts_with_versioned_word(tokens: &[&Token]) -> bool {
    let [
        Token {
            kind: TokenKind::Word(word),
            ..
        },
        rest @ ..,
    ] = tokens
    else {
        return false;
    };
    let precedes_number = rest
        .first()
        .is_some_and(|next| next.number().is_some() && next.separator == Separator::None);
    precedes_number || word.contains(|c: char| c.is_ascii_digit())
}
