//! What tests and examples share.

pub mod diagnostics;
pub mod emulator;
pub mod network;
pub mod plugin_client;
pub mod running_provider;
pub mod secrets;
pub mod terraform;
