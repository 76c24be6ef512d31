//! Splits a name into words and numbers.

use std::mem;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::merge;
use super::number::Number;
use super::tokens::{DEGREES, Joint, Kind, LABELS, Marker, Token};

/// Architectures whose names contain digits, but for those with a version (`armv7`).
const ARCHITECTURES: [&str; 22] = [
    "x86",
    "x64",
    "x32",
    "i386",
    "i486",
    "i586",
    "i686",
    "amd64",
    "arm32",
    "arm64",
    "aarch64",
    "ia32",
    "ia64",
    "ppc64",
    "ppc64le",
    "ppc64el",
    "s390",
    "s390x",
    "riscv64",
    "loongarch64",
    "mips64",
    "mips64el",
];

/// The words and numbers of a name, from left to right.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let name = ComposingNormalizerBorrowed::new_nfkc().normalize(name);
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
    merge::drop_trailing_zeros(&mut lexer.tokens);
    lexer.tokens
}

/// How many bytes at the beginning have no separator in between: letters and digits with
/// the dots between digits, a UUID, or `x86-64`.
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
            || (c == '.' && is_digit(before) && is_digit(chars.peek().copied()));
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
    let is_uuid = uuid.bytes().enumerate().all(|(place, byte)| match place {
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
    joint: Joint,
}

impl Default for Lexer {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            joint: Joint::Other,
        }
    }
}

impl Lexer {
    fn separate(&mut self, separator: char) {
        self.joint = match (self.joint, separator) {
            (Joint::Nothing, '.') => Joint::Dot,
            (Joint::Nothing, '-' | '_' | '+') => Joint::Dash,
            _ => Joint::Other,
        };
    }

    fn push(&mut self, text: &str, kind: Kind) {
        self.tokens.push(Token {
            text: text.to_owned(),
            kind,
            joint: mem::replace(&mut self.joint, Joint::Nothing),
        });
    }

    fn number(&mut self, digits: &str) {
        for (place, digits) in digits.split('.').enumerate() {
            if place > 0 {
                self.joint = Joint::Dot;
            }
            self.push(digits, Kind::Number(Number::new(digits)));
        }
    }

    /// Takes letters and digits that nothing separates.
    fn chunk(&mut self, chunk: &str) {
        let lower = chunk.to_lowercase();
        if is_architecture(&lower) || is_hash(&lower) {
            return self.push(chunk, Kind::Word(lower));
        }
        if let Some((date, time)) = time_of_day(&lower, self.is_behind_number()) {
            self.number(date);
            self.joint = Joint::Other;
            return self.number(time);
        }
        let parts = parts(chunk);
        if !are_versions(&parts) {
            return self.push(chunk, Kind::Word(lower));
        }
        for (place, part) in parts.iter().enumerate() {
            let has_number_behind = parts.get(place + 1).is_some();
            if is_number(part) {
                self.number(part);
            } else if !(*part == "v" || *part == "V") || !has_number_behind {
                let kind = self.kind(&part.to_lowercase(), has_number_behind);
                self.push(part, kind);
            }
        }
    }

    fn is_behind_number(&self) -> bool {
        let last = self.tokens.last();
        last.is_some_and(|last| last.number().is_some())
    }

    fn kind(&self, word: &str, has_number_behind: bool) -> Kind {
        let is_behind_number = self.is_behind_number();
        if let Some(marker) = Marker::of(word, is_behind_number && has_number_behind) {
            return Kind::Marker(marker);
        }
        // One letter is a label only in a version: a P100 is a graphics card.
        let is_label = LABELS.contains(&word) && (word.len() > 1 || is_behind_number);
        if is_label && has_number_behind {
            Kind::Label(word.to_owned())
        } else {
            Kind::Word(word.to_owned())
        }
    }
}

/// Whether letters and numbers that nothing separates count one by one. Digits with
/// letters behind them are no version (`K3s`, `21H2`, `64位`), unless the letters are a
/// label or a pre-release marker.
fn are_versions(parts: &[&str]) -> bool {
    parts.windows(2).enumerate().all(|(place, pair)| {
        let has_number_behind = parts.get(place + 2).is_some();
        let word = pair[1].to_lowercase();
        if is_number(pair[0]) {
            Marker::of(&word, has_number_behind).is_some()
                || (has_number_behind && LABELS.contains(&&*word))
        } else {
            !DEGREES.contains(&&*pair[0].to_lowercase())
        }
    })
}

/// The letters and the numbers in letters and digits.
fn parts(chunk: &str) -> Vec<&str> {
    let is_in_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut parts = Vec::new();
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_in_number(c) != is_in_number(first));
        let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
        parts.push(part);
        rest = behind;
    }
    parts
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

fn is_architecture(word: &str) -> bool {
    ARCHITECTURES.contains(&word)
        || word.starts_with("x86")
        || word.strip_prefix("armv").is_some_and(is_number)
        || word.strip_prefix("arm64v").is_some_and(is_number)
}

/// Whether a word is a hash, which Git may have put a `g` before.
fn is_hash(word: &str) -> bool {
    const SHORTEST: usize = 7;
    let word = word.strip_prefix('g').unwrap_or(word);
    word.len() >= SHORTEST
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The date and the time of a time stamp such as `20240301t090000z`. Of a date with
/// separators, only the day is left.
fn time_of_day(word: &str, is_behind_number: bool) -> Option<(&str, &str)> {
    let (date, time) = word.split_once('t')?;
    let time = time.strip_suffix('z').unwrap_or(time);
    let has_digits = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_date = has_digits(date, &[8]) || (is_behind_number && has_digits(date, &[2]));
    (is_date && has_digits(time, &[2, 4, 6])).then_some((date, time))
}
