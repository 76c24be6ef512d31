//! Which of two names is the newer one, or that nobody can say.
//!
//! The official server resource resets the system disk when its image ID changes. So a
//! wrong choice is worse than none, and names are compared only where they are of the
//! same words:
//!
//! - [`lexer`]: from a name to its words and numbers
//! - [`merge`]: what several of them mean together
//! - [`tokens`]: words and numbers
//! - [`number`]: numbers, and which of them can be compared

mod lexer;
mod merge;
mod number;
#[cfg(test)]
mod tests;
mod tokens;

use std::cmp::Ordering;

use lexer::tokens;
use tokens::{Joint, Kind, Token};

/// A name, or the part of it that is its version.
#[derive(Debug)]
pub(super) struct Version {
    tokens: Vec<Token>,
    /// Those of the release, if this is a pre-release.
    release: Option<Vec<Token>>,
}

impl Version {
    pub(super) fn parse(name: &str) -> Self {
        let tokens = tokens(name);
        let is_prerelease = tokens.iter().any(Token::is_marker);
        Self {
            release: is_prerelease.then(|| without_markers(&tokens)),
            tokens,
        }
    }

    /// Whether this is newer or older than another version, or the same. `None` if the
    /// names do not say.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.is_latest() || other.is_latest() {
            return None;
        }
        match (&self.release, &other.release) {
            (None, None) | (Some(_), Some(_)) => compare(&self.tokens, &other.tokens),
            // A release is over each pre-release of the same product.
            (None, Some(release)) => compare(&self.tokens, release).map(|_| Ordering::Greater),
            (Some(release), None) => compare(release, &other.tokens).map(|_| Ordering::Less),
        }
    }

    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.compare(other).is_some_and(Ordering::is_gt)
    }

    /// The word or number of each version at the first place at which not all of them
    /// are alike, as in the name. `None` where a name ends.
    pub(super) fn first_difference<'a>(versions: &[&'a Self]) -> Vec<Option<&'a str>> {
        let Some((first, others)) = versions.split_first() else {
            return Vec::new();
        };
        let shared = others
            .iter()
            .map(|other| shared(&first.tokens, &other.tokens));
        let place = shared.min().unwrap_or_default();
        let text = |version: &&'a Self| Some(version.tokens.get(place)?.text.as_str());
        versions.iter().map(text).collect()
    }

    /// What is called the latest may be of any version.
    fn is_latest(&self) -> bool {
        let mut tokens = self.tokens.iter();
        tokens.any(|token| matches!(&token.kind, Kind::Word(word) if word == "latest"))
    }
}

/// The name without pre-release markers and their numbers: of `1.0-rc.2` and
/// `nightly-1.0`, `1.0` is left.
fn without_markers(tokens: &[Token]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::new();
    let mut rest = tokens.iter().peekable();
    let mut is_behind_number = false;
    while let Some(token) = rest.next() {
        if !token.is_marker() {
            is_behind_number = token.number().is_some();
            kept.push(token.clone());
            continue;
        }
        let is_of_marker = |next: &&Token, first: bool| {
            let is_joined = match next.joint {
                Joint::Nothing => true,
                Joint::Dot => !first || is_behind_number,
                Joint::Dash | Joint::Other => first && is_behind_number,
            };
            next.number().is_some() && is_joined
        };
        let mut first = true;
        while rest.next_if(|next| is_of_marker(next, first)).is_some() {
            first = false;
        }
    }
    kept
}

/// How many tokens at the beginning are alike.
fn shared(one: &[Token], other: &[Token]) -> usize {
    let pairs = one.iter().zip(other);
    pairs.take_while(|(one, other)| one.is_like(other)).count()
}

fn compare(one: &[Token], other: &[Token]) -> Option<Ordering> {
    let place = shared(one, other);
    match (one.get(place), other.get(place)) {
        (None, None) => Some(Ordering::Equal),
        (Some(left), Some(right)) if left.number().is_some() && right.number().is_some() => {
            // `1.24-3` and `1.24.1` are a build and another version.
            let is_build = |token: &Token| token.joint == Joint::Dash;
            let is_behind_number = place > 0 && one[place - 1].number().is_some();
            if is_behind_number && is_build(left) != is_build(right) {
                return None;
            }
            left.number()?.compare(right.number()?)
        }
        (
            Some(Token {
                kind: Kind::Marker(left),
                ..
            }),
            Some(Token {
                kind: Kind::Marker(right),
                ..
            }),
        ) => (left.has_order() && right.has_order()).then(|| left.cmp(right)),
        _ if has_more(one, other, place) => Some(Ordering::Greater),
        _ if has_more(other, one, place) => Some(Ordering::Less),
        _ => None,
    }
}

/// Whether `longer` has a part of a version from `place` on, where `other` has none.
fn has_more(longer: &[Token], other: &[Token], place: usize) -> bool {
    let Some(more) = longer.get(place) else {
        return false;
    };
    let is_version =
        |token: &Token| token.number().is_some() || matches!(token.kind, Kind::Label(_));
    let behind = other.get(place);
    if behind.is_some_and(|token| is_version(token) || token.is_marker()) {
        return false;
    }
    match &more.kind {
        Kind::Label(_) => true,
        Kind::Word(_) | Kind::Marker(_) => false,
        Kind::Number(number) => {
            // `Debian-12` beside `Debian`.
            if behind.is_none() && !longer[..place].iter().any(is_version) {
                return !number.is_bit_width();
            }
            // `8.5.2111` beside `8.5`, and `1.24-3` beside `1.24`.
            let is_behind_number = place > 0 && longer[place - 1].number().is_some();
            let continues = |token: &&Token| match (token.number(), token.joint) {
                (Some(_), Joint::Dot) => true,
                (Some(number), Joint::Dash) => !number.is_bit_width(),
                _ => false,
            };
            let length = longer[place..].iter().take_while(continues).count();
            let (rest, other) = (&longer[place + length..], &other[place..]);
            is_behind_number
                && length > 0
                && rest.len() == other.len()
                && shared(rest, other) == rest.len()
        }
    }
}
