//! The computed `id` of data sources that return lists.

use std::fmt::Write;

use sha1::{Digest, Sha1};

/// Hashes the arguments of a data block.
///
/// SHA-1 is sufficient: the ID only has to differ when the arguments do.
#[must_use]
pub fn digest(arguments: &serde_json::Value) -> String {
    let digest = Sha1::digest(arguments.to_string());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
