//! What tests, examples and benchmarks share.

pub mod emulator;
pub mod plugin_client;
pub mod terraform;
