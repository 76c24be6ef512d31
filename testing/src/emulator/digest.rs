//! Digests that IDs are made of.

use sha1::{Digest, Sha1};

/// Hashes a text to 32 lower-case hex digits.
pub(super) fn digest(text: &str) -> String {
    let digest = Sha1::digest(text);
    let bytes = digest.first_chunk().copied();
    format!(
        "{:032x}",
        u128::from_be_bytes(bytes.expect("SHA-1 has 20 bytes"))
    )
}
