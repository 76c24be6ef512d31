//! Secrets as they may be written.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::emulator::signature::percent_encode;

/// The first of `secrets` that a text holds in any form, which is a leak, with
/// that form: as it is, quoted, percent-encoded once or twice, or in base64.
pub fn leak<'a>(text: &str, secrets: &'a [String]) -> Option<(&'a str, String)> {
    let forms = |secret: &'a String| forms(secret).into_iter().map(move |form| (&**secret, form));
    let mut all = secrets.iter().flat_map(forms);
    all.find(|(_, form)| text.contains(form))
}

fn forms(secret: &str) -> Vec<String> {
    let once = percent_encode(secret);
    let twice = percent_encode(&once);
    let mut forms = vec![
        secret.to_owned(),
        // JSON and Rust's Debug quote what they must.
        format!("{secret:?}").trim_matches('"').to_owned(),
        lower_hex(&once),
        lower_hex(&twice),
        once,
        twice,
    ];
    // In base64, three alignments: what depends on the neighbors is cut off.
    for lead in 0..3 {
        let text = format!("{}{secret}", "?".repeat(lead));
        let whole = text.len() / 3 * 3;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text.as_bytes()[..whole]);
            forms.push(encoded[if lead == 0 { 0 } else { 4 }..].to_owned());
        }
    }
    forms
}

/// The same percent-encoded text with hex digits in lower case.
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
    fn a_secret_is_found_in_every_form() {
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
