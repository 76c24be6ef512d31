//! Splits a name into tokens.

use std::mem;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::{Captures, Regex};

use super::number::NameNumber;
use super::tokens::{EMBEDDED_MARKERS, LABELS, MARKERS, Marker, Separator, Token, TokenKind};

/// Compiles an expression of the source code.
pub(super) fn static_regex(expression: &str) -> Regex {
    Regex::new(expression).expect("the tests use each of these expressions")
}

pub(super) const YEAR: &str = "(?:199[0-9]|20[0-9]{2})";
const MONTH: &str = "(?:0?[1-9]|1[0-2])";
const DAY: &str = "(?:0?[1-9]|[12][0-9]|3[01])";

/// A separator in a date.
const GAP: &str = r"[-./\ ]";

/// A date that begins with the year.
static DATE: LazyLock<Regex> =
    LazyLock::new(|| static_regex(&format!("({YEAR}){GAP}({MONTH}){GAP}({DAY})")));

/// The next part of a name. Alternatives in front have precedence.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    let markers = EMBEDDED_MARKERS.iter().chain(&MARKERS);
    let markers: Vec<_> = markers.map(|(word, _)| *word).collect();
    let (markers, labels) = (markers.join("|"), LABELS.join("|"));
    // A letter, a dotted number, and what can be between the parts of one word.
    let (l, n, s) = (r"[\w--[0-9]]", "[0-9]+(?:[.,][0-9]+)*", r"[\s.-]*");
    // Not the last two digits of a year and a month, as in CentOS 7.8.2003.
    let year = "(?:199[0-9]|2000|201[3-9]|20[2-9][0-9])";
    static_regex(&format!(
        r"(?xi)
        # Architectures, also with a level; sizes; bit widths.
        (?<property>
          (?: x86 [\ -]? 64 | s390x?
          | (?: aarch|amd|arm|ia?|loongarch|mips|ppc|riscv|x ) {s} v? [0-9]+ \w*
          ) (?: [\ -] v [0-9]+ )? \b
        | {n} {s}
          (?: bit|c|core|cpu|[gkmt]|[gkmt]i?b|[gkm]bit|[gkm]bps|gpu|[gm]hz|(?:giga|mega|tera)byte
          | thread|vcore|vcpu ) s? \b
        | {n} {s} [位级代核] {l}* )
        # A number in front of a date, which is not its day or month.
        | (?<number> {n} ) {GAP} {YEAR} [.] {MONTH} [.] {DAY}
        # UUIDs; degrees; dates that begin with the day or the month; markers of two words.
        | (?<word>
          [0-9a-f]{{8}} (?: -[0-9a-f]{{4}} ){{3}} - [0-9a-f]{{12}} \b
        | (?: class|gen|generation|grade|l|level|lv|lvl|tier|第|等保|等级 ) {s} {n} \w*
        | (?: {DAY} {GAP} {MONTH} | {MONTH} {GAP} {DAY} | {MONTH} ) {GAP} {year} \b
        | {DAY} {s} (?: jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec ) [a-z]* {s} {YEAR} \b
        | (?: [0-3][0-9][01][0-9] | [01][0-9][0-3][0-9] | 0[1-9] | 1[0-2] ) {year} \b
        | (?: pre {s} release | release {s} candidate ) \b )
        # A hash; `git describe` puts a g in front.
        | (?<hash> g? [0-9a-f]{{7,}} ) \b
        | (?<date> {n} ) t (?<time> (?: [0-9]{{2}} ){{1,3}} ) z? \b
        # Digits with letters behind them are a version only if these are a label or a marker.
        | (?<version>
          {l}* {n} (?: (?: {labels} ) {n} | [bm] (?: [1-9]|1[0-9]|20 ) \b | (?: {markers} ) (?: {n} )? )*
          ) \b
        | (?: {n} | {l}+ )+"
    ))
});

/// A run of letters or a number.
static RUN: LazyLock<Regex> = LazyLock::new(|| static_regex("[0-9][0-9.,]*|[^0-9]+"));

/// Splits a name into words and numbers, from left to right.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let name = ComposingNormalizerBorrowed::new_nfkc().normalize(name);
    let name = name.replace(is_invisible, "").replace('_', "-");
    let name = DATE.replace_all(&name, "$1.$2.$3");
    let mut lexer = Lexer {
        tokens: Vec::new(),
        separator: Separator::Other,
        follows_date: false,
    };
    let mut end = 0;
    while let Some(part) = PART.captures_at(&name, end) {
        let found = part.get_match();
        match &name[end..found.start()] {
            "" => {}
            "." => lexer.separator = Separator::Dot,
            "-" | "+" => lexer.separator = Separator::Dash,
            _ => lexer.separator = Separator::Other,
        }
        end = part.name("number").unwrap_or(found).end();
        lexer.part(&part);
    }
    lexer.tokens
}

/// Returns whether a character has no width, and would hide a word from comparison.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

struct Lexer {
    tokens: Vec<Token>,
    /// The separator in front of the next token.
    separator: Separator,
    /// True if a date precedes the next token, and only numbers are between them.
    follows_date: bool,
}

impl Lexer {
    fn push(&mut self, text: &str, kind: TokenKind) {
        let is_prerelease = match &kind {
            TokenKind::Marker(_) => true,
            TokenKind::Number(_) => self.follows_marker(),
            _ => false,
        };
        self.tokens.push(Token {
            text: text.to_owned(),
            kind,
            separator: mem::replace(&mut self.separator, Separator::None),
            is_prerelease,
        });
        self.follows_date = match [3, 2, 1].map(|position| self.last_number(position)) {
            [Some(year), Some(month), Some(day)]
                if year.is_year() && month.is_at_most(12) && day.is_at_most(31) =>
            {
                true
            }
            [.., Some(last)] => last.has_day() || self.follows_date,
            _ => false,
        };
    }

    /// The number at this position from the end.
    fn last_number(&self, position: usize) -> Option<&NameNumber> {
        let index = self.tokens.len().checked_sub(position)?;
        self.tokens[index].number()
    }

    /// Returns whether the next number belongs to the marker before it, as in `1.0-rc.2` and
    /// not in `nightly-1.0`.
    fn follows_marker(&self) -> bool {
        let is_glued = self.separator == Separator::None;
        self.tokens.last().is_some_and(|last| match last.kind {
            TokenKind::Marker(_) => is_glued || self.last_number(2).is_some(),
            _ => last.is_prerelease && (is_glued || self.separator == Separator::Dot),
        })
    }

    /// Adds a part of a name.
    fn part(&mut self, part: &Captures<'_>) {
        let compact = |text: &str| text.to_lowercase().replace([' ', '-'], "");
        let group = |name| part.name(name).map(|group| group.as_str());
        if let Some(property) = group("property") {
            self.push(property, TokenKind::Property(compact(property)));
        } else if let (Some(date), Some(time)) = (group("date"), group("time")) {
            self.number(date);
            self.separator = Separator::Other;
            self.number(time);
        } else if let Some(hash) = group("hash").filter(|hash| !is_number(hash)) {
            self.push(hash, TokenKind::Word(compact(hash)));
        } else if let Some(version) = group("version").or(group("number")).or(group("hash")) {
            self.version(version);
        } else {
            let word = part.get_match().as_str();
            self.push(word, TokenKind::word(compact(word)));
        }
    }

    /// Adds letters and numbers without a separator.
    fn version(&mut self, text: &str) {
        for run in RUN.find_iter(text) {
            let run = run.as_str();
            if is_number(run) {
                self.number(run);
            } else if !run.eq_ignore_ascii_case("v") {
                self.push(run, TokenKind::word(run.to_lowercase()));
            }
        }
    }

    /// Adds a dotted number, without zeros at its end.
    fn number(&mut self, text: &str) {
        let mut parts: Vec<_> = text.split(['.', ',']).collect();
        while parts.len() > 1
            && parts
                .last()
                .is_some_and(|last| last.bytes().all(|c| c == b'0'))
        {
            parts.pop();
        }
        self.classify_letters(parts[0]);
        for (index, digits) in parts.into_iter().enumerate() {
            if index > 0 {
                self.separator = Separator::Dot;
            }
            let number = NameNumber::new(digits, self.follows_date);
            let is_bit_width = number.is_bit_width()
                && self.last_number(1).is_some()
                && !self.follows_date
                && self.separator != Separator::Dot;
            self.push(
                digits,
                if is_bit_width {
                    TokenKind::Property(digits.to_owned())
                } else {
                    TokenKind::Number(number)
                },
            );
        }
    }

    /// Classifies the letters in front of a number as a label or a marker. A single letter is
    /// one only between numbers: a P100 is a graphics card.
    fn classify_letters(&mut self, digits: &str) {
        let is_between = self.separator == Separator::None && self.last_number(2).is_some();
        let Some(last) = self.tokens.last_mut() else {
            return;
        };
        let TokenKind::Word(word) = &last.kind else {
            return;
        };
        // Neither build 08 of a JDK nor a graphics card.
        let is_small = !digits.starts_with('0') && digits.parse().is_ok_and(|it: u8| it <= 20);
        if let Some(marker) = Marker::of_letter(word).filter(|_| is_between && is_small) {
            (last.kind, last.is_prerelease) = (TokenKind::Marker(marker), true);
        } else if LABELS.contains(&&**word) && (word.len() > 1 || is_between) {
            last.kind = TokenKind::Label(word.clone());
        }
    }
}

fn is_number(run: &str) -> bool {
    run.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
}
