//! Calls of an RPC API.
//!
//! - [`service`], [`region`], [`endpoint`]: API, region and address of a call
//! - [`signature`], [`request`]: requests and their signatures
//! - [`response`]: sending a request and decoding its response
//! - [`json`], [`strict`], [`number`]: strict deserialization
//! - [`error`], [`api_error`], [`access_denied`]: errors of one attempt
//! - [`retry`], [`retry_after`]: retry policy, backoff and Retry-After
//! - `call_log`: one log event per call

pub mod access_denied;
pub mod api_error;
mod call_log;
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
