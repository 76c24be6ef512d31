//! Test support shared by the provider's tests, examples and benchmarks.
#![allow(
    clippy::missing_errors_doc,
    reason = "a test fails by any error, and reads none"
)]

pub mod diagnostics;
pub mod emulator;
pub mod machine;
pub mod network;
pub mod plugin_client;
pub mod running_provider;
pub mod secrets;
pub mod terraform;
