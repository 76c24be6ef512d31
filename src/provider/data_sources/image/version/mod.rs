//! Comparison of the versions in names of images.
//!
//! The official server resource resets the system disk when its image ID changes.
//! Therefore a wrong choice is worse than an error, and names are comparable only if they
//! consist of the same words.
//!
//! - [`lexer`]: splits a name into tokens
//! - [`merge`]: merges and classifies adjacent tokens
//! - [`mod@tokens`]: words and numbers
//! - [`number`]: numbers, and which of them are comparable

mod lexer;
mod merge;
mod number;
#[cfg(test)]
mod tests;
mod tokens;

use std::cmp::Ordering;

use lexer::{is_property, tokens};
use number::NameNumber;
use tokens::{Separator, Token, TokenKind};

/// A parsed name, or the part of a name that is its version.
#[derive(Debug)]
pub(super) struct Version {
    tokens: Vec<Token>,
    /// The tokens without pre-release markers, if this is a pre-release.
    release: Option<Vec<Token>>,
    /// The number after a `b` that no rule takes for a beta.
    build: Option<NameNumber>,
}

impl Version {
    pub(super) fn parse(name: &str) -> Self {
        let tokens = tokens(name);
        let is_prerelease = tokens.iter().any(Token::is_marker);
        Self {
            release: is_prerelease.then(|| without_markers(&tokens)),
            build: build(&tokens).cloned(),
            tokens,
        }
    }

    /// Parses a part of a name. A pre-release marker or a build elsewhere in the name counts.
    pub(super) fn parse_part(part: &str, name: &str) -> Self {
        let mut version = Self::parse(part);
        let whole = Self::parse(name);
        if version.release.is_none() && whole.release.is_some() {
            version.release = Some(version.tokens.clone());
        }
        version.build = version.build.or(whole.build);
        version
    }

    /// Compares two versions; a newer one is greater. `None` if they are not comparable.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.is_latest() || other.is_latest() || self.is_ambiguous_beside(other) {
            return None;
        }
        match (&self.release, &other.release) {
            (None, None) | (Some(_), Some(_)) => compare(&self.tokens, &other.tokens),
            // A release is newer than every pre-release of the same product.
            (None, Some(release)) => compare(&self.tokens, release).map(|_| Ordering::Greater),
            (Some(release), None) => compare(release, &other.tokens).map(|_| Ordering::Less),
        }
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
            .map(|other| common_prefix_len(&first.tokens, &other.tokens));
        let position = prefixes.min().unwrap_or_default();
        let text = |version: &&'a Self| Some(version.tokens.get(position)?.text.as_str());
        versions.iter().map(text).collect()
    }

    /// Returns whether only one of the names has a build, which can be a beta: `b21` beside none,
    /// and `b08` beside the beta `b12`.
    fn is_ambiguous_beside(&self, other: &Self) -> bool {
        let is_ambiguous = |one: &Self, other: &Self| {
            let build = one.build.as_ref().filter(|_| other.build.is_none());
            build.is_some_and(|build| other.release.is_some() || build.is_beta_or_build())
        };
        is_ambiguous(self, other) || is_ambiguous(other, self)
    }

    /// Returns whether the name contains `latest`, which can stand for any version.
    fn is_latest(&self) -> bool {
        let mut tokens = self.tokens.iter();
        tokens.any(|token| matches!(&token.kind, TokenKind::Word(word) if word.contains("latest")))
    }
}

/// The number after a `b` that no rule takes for a beta.
fn build(tokens: &[Token]) -> Option<&NameNumber> {
    let mut pairs = tokens.windows(2);
    pairs.find_map(|pair| match &pair[0].kind {
        TokenKind::Word(word) if word == "b" => pair[1].number(),
        _ => None,
    })
}

/// Removes pre-release markers and their numbers: `1.0-rc.2` and `nightly-1.0` become
/// `1.0`.
fn without_markers(tokens: &[Token]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::new();
    let mut rest = tokens.iter().peekable();
    let mut follows_number = false;
    while let Some(token) = rest.next() {
        if !token.is_marker() {
            follows_number = token.number().is_some();
            kept.push(token.clone());
            continue;
        }
        let belongs_to_marker = |next: &&Token, first: bool| {
            let is_adjacent = match next.separator {
                Separator::None => true,
                Separator::Dot => !first || follows_number,
                Separator::Dash | Separator::Other => first && follows_number,
            };
            next.number().is_some() && is_adjacent
        };
        let mut first = true;
        while rest
            .next_if(|next| belongs_to_marker(next, first))
            .is_some()
        {
            first = false;
        }
    }
    kept
}

/// The number of leading tokens that are equivalent.
fn common_prefix_len(one: &[Token], other: &[Token]) -> usize {
    let pairs = one.iter().zip(other);
    pairs
        .take_while(|(one, other)| one.is_equivalent(other))
        .count()
}

fn is_same(one: &[Token], other: &[Token]) -> bool {
    one.len() == other.len() && common_prefix_len(one, other) == one.len()
}

fn compare(one: &[Token], other: &[Token]) -> Option<Ordering> {
    let position = common_prefix_len(one, other);
    match (one.get(position), other.get(position)) {
        (None, None) => Some(Ordering::Equal),
        (Some(left), Some(right)) if left.number().is_some() && right.number().is_some() => {
            // `1.24-3` is build 3 of `1.24` and not comparable with `1.24.1`.
            let is_build = |token: &Token| token.separator != Separator::Dot;
            let follows_number = position > 0 && one[position - 1].number().is_some();
            if follows_number && is_build(left) != is_build(right) {
                return None;
            }
            left.number()?.compare(right.number()?)
        }
        (
            Some(Token {
                kind: TokenKind::Marker(left),
                ..
            }),
            Some(Token {
                kind: TokenKind::Marker(right),
                ..
            }),
        ) => (position > 0
            && one[position - 1].number().is_some()
            && left.has_order()
            && right.has_order())
        .then(|| left.cmp(right)),
        _ if extends(one, other, position) => Some(Ordering::Greater),
        _ if extends(other, one, position) => Some(Ordering::Less),
        _ => None,
    }
}

/// Returns whether the word at `position` has a number, as `SP6a` and `T4` do, and is no
/// bit width, architecture, or size.
fn has_versioned_word(tokens: &[Token], position: usize) -> bool {
    let Some(TokenKind::Word(word)) = tokens.get(position).map(|token| &token.kind) else {
        return false;
    };
    let has_number = word.contains(|c: char| c.is_ascii_digit());
    let precedes_number = tokens
        .get(position + 1)
        .is_some_and(|next| next.number().is_some() && next.separator == Separator::None);
    !is_property(word) && (has_number || precedes_number)
}

/// Returns whether `longer` continues with a part of a version at `position`, and `other`
/// does not.
fn extends(longer: &[Token], other: &[Token], position: usize) -> bool {
    let Some(more) = longer.get(position) else {
        return false;
    };
    let is_version =
        |token: &Token| token.number().is_some() || matches!(token.kind, TokenKind::Label(_));
    let next = other.get(position);
    if next.is_some_and(|token| is_version(token) || token.is_marker()) {
        return false;
    }
    match &more.kind {
        TokenKind::Label(_) => {
            let rest = longer.get(position + 2..).unwrap_or_default();
            let other_rest = &other[position..];
            let goes_on_alike =
                rest.len() == other_rest.len() && common_prefix_len(rest, other_rest) == rest.len();
            !has_versioned_word(other, position)
                && (goes_on_alike || !other_rest.iter().any(is_version))
        }
        TokenKind::Word(_) | TokenKind::Marker(_) => false,
        TokenKind::Number(number) => {
            // `Debian-12` beside `Debian`.
            if next.is_none() && !longer[..position].iter().any(is_version) {
                return !number.is_bit_width();
            }
            // `8.5.2111` beside `8.5`, and `1.24-3` beside `1.24`.
            let follows_number = position > 0 && longer[position - 1].number().is_some();
            let continues = |token: &&Token| match (token.number(), token.separator) {
                (Some(number), Separator::Dot | Separator::Dash) => !number.is_bit_width(),
                _ => false,
            };
            let length = longer[position..].iter().take_while(continues).count();
            let (rest, other) = (&longer[position + length..], &other[position..]);
            follows_number && length > 0 && is_same(rest, other)
        }
    }
}
