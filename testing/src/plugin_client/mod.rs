//! A go-plugin client that acts like Terraform.
//!
//! [`PluginProcess`] starts a provider's binary as Terraform does, or deliberately in
//! other ways, and parses its [`Handshake`]. [`Connection`] connects over mutual TLS.
//! [`ProviderClient`] calls protocol 5 or 6 under one set of names. [`values`] encodes
//! and decodes configurations and states.

mod capture;
mod certificate;
mod connect;
mod connection;
mod handshake;
mod process;
mod provider;
mod reattach;
mod start;
pub mod values;
pub mod wire;

pub use certificate::ClientCertificate;
pub use connect::{Connect, ConnectError};
pub use connection::{Broker, Connection};
pub use handshake::{Handshake, LineError, Socket};
pub use process::{ExitOutput, PluginProcess, Signal, StartError};
pub use provider::{Protocol, ProviderClient};
pub use reattach::{REATTACH_VARIABLE, Reattach};
pub use start::{COOKIE_NAME, COOKIE_VALUE, Start};
