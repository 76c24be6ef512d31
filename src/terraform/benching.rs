//! Where benchmarks enter.

use serde::Serialize;

use super::dynamic_value::State;

/// Writes a block as it goes to Terraform; none where it cannot be written.
pub fn encode(block: impl Serialize + Send + Sync + 'static) -> Option<Vec<u8>> {
    State::new(block).ok()?.to_msgpack().ok()
}
