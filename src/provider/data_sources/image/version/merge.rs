//! Merges and classifies adjacent tokens.

use std::mem;

use super::number::{NameNumber, begins_with_year, classify_dates, classify_day, has_day};
use super::tokens::{DEGREES, LABELS, Marker, Separator, Token, TokenKind, is_unit};

/// Words that a number turns into an architecture in spite of a separator: `arm v7`.
const ARCHITECTURE_PREFIXES: [&str; 10] = [
    "aarch",
    "amd",
    "arm",
    "i",
    "ia",
    "loongarch",
    "mips",
    "ppc",
    "riscv",
    "x",
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns whether a lower-case word is the name of a month, or an abbreviation of it.
fn is_month(word: &str) -> bool {
    word.len() >= 3 && MONTHS.iter().any(|month| month.starts_with(word))
}

/// Merges tokens that are one word in spite of a separator, such as `64 bit`, `Level 2`,
/// and `release candidate`. Classifies labels with a separate number, such as `Update 3`.
pub(super) fn merge_words(tokens: &mut Vec<Token>) {
    let mut merged: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = mem::take(tokens).into_iter().peekable();
    while let Some(token) = rest.next() {
        let before = merged.last().map(|last| last.text.to_lowercase());
        let before = before.as_deref().unwrap_or_default();
        let is_degree = DEGREES.contains(&before)
            || ARCHITECTURE_PREFIXES.contains(&before)
            || (token.separator == Separator::Dot && merged.last().is_some_and(Token::is_degree));
        match &token.kind {
            TokenKind::Number(_) if is_degree => join(&mut merged, 1, &token),
            TokenKind::Number(_) if LABELS.contains(&before) && before.len() > 1 => {
                if let Some(label) = merged.last_mut() {
                    label.kind = TokenKind::Label(before.to_owned());
                }
                merged.push(token);
            }
            // The `M` of `22.04-M60` belongs to the number behind it.
            TokenKind::Word(word) if is_unit(word) && !rest.peek().is_some_and(is_glued) => {
                let number = dotted_length(&merged);
                join(&mut merged, number, &token);
            }
            TokenKind::Word(word) => {
                let marker = match (before, &**word) {
                    ("release", "candidate") => Some(Marker::ReleaseCandidate),
                    ("pre", "release") => Some(Marker::Preview),
                    _ => None,
                };
                if let Some(marker) = marker {
                    join(&mut merged, 1, &token);
                    if let Some(joined) = merged.last_mut() {
                        joined.kind = TokenKind::Marker(marker);
                    }
                } else {
                    merged.push(token);
                }
            }
            _ => merged.push(token),
        }
    }
    *tokens = merged;
}

/// Returns whether a number follows a word without a separator.
fn is_glued(next: &Token) -> bool {
    next.number().is_some() && next.separator == Separator::None
}

/// Merges the last `count` tokens and this one into a word.
fn join(tokens: &mut Vec<Token>, count: usize, last: &Token) {
    let mut parts = tokens.split_off(tokens.len() - count);
    parts.push(last.clone());
    let separator = parts[0].separator;
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(if part.separator == Separator::Dot {
                '.'
            } else {
                ' '
            });
        }
        text.push_str(&part.text);
    }
    tokens.push(Token {
        kind: TokenKind::Word(text.to_lowercase().replace(' ', "")),
        text,
        separator,
    });
}

/// The number of trailing tokens that are one dotted number.
fn dotted_length(tokens: &[Token]) -> usize {
    let mut length = 0;
    for token in tokens.iter().rev() {
        if token.number().is_none() {
            break;
        }
        length += 1;
        if token.separator != Separator::Dot {
            break;
        }
    }
    length
}

/// Turns numbers that can be bit widths into words if they follow another number, as in
/// `Windows-10-64`. Dotted ones are versions, and those after a date times.
pub(super) fn mark_bit_widths(tokens: &mut [Token]) {
    for run in tokens.chunk_by_mut(|one, other| one.number().is_some() && other.number().is_some())
    {
        let numbers: Vec<_> = run.iter().filter_map(Token::number).collect();
        if has_day(&numbers) {
            continue;
        }
        if let [first, second, ..] = run
            && first.separator == Separator::None
            && second.separator != Separator::Dot
            && first.number().is_some_and(NameNumber::is_bit_width)
        {
            first.kind = TokenKind::Word(first.text.clone());
        }
        for token in run.iter_mut().skip(1) {
            if token.separator != Separator::Dot
                && token.number().is_some_and(NameNumber::is_bit_width)
            {
                token.kind = TokenKind::Word(token.text.clone());
            }
        }
    }
}

/// Classifies dates in runs of numbers, and those with the name of a month or with a time.
pub(super) fn mark_dates(tokens: &mut [Token]) {
    for run in tokens.chunk_by_mut(|one, other| one.number().is_some() && other.number().is_some())
    {
        let separators: Vec<_> = run.iter().map(|it| it.separator).collect();
        let numbers = run.iter_mut().filter_map(|token| match &mut token.kind {
            TokenKind::Number(number) => Some(number),
            _ => None,
        });
        classify_dates(&mut numbers.collect::<Vec<_>>(), &separators);
    }
    for start in 0..tokens.len() {
        match &mut tokens[start..] {
            [
                Token {
                    kind: TokenKind::Number(day),
                    ..
                },
                Token {
                    kind: TokenKind::Word(month),
                    ..
                },
                ..,
            ] if is_month(month) => classify_day(day),
            [
                Token {
                    kind: TokenKind::Word(month),
                    ..
                },
                Token {
                    kind: TokenKind::Number(one),
                    ..
                },
                Token {
                    kind: TokenKind::Number(other),
                    ..
                },
                ..,
            ] if is_month(month) => {
                classify_day(one);
                classify_day(other);
            }
            // The year and a time: `15-12-2023T0930`.
            [
                Token {
                    kind: TokenKind::Number(one),
                    ..
                },
                Token {
                    kind: TokenKind::Number(other),
                    separator: before,
                    ..
                },
                Token {
                    kind: TokenKind::Word(word),
                    separator: at,
                    ..
                },
                ..,
            ] if begins_with_year(word) && before == at => {
                classify_day(one);
                classify_day(other);
            }
            _ => {}
        }
    }
}

/// Drops zeros at the end of dotted numbers: `12.0` is `12`. `SP.0` keeps its number.
pub(super) fn drop_trailing_zeros(tokens: &mut Vec<Token>) {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let trim = |kept: &mut Vec<Token>| {
        while let [.., before, last] = &kept[..]
            && before.number().is_some()
            && last.separator == Separator::Dot
            && last.number().is_some_and(NameNumber::is_zero)
        {
            kept.pop();
        }
    };
    for token in mem::take(tokens) {
        if token.separator != Separator::Dot || token.number().is_none() {
            trim(&mut kept);
        }
        kept.push(token);
    }
    trim(&mut kept);
    *tokens = kept;
}
