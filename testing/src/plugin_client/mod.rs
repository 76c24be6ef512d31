//! The client side of go-plugin: what Terraform does to a provider, one step at
//! a time.
//!
//! [`PluginProcess`] starts a provider's binary as Terraform would, or wrongly
//! on purpose, and reads its [`Handshake`]. [`Connection`] reaches it over
//! mutual TLS, and [`ProviderClient`] calls it in protocol 5 or 6 under one set
//! of names. [`values`] makes and reads the values that travel.

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
