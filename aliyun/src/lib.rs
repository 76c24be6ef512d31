//! Client library for Alibaba Cloud: credentials providers, and calls of RPC APIs.
//!
//! - [`credentials`]: the default credential chain, and one file per source
//! - [`client`]: API client with cached credentials
//! - [`rpc`]: one call: parameters, signature, request, response, errors, retry
//! - [`http`]: HTTP clients, proxies, and limits
//! - [`redact`]: redaction of secrets in untrusted text
//! - [`mod@env`]: environment variables
//! - [`access_key`]: access keys
//! - `file`: reading of files within limits
//! - [`text`]: untrusted text in messages

pub mod access_key;
pub mod client;
pub mod credentials;
pub mod env;
mod file;
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod redact;
pub mod rpc;
pub mod text;
