//! What several words and numbers mean together.

use std::mem;

use super::number::{Number, find_dates, find_day};
use super::tokens::{DEGREES, Joint, Kind, LABELS, Marker, Token};

/// Words that make the number in front of them a bit width or a size.
const UNITS: [&str; 12] = [
    "bit", "bits", "位", "kb", "kib", "mb", "mib", "g", "gb", "gib", "tb", "tib",
];

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Merges what is one word although something separates it: `64 bit`, `Level 2`,
/// `release candidate`; and finds labels whose number is apart, such as `Update 3`.
pub(super) fn merge_words(tokens: &mut Vec<Token>) {
    let mut merged: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in mem::take(tokens) {
        let before = merged.last().map(|last| last.text.to_lowercase());
        let before = before.as_deref().unwrap_or_default();
        let is_degree = DEGREES.contains(&before)
            || (token.joint == Joint::Dot && merged.last().is_some_and(Token::is_degree));
        match &token.kind {
            Kind::Number(_) if is_degree => join(&mut merged, 1, &token),
            Kind::Number(_) if LABELS.contains(&before) && before.len() > 1 => {
                if let Some(label) = merged.last_mut() {
                    label.kind = Kind::Label(before.to_owned());
                }
                merged.push(token);
            }
            Kind::Word(word) if UNITS.contains(&&**word) => {
                let number = dotted_length(&merged);
                join(&mut merged, number, &token);
            }
            Kind::Word(word) => {
                let marker = match (before, &**word) {
                    ("release", "candidate") => Some(Marker::ReleaseCandidate),
                    ("pre", "release") => Some(Marker::Preview),
                    _ => None,
                };
                if let Some(marker) = marker {
                    join(&mut merged, 1, &token);
                    if let Some(joined) = merged.last_mut() {
                        joined.kind = Kind::Marker(marker);
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

/// Makes one word of the last tokens and this one.
fn join(tokens: &mut Vec<Token>, count: usize, last: &Token) {
    let mut parts = tokens.split_off(tokens.len() - count);
    parts.push(last.clone());
    let joint = parts[0].joint;
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(if part.joint == Joint::Dot { '.' } else { ' ' });
        }
        text.push_str(&part.text);
    }
    tokens.push(Token {
        kind: Kind::Word(text.to_lowercase().replace(' ', "")),
        text,
        joint,
    });
}

/// How many tokens at the end are one dotted number.
fn dotted_length(tokens: &[Token]) -> usize {
    let mut length = 0;
    for token in tokens.iter().rev() {
        if token.number().is_none() {
            break;
        }
        length += 1;
        if token.joint != Joint::Dot {
            break;
        }
    }
    length
}

pub(super) fn mark_dates(tokens: &mut [Token]) {
    for run in tokens.chunk_by_mut(|one, other| one.number().is_some() && other.number().is_some())
    {
        let numbers = run.iter_mut().filter_map(|token| match &mut token.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        });
        find_dates(&mut numbers.collect::<Vec<_>>());
    }
    for start in 0..tokens.len().saturating_sub(2) {
        if let [day, month, year] = &mut tokens[start..start + 3]
            && let (Kind::Number(day), Kind::Word(month), Kind::Number(year)) =
                (&mut day.kind, &month.kind, &year.kind)
            && MONTHS.iter().any(|name| month.starts_with(name))
        {
            find_day(day, year);
        }
    }
}

/// Drops zeros at the end of dotted numbers: `12.0` is `12`.
pub(super) fn drop_trailing_zeros(tokens: &mut Vec<Token>) {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let trim = |kept: &mut Vec<Token>| {
        while let Some(last) = kept.last()
            && last.joint == Joint::Dot
            && last.number().is_some_and(Number::is_zero)
        {
            kept.pop();
        }
    };
    for token in mem::take(tokens) {
        if token.joint != Joint::Dot || token.number().is_none() {
            trim(&mut kept);
        }
        kept.push(token);
    }
    trim(&mut kept);
    *tokens = kept;
}
