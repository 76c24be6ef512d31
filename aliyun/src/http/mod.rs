//! HTTP clients for encrypted and for plain addresses.
//!
//! - [`client`]: a client for one protocol; what its errors say
//! - [`protocol`]: encrypted or plain
//! - [`proxy`], [`no_proxy`]: the proxy that the environment names
//! - [`body`], [`in_flight`], [`thread`]: what is kept of responses, how much at one
//!   time, and what is done on other threads

pub mod body;
pub mod client;
pub mod in_flight;
pub mod no_proxy;
pub mod protocol;
pub mod proxy;
pub mod thread;
