//! Terraform's language, for providers of data sources: what a provider is, and
//! how it is served over the plugin protocol, versions 5 and 6.
//!
//! Nothing in here knows an API, HTTP or processes. A provider implements
//! [`Provider`] and, for each data source, [`DataSource`]; [`Server`] does the
//! rest.
//!
//! - `schema`: which arguments and attributes there are
//! - `value`: what they hold: null, unknown or known
//! - `path`, `diagnostics`: what users read when something is wrong
//! - `parser`: from these values to types that hold nothing wrong
//! - `computed_only`: what a configuration sets and only the provider may
//! - `provider`: the traits
//! - `dynamic_value`: the message that values travel in
//! - `node`, `decode_error`: MessagePack and JSON to structs
//! - `codec`: messages to bytes
//! - `server`: every call of the protocol, once for both versions
//! - `session`: the state of one connection
//! - `services`: the two versions' names for these calls

mod codec;
mod computed_only;
mod decode_error;
mod diagnostics;
pub(crate) mod dynamic_value;
mod parser;
mod path;
mod provider;
#[doc(hidden)]
pub(crate) mod raw_value;
mod schema;
mod server;
mod services;
mod session;
mod value;

mod proto {
    #![allow(dead_code, missing_docs, clippy::pedantic, reason = "generated code")]
    pub mod tfplugin {
        tonic::include_proto!("tfplugin");
    }
    pub mod tfplugin5 {
        tonic::include_proto!("tfplugin5");
    }
    pub mod tfplugin6 {
        tonic::include_proto!("tfplugin6");
    }
}

use codec::Codec;
use dynamic_value::DynamicValue;

pub use diagnostics::{Diagnostic, Diagnostics, Severity, append_list};
pub use parser::{ConfigError, Parser};
pub use path::AttributePath;
pub use provider::{DataSource, Provider, ReadError, RegisteredDataSource};
pub use schema::{Attribute, NestedBlock, Schema, Type};
pub use server::Server;
pub use services::PROTOCOL_VERSIONS;
pub use session::Session;
pub use value::{Number, Value};
