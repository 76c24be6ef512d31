//! Secrets that were sent, found again in whatever an answer makes of them.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretSlice, SecretString};

mod decoding;

use decoding::{Seen, seen, unescaped, unpacked};

/// So many characters of a secret in a row are taken for a part of it. Of a
/// shorter secret, all have to be there.
const RUN: usize = 12;

/// Secrets of fewer bytes are not looked for: they are in any text, and none is as
/// short that keeps anybody out.
pub const SHORTEST: usize = 4;

/// How often escapes are undone one after another.
const LAYERS: usize = 3;

/// The longest text that is looked at, in bytes: much more than is ever shown.
const LONGEST: usize = 4096;

/// How many bytes of secrets are remembered: some twenty tokens, or the signatures of
/// five hundred calls.
const MOST_KNOWN: usize = 16 * 1024;

/// How many secrets are remembered however long they are: those of all calls that are
/// in flight at a time, and more.
const LEAST_KNOWN: usize = 32;

/// What stands for a secret.
const REDACTED: &str = "(redacted)";

/// Takes out of texts what must not be shown again: secrets that have been sent. An
/// answer to a later call, which is made with others, may repeat them too.
///
/// A secret is found as it is and in another letter case, behind up to three
/// layers of percent encoding, JSON's and HTML's escapes, in base64 and in
/// hexadecimal digits, and in part. Text that nobody could read back is not.
///
/// Clones know the same secrets.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Arc<Mutex<Known>>);

impl Redactor {
    /// Knows these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let known = Self::default();
        for secret in secrets {
            known.lock().add(&secret.into());
        }
        known
    }

    /// Knows these as well. The oldest ones are forgotten when there are many.
    pub fn add(&self, secrets: &[SecretString]) {
        let mut known = self.lock();
        for secret in secrets {
            known.add(secret);
        }
    }

    /// The text without the secrets. What is longer than any text that is shown
    /// is cut off.
    pub fn redact(&self, text: &str) -> String {
        let text = &text[..text.floor_char_boundary(LONGEST)];
        let known = self.lock();
        let mut found = Vec::new();
        let mut layer = seen(text);
        for _ in 0..=LAYERS {
            known.find(&layer, &mut found);
            for inner in unpacked(&layer) {
                known.find(&inner, &mut found);
                known.find(&unescaped(&inner), &mut found);
            }
            let next = unescaped(&layer);
            if next.len() == layer.len() {
                break;
            }
            layer = next;
        }
        without(text, found)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nobody who holds the lock panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Secrets, and what gives them away.
#[derive(Debug, Default)]
struct Known {
    /// The newest last, in the form in which texts are compared with them.
    secrets: VecDeque<SecretSlice<u8>>,
    /// How many secrets have a run of characters, by the hash of the run. Its key is
    /// this process's own, so that nobody can make texts that have the same.
    runs: HashMap<u64, u32>,
    /// How many secrets have runs of a length.
    lengths: HashMap<usize, u32>,
    hashes: RandomState,
}

impl Known {
    fn add(&mut self, secret: &SecretString) {
        let secret: SecretSlice<u8> = comparable(secret.expose_secret().bytes()).into();
        let text = secret.expose_secret();
        if text.len() < SHORTEST {
            return;
        }
        let mut secrets = self.secrets.iter();
        if let Some(place) = secrets.position(|known| known.expose_secret() == text) {
            // It is the newest again.
            self.secrets.remove(place);
        } else {
            self.count(&secret, |count| count + 1);
        }
        self.secrets.push_back(secret);
        let length = |secret: &SecretSlice<u8>| secret.expose_secret().len();
        let mut bytes: usize = self.secrets.iter().map(length).sum();
        while self.secrets.len() > LEAST_KNOWN && bytes > MOST_KNOWN {
            let Some(oldest) = self.secrets.pop_front() else {
                break;
            };
            bytes -= length(&oldest);
            self.count(&oldest, |count| count - 1);
        }
    }

    /// Changes how often there is what gives a secret away.
    fn count(&mut self, secret: &SecretSlice<u8>, change: impl Fn(u32) -> u32) {
        let text = secret.expose_secret();
        let length = text.len().min(RUN);
        let changed = |count: &mut u32| *count = change(*count);
        changed(self.lengths.entry(length).or_default());
        self.lengths.retain(|_, count| *count > 0);
        for run in text.windows(length) {
            let hash = self.hashes.hash_one(run);
            changed(self.runs.entry(hash).or_default());
            if self.runs[&hash] == 0 {
                self.runs.remove(&hash);
            }
        }
    }

    /// Adds the places in the text of what is in `layer` and gives a secret away.
    fn find(&self, layer: &[Seen], found: &mut Vec<Range<usize>>) {
        let bytes = comparable(layer.iter().map(|seen| seen.byte));
        for length in self.lengths.keys() {
            for (place, window) in bytes.windows(*length).enumerate() {
                if self.runs.contains_key(&self.hashes.hash_one(window)) {
                    let (first, last) = (&layer[place], &layer[place + length - 1]);
                    found.push(first.place.start..last.place.end);
                }
            }
        }
    }
}

/// In the form in which texts and secrets are compared.
fn comparable(bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    let comparable = bytes.map(|byte| match byte {
        b'+' => b' ',
        byte => byte.to_ascii_lowercase(),
    });
    comparable.collect()
}

/// The text with one mark for what is at these places.
fn without(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_unstable_by_key(|place| place.start);
    let mut clean = String::with_capacity(text.len());
    let mut rest = 0;
    for place in found {
        // Places that touch or overlap have one mark.
        if place.start > rest || clean.is_empty() {
            clean.push_str(&text[rest..place.start]);
            clean.push_str(REDACTED);
        }
        rest = rest.max(place.end);
    }
    clean.push_str(&text[rest..]);
    clean
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "gold/fish+Tank==7/bowl<Water";

    fn encoded(text: &str) -> String {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }

    fn hex(text: &str) -> String {
        text.bytes().fold(String::new(), |hex, byte| {
            let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap();
            format!("{hex}{}{}", digit(byte >> 4), digit(byte & 15))
        })
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let redactor = Redactor::new([SECRET]);
        let once = encoded(SECRET);
        let twice = encoded(&once);
        for form in [
            SECRET.to_owned(),
            SECRET.to_uppercase(),
            SECRET.replace('+', " "),
            SECRET.replace('/', "\\/"),
            SECRET.replace('<', "\\u003c"),
            SECRET.replace('/', "\\\\\\/"),
            SECRET.replace('/', "&#x2F;").replace('<', "&lt;"),
            SECRET.replace('+', "&#43;").replace('=', "&equals;"),
            SECRET.replace('<', "&amp;lt;"),
            once.to_lowercase(),
            encoded(&twice),
            encoded(&SECRET.replace('/', "\\/")),
            once,
            twice,
            STANDARD.encode(SECRET),
            STANDARD.encode(format!("a:{SECRET}")),
            URL_SAFE_NO_PAD.encode(format!("ab:{SECRET}")),
            encoded(&STANDARD.encode(SECRET)),
            STANDARD.encode(encoded(SECRET)),
            hex(SECRET),
            hex(SECRET).to_uppercase(),
            SECRET[3..20].to_owned(),
        ] {
            let clean = redactor.redact(&format!("You sent ({form}), said it."));
            assert!(clean.contains(REDACTED), "{form}: {clean}");
            assert!(clean.len() < 60, "{form}: {clean}");
            assert!(clean.starts_with("You sent ("), "{form}: {clean}");
            assert!(clean.ends_with("said it."), "{form}: {clean}");
        }
    }

    #[test]
    fn what_was_sent_earlier_is_remembered_within_a_bound() {
        let redactor = Redactor::default();
        let token = |number: usize| format!("token-{number:04}-{}", "x".repeat(1000));
        for number in 0..100 {
            redactor.add(&[token(number).into(), "signature".into()]);
        }
        assert_eq!(redactor.lock().secrets.len(), LEAST_KNOWN);
        assert_eq!(redactor.redact(&token(99)), REDACTED);
        assert_eq!(redactor.redact("token-0069-xx"), REDACTED);
        assert_eq!(redactor.redact("token-0068-"), "token-0068-");
        assert_eq!(redactor.redact("a signature"), "a (redacted)");
    }

    #[test]
    fn what_holds_no_secret_stays() {
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

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*", secret in ".{4,40}") {
            let redactor = Redactor::new([secret.as_str()]);
            let clean = redactor.redact(&format!("{text}{secret}{text}"));
            prop_assert!(clean.contains(REDACTED));
        }
    }
}
