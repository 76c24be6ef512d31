//! Splits a name into tokens.

use std::mem;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::Regex;

use super::number::{self, NameNumber};
use super::tokens::{Separator, Token, TokenKind, marker, marker_within};

/// Words that are part of a version if a number follows: `R2`, `SP6`, `Update 3`.
const LABELS: [&str; 8] = ["r", "sp", "u", "p", "update", "patch", "rev", "cu"];

/// Words that a number turns into a degree: `gen2`, `Level 2`.
const DEGREES: &str = "class|gen|generation|grade|l|level|lv|lvl|tier|第|等保|等级";

/// Words that a number turns into an architecture: `arm64`, `x86`.
const ARCHITECTURES: &str = "aarch|amd|arm|i|ia|loongarch|mips|ppc|riscv|x";

/// Words that a number in front turns into a bit width, a size, or a degree: `64 bit`, `20G`,
/// `64 位中文版`.
const UNITS: &str = "(?:bit|c|cpu|gpu|[gkmt](?:i?b|bit|bps|hz)?|(?:giga|mega|tera)byte|\
                     thread|v?core|vcpu)s?|(?:位|级|代|核)[^-_+., 0-9]*";

/// Letters, digits, and dots or commas between digits.
static CHUNK: LazyLock<Regex> = LazyLock::new(|| regex("(?:[0-9]+(?:[.,][0-9]+)*|[^-_+., 0-9])+"));

/// Runs of letters and of digits in a chunk.
static PARTS: LazyLock<Regex> = LazyLock::new(|| regex("[0-9.,]+|[^0-9.,]+"));

/// A chunk that is a degree.
static DEGREE: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^(?:{DEGREES})[0-9]")));

/// A chunk that is a bit width, a size, or an architecture.
pub(super) static PROPERTY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        "^(?:[0-9.,]+(?:{UNITS})$|(?:{ARCHITECTURES}|armv)[0-9]|s390)"
    ))
});

/// A timestamp such as `20240301t090000z`. If the date has separators, the chunk begins with
/// the day.
static TIMESTAMP: LazyLock<Regex> =
    LazyLock::new(|| regex("^([0-9]{8}|[0-9]{2})t([0-9]{2}(?:[0-9]{2}){0,2})z?$"));

/// Words that are one in spite of separators. The groups are joined.
static JOINED: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    [
        // A UUID.
        "()([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12}(?:[-_+., ]|$))"
            .to_owned(),
        // `Level 2`, `arm v7`, `Update 3`.
        format!("(^|[-_+., ])({DEGREES}|{ARCHITECTURES}|sp|update|patch|rev|cu)[-_+., ]+v?([0-9])"),
        "(^|[-_+., ])(x86)[-_+., ]+(64(?:[-_+., ]|$))".to_owned(),
        // `x86-64-v2`.
        format!("(^|[-_+., ])((?:{ARCHITECTURES})[0-9]+)[-_+., ]+(v[0-9])"),
        format!("([0-9])[-_+., ]+({UNITS})([-_+., ]|$)"),
        "(^|[-_+., ])(release|pre)[-_+., ]+(candidate|release)".to_owned(),
    ]
    .map(|pattern| regex(&pattern))
});

/// Compiles an expression that does not distinguish upper and lower case.
fn regex(pattern: &str) -> Regex {
    // The tests compile all of them.
    Regex::new(&format!("(?i){pattern}")).expect("the expression is valid")
}

/// Splits a name into words and numbers, from left to right.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let name = ComposingNormalizerBorrowed::new_nfkc().normalize(name);
    let is_separator = |c: char| !c.is_alphanumeric() && !matches!(c, '.' | ',' | '-' | '_' | '+');
    let mut name = name.replace(is_invisible, "").replace(is_separator, " ");
    for joined in &*JOINED {
        name = joined.replace_all(&name, "$1$2$3$4$5$6").into_owned();
    }
    let mut lexer = Lexer::default();
    let mut end = 0;
    for chunk in CHUNK.find_iter(&name) {
        lexer.separate(&name[end..chunk.start()]);
        lexer.chunk(chunk.as_str());
        end = chunk.end();
    }
    number::classify(&mut lexer.tokens);
    drop_trailing_zeros(lexer.tokens)
}

/// Returns whether a character has no width, and would hide a word from comparison.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[derive(Default)]
struct Lexer {
    tokens: Vec<Token>,
    separator: Separator,
}

impl Lexer {
    fn separate(&mut self, separator: &str) {
        self.separator = match separator {
            "." if !self.tokens.is_empty() => Separator::Dot,
            "-" | "_" | "+" if !self.tokens.is_empty() => Separator::Dash,
            _ => Separator::Other,
        };
    }

    fn push(&mut self, text: &str, kind: TokenKind) {
        self.tokens.push(Token {
            text: text.to_owned(),
            kind,
            separator: mem::replace(&mut self.separator, Separator::None),
        });
    }

    fn number(&mut self, digits: &str) {
        for (index, digits) in digits.split(['.', ',']).enumerate() {
            if index > 0 {
                self.separator = Separator::Dot;
            }
            self.push(digits, TokenKind::Number(NameNumber::new(digits)));
        }
    }

    /// Adds letters and digits without a separator.
    fn chunk(&mut self, chunk: &str) {
        let lower = chunk.to_lowercase();
        if let Some(timestamp) = TIMESTAMP.captures(&lower)
            && (timestamp[1].len() == 8 || self.follows_number())
        {
            self.number(&timestamp[1]);
            self.separator = Separator::Other;
            return self.number(&timestamp[2]);
        }
        let parts: Vec<_> = PARTS.find_iter(chunk).map(|part| part.as_str()).collect();
        if PROPERTY.is_match(&lower) || is_hash(&lower) || !are_versions(&lower, &parts) {
            return self.push(chunk, word(lower));
        }
        for (index, part) in parts.iter().enumerate() {
            let next = parts.get(index + 1).copied();
            if is_number(part) {
                self.number(part);
            } else if !(*part == "v" || *part == "V") || next.is_none() {
                let kind = self.classify(part.to_lowercase(), next);
                self.push(part, kind);
            }
        }
    }

    fn follows_number(&self) -> bool {
        let last = self.tokens.last();
        last.is_some_and(|last| last.number().is_some())
    }

    /// Classifies letters in lower case. `next` is the number behind them.
    fn classify(&self, letters: String, next: Option<&str>) -> TokenKind {
        let follows_number = self.follows_number();
        if let Some(marker) = marker(&letters, follows_number, next) {
            return TokenKind::Marker(marker);
        }
        // A single letter is a label only after a number: a P100 is a graphics card.
        let is_label = LABELS.contains(&&*letters) && (letters.len() > 1 || follows_number);
        if is_label && next.is_some() {
            TokenKind::Label(letters)
        } else {
            word(letters)
        }
    }
}

/// A word in lower case, or the pre-release marker in it.
fn word(lower: String) -> TokenKind {
    marker_within(&lower).map_or(TokenKind::Word(lower), TokenKind::Marker)
}

/// Returns whether adjacent letters and numbers are separate tokens. Digits followed by
/// letters are one word (`K3s`, `21H2`, `64位`), unless the letters are a label or a
/// pre-release marker.
fn are_versions(chunk: &str, parts: &[&str]) -> bool {
    let mut pairs = parts.windows(2).enumerate();
    !DEGREE.is_match(chunk)
        && pairs.all(|(index, pair)| {
            let next = parts.get(index + 2).copied();
            let word = pair[1].to_lowercase();
            !is_number(pair[0])
                || marker(&word, true, next).is_some()
                || (next.is_some() && LABELS.contains(&&*word))
        })
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns whether a word is a hash. `git describe` prefixes hashes with `g`.
fn is_hash(word: &str) -> bool {
    const MIN_LENGTH: usize = 7;
    let hash = word.strip_prefix('g').unwrap_or(word);
    hash.len() >= MIN_LENGTH
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && hash.bytes().any(|byte| byte.is_ascii_digit())
        // Digits alone are a number, unless they are marked as a hash.
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Drops zeros at the end of dotted numbers: `12.0` is `12`.
fn drop_trailing_zeros(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let continues = |next: &Token| next.separator == Separator::Dot && next.number().is_some();
        let ends = !rest.peek().is_some_and(continues);
        kept.push(token);
        while ends
            && let Some(last) = kept.last()
            && last.separator == Separator::Dot
            && last.number().is_some_and(NameNumber::is_zero)
        {
            kept.pop();
        }
    }
    kept
}
