//! Alibaba Cloud from Rust: where credentials are, and how its RPC APIs are called.
//!
//! - [`credentials`]: the default credential chain, and one file per source
//! - [`client`]: calls of an API, with credentials that are refreshed
//! - [`rpc`]: one call: parameters, signature, request, response, errors, retry
//! - [`http`]: HTTP clients, proxies, and limits
//! - [`redact`]: secrets in text from outside
//! - [`mod@env`]: the environment
//! - [`access_key`]: what calls are signed with
//! - [`text`]: text from outside, made sanitize

pub mod access_key;
pub mod client;
pub mod credentials;
pub mod env;
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod redact;
pub mod rpc;
pub mod text;
