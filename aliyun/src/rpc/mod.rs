//! One call of an RPC API.
//!
//! - [`service`], [`region`], [`endpoint`]: which API, where
//! - [`signature`], [`request`]: what is sent
//! - [`transport`], [`response`]: how it is sent, and the response
//! - [`json`], [`strict`], [`number`]: how strictly responses are read
//! - [`error`], [`api_error`]: what went wrong
//! - [`retry`], [`retry_after`]: whether and when a call is retried
//! - [`call_log`]: one log line per call

pub mod api_error;
pub mod call_log;
pub mod endpoint;
pub mod error;
pub mod json;
pub mod number;
pub mod region;
pub mod request;
pub mod response;
pub mod retry;
pub mod retry_after;
pub mod service;
pub mod signature;
pub mod strict;
pub mod transport;
