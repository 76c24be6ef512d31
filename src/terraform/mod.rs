//! A framework for providers of data sources, and its server for the Terraform plugin
//! protocol, versions 5 and 6.
//!
//! This module is independent of APIs, HTTP and processes. A provider implements
//! [`Provider`] and, for each data source, [`DataSource`]. [`Server`] serves them.
//!
//! - `schema`: the schemas of blocks
//! - `value`: values that are null, unknown or known
//! - `proto`: the generated types of the protocol
//! - `path`, `diagnostics`: attribute paths, errors and warnings
//! - `parser`: validation and conversion of a block's arguments
//! - `provider`: the traits `Provider` and `DataSource`
//! - `dynamic_value`: the protocol's message for values
//! - `raw_value`: decoding of MessagePack and JSON into models
//! - `server`: the calls of the protocol, implemented once for both versions
//! - `call`: logging of calls
//! - `session`: the state of one connection
//! - `services`: the gRPC services of both versions

mod call;
mod diagnostics;
pub(crate) mod dynamic_value;
mod parser;
mod path;
mod proto;
mod provider;
pub(crate) mod raw_value;
mod schema;
mod server;
mod services;
mod session;
mod value;

pub use diagnostics::{Diagnostic, Diagnostics, Severity, append_list};
pub use dynamic_value::DynamicValue;
pub use parser::{ConfigError, Parser};
pub use path::AttributePath;
pub use provider::{DataSource, Provider, ReadError, RegisteredDataSource};
pub use schema::{Attribute, NestedBlock, Schema, Type};
pub use server::Server;
pub use services::PROTOCOL_VERSIONS;
pub use session::Session;
pub use value::{Number, Value};
