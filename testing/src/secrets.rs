//! Detection of secrets in text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::emulator::signature::percent_encode;

/// Finds the first secret that a text contains, and its encoding: plain, quoted,
/// percent-encoded once or twice, or base64.
pub fn leak<'a>(text: &str, secrets: &'a [String]) -> Option<(&'a str, String)> {
    let encodings = |secret: &'a String| {
        encodings(secret)
            .into_iter()
            .map(move |form| (&**secret, form))
    };
    let mut all = secrets.iter().flat_map(encodings);
    all.find(|(_, encoding)| text.contains(encoding))
}

fn encodings(secret: &str) -> Vec<String> {
    let once = percent_encode(secret);
    let twice = percent_encode(&once);
    let mut encodings = vec![
        secret.to_owned(),
        // Quoted as in JSON and in Rust's debug output.
        format!("{secret:?}").trim_matches('"').to_owned(),
        lower_hex(&once),
        lower_hex(&twice),
        once,
        twice,
    ];
    // Base64 has three alignments. Characters that depend on adjacent text are cut
    // off.
    for offset in 0..3 {
        let text = format!("{}{secret}", "?".repeat(offset));
        let whole = text.len() / 3 * 3;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text.as_bytes()[..whole]);
            encodings.push(encoded[if offset == 0 { 0 } else { 4 }..].to_owned());
        }
    }
    encodings
}

/// Converts the hex digits of percent-encoded text to lower case.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(2);
        format!("{text}%{}{rest}", digits.to_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leak_is_found_in_every_encoding() {
        let secrets = ["sword+fish/=".to_owned()];
        for text in [
            "a sword+fish/= b",
            "sword%2Bfish%2F%3D",
            "sword%2bfish%2f%3d",
            "sword%252Bfish%252F%253D",
            "c3dvcmQrZmlzaC89",
            // The base64 of "a:sword+fish/=" and of "ab:sword+fish/=".
            "YTpzd29yZCtmaXNoLz0=",
            "YWI6c3dvcmQrZmlzaC89",
        ] {
            assert!(leak(text, &secrets).is_some(), "{text}");
        }
        assert_eq!(leak("swordfish", &secrets), None);
    }
}
