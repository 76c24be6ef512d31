//! One call of an RPC API.
//!
//! - [`service`], [`region`], [`endpoint`]: which API, where
//! - [`signature`], [`request`]: what is sent
//! - [`transport`], [`exchange`]: how it is sent, and the response
//! - [`json`], [`record`], [`amount`]: how strictly responses are read
//! - [`error`], [`api_error`]: what went wrong
//! - [`retry`], [`told_wait`]: whether and when a call is retried
//! - [`call_log`]: one log line per call

pub mod amount;
pub mod api_error;
pub mod call_log;
pub mod endpoint;
pub mod error;
pub mod exchange;
pub mod json;
pub mod record;
pub mod region;
pub mod request;
pub mod retry;
pub mod service;
pub mod signature;
pub mod told_wait;
pub mod transport;
