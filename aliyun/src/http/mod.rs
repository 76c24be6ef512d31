//! HTTP clients.
//!
//! - [`client`]: creates a client for one protocol, and describes its errors
//! - [`protocol`]: HTTPS or plain HTTP
//! - [`proxy`], [`no_proxy`]: proxy settings of the environment
//! - [`body`], [`in_flight`]: response bodies, and limits of concurrent requests
//! - [`thread`]: blocking work and network I/O on other threads

pub mod body;
pub mod client;
pub mod in_flight;
pub mod no_proxy;
pub mod protocol;
pub mod proxy;
pub mod thread;
