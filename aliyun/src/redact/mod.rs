//! Redaction of secrets in untrusted text.

mod encodings;
mod escapes;

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use encodings::encodings;
use escapes::Unescaped;

/// The minimum length of a secret in bytes. A shorter one would be found in any text.
pub const MIN_SECRET_LEN: usize = 4;

/// Maximum length of a redacted text in bytes, longer than any displayed text.
const MAX_TEXT_LEN: usize = 4096;

/// Number of bytes searched beyond the maximum length. They find a secret that begins
/// before it. More than a piece with escapes.
const LOOKAHEAD: usize = 256;

/// The number of layers of escapes that are undone. The API percent-encodes twice in the
/// string to sign.
const MAX_LAYERS: usize = 3;

/// The length in bytes of the pieces that are searched for. A shorter secret is one piece.
const PIECE_LEN: usize = 12;

/// The distance between pieces. A part of a secret is found if it is as long as a piece
/// and a step.
const STEP: usize = 4;

/// The total length in bytes of the remembered secrets: about twenty tokens, or the
/// signatures of hundreds of calls.
const MAX_REMEMBERED: usize = 16 * 1024;

/// The number of secrets that are remembered regardless of their length: more than those
/// of all calls in flight.
const MIN_REMEMBERED: usize = 32;

/// The replacement of a secret.
const REDACTED: &str = "(redacted)";

/// Redacts secrets that were sent, in texts that may repeat them. A response can repeat
/// the secrets of an earlier call too.
///
/// Finds secrets and long parts of them in any letter case, in base64 and in hexadecimal
/// digits, each also with up to three layers of percent encoding and of the escapes of
/// JSON and HTML.
///
/// Clones share the secrets.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Arc<Mutex<Secrets>>);

impl Redactor {
    /// Creates a redactor of these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let redactor = Self::default();
        for secret in secrets {
            redactor.lock().remember(&secret.into());
        }
        redactor
    }

    /// Adds secrets, and drops the oldest ones if there are many.
    pub fn add(&self, secrets: &[SecretString]) {
        let mut remembered = self.lock();
        for secret in secrets {
            remembered.remember(secret);
        }
    }

    /// Returns the text without the secrets. A text above the maximum length is truncated.
    pub fn redact(&self, text: &str) -> String {
        let searched = &text[..text.floor_char_boundary(MAX_TEXT_LEN + LOOKAHEAD)];
        let mut secrets = self.lock();
        let mut found = Vec::new();
        let mut unescaped = Some(Unescaped::original(searched));
        for _ in 0..=MAX_LAYERS {
            let Some(layer) = unescaped else { break };
            let ranges = secrets.find(&comparable(&layer.bytes)).into_iter();
            found.extend(ranges.map(|range| layer.original_range(range)));
            unescaped = layer.unescape();
        }
        replace(&text[..text.floor_char_boundary(MAX_TEXT_LEN)], found)
    }

    fn lock(&self) -> MutexGuard<'_, Secrets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The secrets to search for.
#[derive(Debug, Default)]
struct Secrets {
    /// The newest last.
    remembered: VecDeque<SecretString>,
    /// The hashes of their pieces, made when a text is searched: most calls have none.
    pieces: Option<HashSet<u64>>,
    hasher: RandomState,
}

impl Secrets {
    fn remember(&mut self, secret: &SecretString) {
        let text = secret.expose_secret();
        if text.len() < MIN_SECRET_LEN {
            return;
        }
        let mut all = self.remembered.iter();
        match all.position(|one| one.expose_secret() == text) {
            Some(index) => drop(self.remembered.remove(index)),
            None => self.pieces = None,
        }
        self.remembered.push_back(secret.clone());
        let len = |secret: &SecretString| secret.expose_secret().len();
        let mut bytes: usize = self.remembered.iter().map(len).sum();
        while self.remembered.len() > MIN_REMEMBERED
            && bytes > MAX_REMEMBERED
            && let Some(oldest) = self.remembered.pop_front()
        {
            bytes -= len(&oldest);
            self.pieces = None;
        }
    }

    /// Returns the ranges of the text that are pieces of the secrets.
    fn find(&mut self, text: &[u8]) -> Vec<Range<usize>> {
        let secrets = self.remembered.iter().map(ExposeSecret::expose_secret);
        let hash = || secrets.flat_map(|secret| hashed_pieces(secret, &self.hasher));
        let pieces = self.pieces.get_or_insert_with(|| hash().collect());
        let mut found = Vec::new();
        for len in MIN_SECRET_LEN..=PIECE_LEN {
            for (start, piece) in text.windows(len).enumerate() {
                if pieces.contains(&self.hasher.hash_one(piece)) {
                    found.push(start..start + len);
                }
            }
        }
        found
    }
}

/// Returns the hashes of the pieces of a secret and of its encodings.
fn hashed_pieces(secret: &str, hasher: &RandomState) -> Vec<u64> {
    let encodings = encodings(secret).into_iter();
    let mut found = Vec::new();
    for form in encodings.chain([secret.to_owned()]) {
        let form = comparable(form.as_bytes());
        let len = form.len().min(PIECE_LEN);
        // The last piece, which `step_by` can skip.
        let last = &form[form.len() - len..];
        let pieces = form.windows(len).step_by(STEP).chain([last]);
        found.extend(pieces.map(|piece| hasher.hash_one(piece)));
    }
    found
}

/// Unifies letter cases, the two alphabets of base64, and "+" for a space.
fn comparable(bytes: &[u8]) -> Vec<u8> {
    let comparable = bytes.iter().map(|byte| match byte {
        b' ' | b'-' => b'+',
        b'_' => b'/',
        byte => byte.to_ascii_lowercase(),
    });
    comparable.collect()
}

/// Replaces the ranges of the text. Ranges that touch or overlap have one replacement.
fn replace(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut redacted = String::with_capacity(text.len());
    let mut rest = 0;
    for range in ranges {
        if range.start >= text.len() {
            break;
        }
        // A piece can begin or end within a character.
        let start = text.floor_char_boundary(range.start);
        // A range that touches the previous one extends its replacement.
        if start > rest || redacted.is_empty() {
            redacted.push_str(&text[rest..start]);
            redacted.push_str(REDACTED);
        }
        rest = rest.max(text.ceil_char_boundary(range.end));
    }
    redacted.push_str(&text[rest..]);
    redacted
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "gold/fish+Tank==7/bowl<Water";

    fn percent(text: &str) -> String {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn secret_is_redacted_in_every_encoding() {
        let redactor = Redactor::new([SECRET]);
        let once = percent(SECRET);
        let twice = percent(&once);
        for encoded in [
            SECRET.to_owned(),
            SECRET.to_uppercase(),
            SECRET.replace('+', " "),
            SECRET.replace('/', "\\/"),
            SECRET.replace('<', "\\u003c"),
            SECRET.replace('/', "\\\\\\/"),
            SECRET.replace('/', "&#x2F;").replace('<', "&lt;"),
            SECRET.replace('+', "&#43;").replace('=', "&equals;"),
            SECRET.replace('+', "&#43").replace('<', "&lt"),
            SECRET.replace('<', "&amp;lt;"),
            once.to_lowercase(),
            percent(&twice),
            percent(&SECRET.replace('/', "\\/")),
            once,
            twice,
            STANDARD.encode(SECRET),
            STANDARD.encode(format!("a:{SECRET}")),
            URL_SAFE_NO_PAD.encode(format!("ab:{SECRET}")),
            percent(&STANDARD.encode(SECRET)),
            STANDARD.encode(percent(SECRET)),
            hex::encode(SECRET),
            hex::encode_upper(SECRET),
            hex::encode(percent(SECRET)),
            SECRET[3..20].to_owned(),
            STANDARD.encode(&SECRET[3..20]),
        ] {
            let redacted = redactor.redact(&format!("You sent ({encoded}), said it."));
            assert!(redacted.contains(REDACTED), "{encoded}: {redacted}");
            assert!(redacted.len() < 60, "{encoded}: {redacted}");
            assert!(redacted.starts_with("You sent ("), "{encoded}: {redacted}");
            assert!(redacted.ends_with("said it."), "{encoded}: {redacted}");
        }
    }

    #[test]
    fn secrets_of_earlier_calls_are_remembered_within_a_limit() {
        let redactor = Redactor::default();
        let token = |number: usize| format!("token-{number:04}-{}", "x".repeat(1000));
        for number in 0..100 {
            redactor.add(&[token(number).into(), "signature".into()]);
        }
        assert_eq!(redactor.lock().remembered.len(), MIN_REMEMBERED);
        assert_eq!(redactor.redact(&token(99)), REDACTED);
        assert_eq!(redactor.redact("token-0069-x"), REDACTED);
        assert_eq!(redactor.redact("token-0068-"), "token-0068-");
        assert_eq!(redactor.redact("a signature"), "a (redacted)");
    }

    #[test]
    fn text_without_secrets_is_unchanged() {
        let redactor = Redactor::new([SECRET, "short"]);
        for text in [
            "",
            "gold fish tank",
            "100% of &amp; \\u0041 c2hvcnQ=",
            "The specified parameter is invalid: a%2Fb 镜像",
            "acs:ram::1234567890123456:role/reader",
        ] {
            assert_eq!(redactor.redact(text), text);
        }
        assert_eq!(redactor.redact("a SHORT cut"), "a (redacted) cut");
    }

    #[test]
    fn token_longer_than_a_redacted_text_is_redacted() {
        let token = "ab+/".repeat(8 * 1024);
        let redactor = Redactor::new([token.as_str()]);
        for echo in [percent(&percent(&token)), STANDARD.encode(&token), token] {
            assert_eq!(redactor.redact(&format!("{echo}, said it.")), REDACTED);
        }
    }

    #[test]
    fn long_text_is_truncated() {
        let redactor = Redactor::new([SECRET]);
        let long = "a".repeat(MAX_TEXT_LEN - 1);
        assert_eq!(redactor.redact(&format!("{long}镜{SECRET}")), long);
        let redacted = redactor.redact(&format!("{long}{SECRET}"));
        assert_eq!(redacted, format!("{long}{REDACTED}"));
    }

    proptest! {
        #[test]
        fn redacting_arbitrary_text_never_panics(text in ".*", secret in ".{4,40}") {
            let redactor = Redactor::new([secret.as_str()]);
            let redacted = redactor.redact(&format!("{text}{secret}{text}"));
            prop_assert!(redacted.contains(REDACTED));
        }

        #[test]
        fn secret_is_redacted_as_a_whole(
            before in "[!?]{0,20}",
            secret in "[A-Z0-9+/=._-]{4,100}",
            after in "[!?]{0,20}",
            layers in 0..=MAX_LAYERS,
        ) {
            let encoded = (0..layers).fold(secret.clone(), |text, _| percent(&text));
            let redactor = Redactor::new([secret.as_str()]);
            let redacted = redactor.redact(&format!("{before}({encoded}){after}"));
            prop_assert_eq!(redacted, format!("{before}({REDACTED}){after}"));
        }
    }
}
