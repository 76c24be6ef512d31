//! Signature V3, implemented independently of the provider's signer.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::signature::percent_encode;

/// The name of the signature.
const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The contents of an `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    /// The access key ID.
    pub credential: &'a str,
    /// The names of the signed headers, separated by semicolons.
    pub signed_headers: &'a str,
    /// The signature in lower-case hex digits.
    pub signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Parses a header. Returns `None` if it has another scheme or form.
    #[must_use]
    pub fn parse(header: &'a str) -> Option<Self> {
        let fields = header
            .strip_prefix(ALGORITHM)?
            .strip_prefix(" Credential=")?;
        let (credential, fields) = fields.split_once(",SignedHeaders=")?;
        let (signed_headers, signature) = fields.split_once(",Signature=")?;
        Some(Self {
            credential,
            signed_headers,
            signature,
        })
    }
}

/// Returns whether an `Authorization` header is of signature V3, well-formed or not.
pub(super) fn is_v3(header: &str) -> bool {
    header.starts_with(ALGORITHM)
}

/// Builds the string to sign of a request to the path `/`. `signed_headers` are the names
/// of the signed headers, separated by semicolons.
#[must_use]
pub fn string_to_sign(
    method: &str,
    query: &BTreeMap<String, String>,
    headers: &[(String, String)],
    body: &str,
    signed_headers: &str,
) -> String {
    let query = query.iter();
    let query: Vec<_> = query
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    let mut lines = vec![method.to_owned(), "/".to_owned(), query.join("&")];
    for name in signed_headers.split(';') {
        let headers = headers.iter().filter(|(header, _)| header == name);
        let mut values: Vec<_> = headers.map(|(_, value)| value.trim()).collect();
        values.sort_unstable();
        lines.push(format!("{name}:{}", values.join(",")));
    }
    lines.extend([String::new(), signed_headers.to_owned(), sha256(body)]);
    format!("{ALGORITHM}\n{}", sha256(&lines.join("\n")))
}

/// Signs with HMAC-SHA256, keyed with the secret, and encodes in lower-case hex digits.
///
/// # Panics
///
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn sign(access_key_secret: &str, string_to_sign: &str) -> String {
    let key = access_key_secret.as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(string_to_sign.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The SHA-256 of a text in lower-case hex digits.
#[must_use]
pub fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::super::form;
    use super::*;

    /// Computed by `testing/sdk/v3_vectors.py` with Alibaba Cloud's own SDK.
    const VECTORS: &str = include_str!("../../../tests/data/signature-v3-vectors.json");

    #[derive(serde::Deserialize)]
    struct Vector {
        name: String,
        access_key_id: String,
        access_key_secret: String,
        method: String,
        query: String,
        headers: BTreeMap<String, String>,
        body: String,
        string_to_sign: String,
        authorization: String,
    }

    #[test]
    fn signature_v3_matches_the_official_sdk() {
        let vectors: Vec<Vector> = serde_json::from_str(VECTORS).expect("vectors are JSON");
        assert_eq!(vectors.len(), 13);
        for vector in vectors {
            let name = &vector.name;
            let mut query = BTreeMap::new();
            form::decode_into(&mut query, &vector.query).expect("a query");
            let headers: Vec<_> = vector.headers.into_iter().collect();
            let authorization = Authorization::parse(&vector.authorization).expect(name);
            assert_eq!(authorization.credential, vector.access_key_id, "{name}");
            let signed = authorization.signed_headers;
            let actual = string_to_sign(&vector.method, &query, &headers, &vector.body, signed);
            assert_eq!(actual, vector.string_to_sign, "{name}");
            let signature = sign(&vector.access_key_secret, &actual);
            assert_eq!(signature, authorization.signature, "{name}");
            let hash = headers
                .iter()
                .find(|(name, _)| name == "x-acs-content-sha256");
            assert_eq!(hash.expect(name).1, sha256(&vector.body), "{name}");
        }
    }

    #[test]
    fn malformed_authorization_is_not_parsed() {
        for text in [
            "",
            "Bearer token",
            "ACS3-HMAC-SHA256",
            "ACS3-HMAC-SHA256 Credential=id",
            "ACS3-HMAC-SHA256 Credential=id,Signature=0",
            "ACS3-HMAC-SM3 Credential=id,SignedHeaders=host,Signature=0",
        ] {
            assert_eq!(Authorization::parse(text), None, "{text}");
        }
    }
}
