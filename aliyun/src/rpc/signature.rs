//! The two signatures of Alibaba Cloud's APIs: RPC signature 1.0, HMAC-SHA1 over the sorted,
//! percent-encoded parameters, and signature V3, HMAC-SHA256 over headers and body.
//!
//! Sources: Alibaba Cloud's pages "Signature method of RPC API calls" and "Request syntax and
//! signature method V3". The test vectors in `tests/data` were computed with its SDK.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::Output;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Method that signs calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureMethod {
    /// RPC signature 1.0.
    #[default]
    Rpc,
    /// Signature V3.
    V3,
}

/// Parameters of a call, sorted by name in byte order as the signature requires.
pub type Parameters = BTreeMap<&'static str, String>;

/// Headers of a call with lower-case names, sorted as signature V3 requires.
pub type Headers = BTreeMap<&'static str, String>;

/// All characters except the unreserved ones of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Encodes the parameters as a form, which is signed and sent as the body.
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

/// Signs a [`form`] that is sent with the HTTP `method` by RPC signature 1.0. Returns the
/// signature in Base64.
pub fn rpc(method: &str, form: &str, access_key_secret: &SecretString) -> String {
    let mut string_to_sign = format!("{method}&%2F&");
    string_to_sign.extend(utf8_percent_encode(form, ENCODED));
    let key = format!("{}&", access_key_secret.expose_secret());
    STANDARD.encode(hmac::<Hmac<Sha1>>(key.as_bytes(), &string_to_sign))
}

/// Name of signature V3, as it begins the header `Authorization`.
const V3: &str = "ACS3-HMAC-SHA256";

/// Signs a request to the path `/` by signature V3. `headers` are those that are signed, and
/// `body_hash` is the [`sha256`] of the body. Returns the header `Authorization`: the text
/// before the signature, which contains no secret, and the signature in hexadecimal digits.
pub fn v3(
    method: &str,
    headers: &Headers,
    body_hash: &str,
    access_key_id: &str,
    access_key_secret: &SecretString,
) -> (String, SecretString) {
    let names = headers.keys().copied().collect::<Vec<_>>().join(";");
    // The empty line is the query.
    let mut canonical_request = format!("{method}\n/\n\n");
    for (name, value) in headers {
        canonical_request.extend([name, ":", value.trim(), "\n"]);
    }
    canonical_request.extend(["\n", &names, "\n", body_hash]);
    let string_to_sign = format!("{V3}\n{}", sha256(&canonical_request));
    let key = access_key_secret.expose_secret().as_bytes();
    let signature = hmac::<Hmac<Sha256>>(key, &string_to_sign);
    let prefix = format!("{V3} Credential={access_key_id},SignedHeaders={names},Signature=");
    (prefix, hex::encode(signature).into())
}

/// Returns the SHA-256 of a content in hexadecimal digits.
pub fn sha256(content: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(content))
}

fn hmac<M: Mac + KeyInit>(key: &[u8], text: &str) -> Output<M> {
    // HMAC accepts keys of any length.
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes()
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
            let signed = rpc(
                &vector.method,
                &form(&parameters),
                &vector.access_key_secret,
            );
            assert_eq!(signed, vector.signature, "{}", vector.name);
        }
    }
}
