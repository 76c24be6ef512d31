//! Encodings of secrets in base64 and hexadecimal digits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Minimum length of an encoding. A shorter one can occur in any word.
const MIN_LEN: usize = 8;

/// The characters that are percent-encoded in the form of a call.
const PERCENT_ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns the base64 and hexadecimal encodings of a secret and of its percent-encoded
/// form. Base64 has three alignments, because the secret can be inside a longer text.
pub fn encodings(secret: &str) -> Vec<String> {
    let percent_encoded = utf8_percent_encode(secret, PERCENT_ENCODED).to_string();
    let is_same = percent_encoded == secret;
    let mut encodings = Vec::new();
    for sent in [secret, &percent_encoded].into_iter().skip(is_same.into()) {
        encodings.extend((0..3).map(|offset| base64(sent, offset)));
        encodings.push(hex::encode(sent));
    }
    encodings.retain(|encoding| encoding.len() >= MIN_LEN);
    encodings
}

/// Returns the digits of base64 that depend on `text` alone, if `offset` bytes precede it.
fn base64(text: &str, offset: usize) -> String {
    let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
    // A digit has 6 bits.
    let digits = (offset * 8).div_ceil(6)..bytes.len() * 8 / 6;
    STANDARD_NO_PAD.encode(bytes)[digits].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_at_each_alignment() {
        for (before, after) in [("", ""), ("a", "bc"), ("ab", "c"), ("abc", ""), ("", "a")] {
            let encoded = STANDARD_NO_PAD.encode(format!("{before}gold-fish{after}"));
            let is_found = |encoding: &String| encoded.contains(encoding);
            assert!(encodings("gold-fish").iter().any(is_found), "{encoded}");
        }
    }

    #[test]
    fn percent_encoding_is_encoded_if_it_differs() {
        assert_eq!(encodings("gold.fish").len(), 4);
        let encodings = encodings("gold+fish");
        assert_eq!(encodings.len(), 8);
        assert!(encodings.contains(&hex::encode("gold%2Bfish")));
    }

    #[test]
    fn short_encodings_are_dropped() {
        assert_eq!(encodings("gold"), ["676f6c64"]);
    }
}
