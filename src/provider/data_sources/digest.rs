//! The `id` of data blocks that stand for many things.

use std::fmt::Write;

use sha1::{Digest, Sha1};

/// Tells one data block from another, and is the same for the same arguments.
///
/// Of the digest only equality matters, so that a short one will do.
#[must_use]
pub fn digest(arguments: &serde_json::Value) -> String {
    let digest = Sha1::digest(arguments.to_string());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
