//! Where benchmarks enter.

use serde::Serialize;

use super::encoding;

/// Writes a value as it goes to Terraform; none where it cannot be written.
pub fn encode<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    Some(encoding::encode(value).ok()?.msgpack)
}
