//! The RPC signature, version 1.0, of Alibaba Cloud's APIs: HMAC-SHA1 over the
//! sorted, percent-encoded parameters.
//!
//! Source: Alibaba Cloud's page "Signature method of RPC API calls". The test vectors in
//! `tests/data/signature-vectors.json` were computed with its SDK.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;

/// Parameters of a call, sorted by name in byte order as the signature requires.
pub type Parameters = BTreeMap<&'static str, String>;

/// All characters except the unreserved ones of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Encodes the parameters as a form. The result is signed, and sent as the body.
pub fn form(parameters: &Parameters) -> String {
    let mut form = String::new();
    for (name, value) in parameters {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(utf8_percent_encode(name, ENCODED));
        form.push('=');
        form.extend(utf8_percent_encode(value, ENCODED));
    }
    form
}

/// Returns the string to sign for a [`form`] that is sent with the HTTP `method`.
pub fn string_to_sign(method: &str, form: &str) -> String {
    let mut text = format!("{method}&%2F&");
    text.extend(utf8_percent_encode(form, ENCODED));
    text
}

/// Signs a [`string_to_sign`]. Returns the signature in Base64.
pub fn signature(access_key_secret: &SecretString, string_to_sign: &str) -> String {
    let key = format!("{}&", access_key_secret.expose_secret());
    // HMAC accepts keys of any length.
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
    mac.update(string_to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        method: String,
        access_key_secret: SecretString,
        parameters: BTreeMap<String, String>,
        string_to_sign: String,
        signature: String,
    }

    #[test]
    fn signature_matches_every_published_vector() {
        let vectors = include_str!("../../../tests/data/signature-vectors.json");
        let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
        assert_eq!(vectors.len(), 8);
        for vector in vectors {
            let parameters: Parameters = vector
                .parameters
                .into_iter()
                .map(|(name, value)| (&*name.leak(), value))
                .collect();
            let text = string_to_sign(&vector.method, &form(&parameters));
            assert_eq!(text, vector.string_to_sign, "{}", vector.name);
            let signed = signature(&vector.access_key_secret, &text);
            assert_eq!(signed, vector.signature, "{}", vector.name);
        }
    }
}
