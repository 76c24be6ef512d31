//! Splits a name into tokens.

use std::mem;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::merge;
use super::number::NameNumber;
use super::tokens::{DEGREES, LABELS, Marker, Separator, Token, TokenKind, is_unit};

/// Architectures with digits in their names. [`is_architecture`] handles those with a
/// version, such as `armv7`.
const ARCHITECTURES: [&str; 21] = [
    "x86", "x64", "x32", "i386", "i486", "i586", "i686", "amd64", "arm32", "arm64", "aarch64",
    "ia32", "ia64", "ppc64", "ppc64le", "ppc64el", "s390", "s390x", "riscv64", "mips64",
    "mips64el",
];

/// Splits a name into words and numbers, from left to right.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let name = ComposingNormalizerBorrowed::new_nfkc().normalize(name);
    let name = name.replace(is_invisible, "");
    let mut lexer = Lexer::default();
    let mut rest = &*name;
    while let Some(first) = rest.chars().next() {
        let length = match chunk_length(rest) {
            0 => {
                lexer.separate(first);
                first.len_utf8()
            }
            length => {
                lexer.chunk(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    merge::merge_words(&mut lexer.tokens);
    merge::mark_dates(&mut lexer.tokens);
    merge::mark_bit_widths(&mut lexer.tokens);
    merge::drop_trailing_zeros(&mut lexer.tokens);
    lexer.tokens
}

/// Returns whether a character has no width, and would hide a word from comparison.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// The number of leading bytes without a separator: letters, digits, and dots or commas
/// between digits; or a UUID, or `x86-64`.
fn chunk_length(text: &str) -> usize {
    if let Some(length) = uuid_length(text).or_else(|| x86_64_length(text)) {
        return length;
    }
    let mut length = 0;
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let is_part = c.is_alphanumeric()
            || (matches!(c, '.' | ',') && is_digit(before) && is_digit(chars.peek().copied()));
        if !is_part {
            break;
        }
        length += c.len_utf8();
        before = Some(c);
    }
    length
}

fn ends_here(text: &str) -> bool {
    !text.starts_with(char::is_alphanumeric)
}

fn uuid_length(text: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    let uuid = text.get(..LENGTH)?;
    let is_uuid = uuid.bytes().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (is_uuid && ends_here(&text[LENGTH..])).then_some(LENGTH)
}

fn x86_64_length(text: &str) -> Option<usize> {
    const LENGTH: usize = "x86_64".len();
    let found = text.get(..LENGTH)?.to_ascii_lowercase();
    let is_x86_64 = found.starts_with("x86") && found.ends_with("64") && ends_here(&found[3..]);
    (is_x86_64 && ends_here(&text[LENGTH..])).then_some(LENGTH)
}

struct Lexer {
    tokens: Vec<Token>,
    separator: Separator,
}

impl Default for Lexer {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            separator: Separator::Other,
        }
    }
}

impl Lexer {
    fn separate(&mut self, c: char) {
        self.separator = match (self.separator, c) {
            (Separator::None, '.') => Separator::Dot,
            (Separator::None, '-' | '_' | '+') => Separator::Dash,
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
        if is_architecture(&lower) || is_hash(&lower) || self.is_architecture_level(&lower) {
            return self.push(chunk, TokenKind::Word(lower));
        }
        if let Some((date, time)) = time_of_day(&lower, self.follows_number()) {
            self.number(date);
            self.separator = Separator::Other;
            return self.number(time);
        }
        let parts = parts(chunk);
        if !are_versions(&parts) {
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

    /// Returns whether a chunk is a level of the architecture before, as in `x86-64-v2`.
    fn is_architecture_level(&self, chunk: &str) -> bool {
        let last = self.tokens.last().map(|last| &last.kind);
        matches!(last, Some(TokenKind::Word(word)) if is_architecture(word))
            && chunk.strip_prefix('v').is_some_and(is_number)
    }

    fn follows_number(&self) -> bool {
        let last = self.tokens.last();
        last.is_some_and(|last| last.number().is_some())
    }

    /// Returns whether the last tokens are an update of a JDK, which builds follow: `8u222-b10`.
    /// `8.0 U3-b1` is a beta.
    fn follows_update_of_jdk(&self) -> bool {
        let is_glued = |token: &Token| token.separator == Separator::None;
        matches!(&self.tokens[..], [.., release, label, update]
            if release.number().is_some()
                && release.separator != Separator::Dot
                && label.text.eq_ignore_ascii_case("u")
                && is_glued(label)
                && is_glued(update))
    }

    /// Classifies letters in lower case. `next` is the number behind them.
    fn classify(&self, letters: String, next: Option<&str>) -> TokenKind {
        let follows_number = self.follows_number();
        let can_be_beta = follows_number && !self.follows_update_of_jdk();
        if let Some(marker) = Marker::from_word(&letters, can_be_beta, next) {
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
    Marker::within_word(&lower).map_or(TokenKind::Word(lower), TokenKind::Marker)
}

/// Returns whether adjacent letters and numbers are separate tokens. Digits followed by
/// letters are one word (`K3s`, `21H2`, `64位`), unless the letters are a label or a
/// pre-release marker.
fn are_versions(parts: &[&str]) -> bool {
    parts.windows(2).enumerate().all(|(index, pair)| {
        let next = parts.get(index + 2).copied();
        let word = pair[1].to_lowercase();
        if is_number(pair[0]) {
            Marker::from_word(&word, true, next).is_some()
                || (next.is_some() && LABELS.contains(&&*word))
        } else {
            !DEGREES.contains(&&*pair[0].to_lowercase())
        }
    })
}

/// Splits a chunk into runs of letters and numbers.
fn parts(chunk: &str) -> Vec<&str> {
    let is_in_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let mut parts = Vec::new();
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_in_number(c) != is_in_number(first));
        let (part, tail) = rest.split_at(end.unwrap_or(rest.len()));
        parts.push(part);
        rest = tail;
    }
    parts
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

fn is_architecture(word: &str) -> bool {
    ARCHITECTURES.contains(&word)
        || word.starts_with("x86")
        || word.starts_with("loongarch")
        || word.strip_prefix("armv").is_some_and(is_number)
        || word.strip_prefix("arm64v").is_some_and(is_number)
}

/// Returns whether a word is an architecture, a bit width, or a size.
pub(super) fn is_property(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_size = unit.len() < word.len() && is_unit(unit);
    is_architecture(word) || is_size
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

/// Splits a timestamp such as `20240301t090000z` into date and time. If the date has
/// separators, the word begins with the day.
fn time_of_day(word: &str, follows_number: bool) -> Option<(&str, &str)> {
    let (date, time) = word.split_once('t')?;
    let time = time.strip_suffix('z').unwrap_or(time);
    let has_digits = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_date = has_digits(date, &[8]) || (follows_number && has_digits(date, &[2]));
    (is_date && has_digits(time, &[2, 4, 6])).then_some((date, time))
}
