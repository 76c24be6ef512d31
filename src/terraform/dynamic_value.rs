//! The plugin protocol's message `DynamicValue`: a value of the configuration or the state,
//! in MessagePack or JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::diagnostics::Diagnostic;
pub use super::proto::tfplugin::DynamicValue;

impl DynamicValue {
    /// Encodes a block as MessagePack.
    ///
    /// # Errors
    ///
    /// Returns an error if serialization fails, which models never do.
    pub fn encode(block: &impl Serialize) -> Result<Self, Diagnostic> {
        let mut bytes = Bytes(Vec::new());
        rmp_serde::encode::write_named(&mut bytes, block).map_err(|error| {
            let detail = format!("Encoding the state failed: {error}. Report this.");
            Diagnostic::error("Bug in the provider", detail)
        })?;
        Ok(Self::from_msgpack(bytes.0))
    }

    /// A value in MessagePack.
    pub fn from_msgpack(msgpack: impl Into<Vec<u8>>) -> Self {
        Self {
            msgpack: msgpack.into(),
            json: Vec::new(),
        }
    }

    /// A value in JSON.
    pub fn from_json(json: impl Into<Vec<u8>>) -> Self {
        Self {
            msgpack: Vec::new(),
            json: json.into(),
        }
    }

    /// A block that is unknown as a whole.
    pub fn unknown() -> Self {
        // Terraform's encoding: extension 0 with one zero byte.
        Self::from_msgpack([0xd4, 0, 0])
    }
}

/// Bytes that are written one after the other. Most writes are of a few bytes, for which
/// musl's `memcpy` takes ten times as long as a loop.
struct Bytes(Vec<u8>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const SHORT: usize = 16;
        if bytes.len() > SHORT {
            self.0.extend_from_slice(bytes);
        } else {
            for byte in bytes {
                self.0.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Value;
    use super::*;

    #[test]
    fn unknown_block_has_the_encoding_of_an_unknown_value() {
        let unknown = DynamicValue::encode(&Value::<()>::Unknown);
        assert_eq!(DynamicValue::unknown(), unknown.unwrap());
    }
}
