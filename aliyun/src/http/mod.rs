//! The HTTP client of all requests.
//!
//! - [`client`]: requests, responses, and limits in time and size
//! - [`error`]: errors of requests
//! - `certificates`: limits of the certificate files of the environment
//! - [`protocol`]: HTTPS or plain HTTP
//! - [`proxy`], [`no_proxy`]: proxy settings of the environment
//! - [`body`], [`in_flight`]: response bodies, and limits of concurrent requests
//! - [`thread`]: blocking work and network I/O on other threads

pub mod body;
mod certificates;
pub mod client;
pub mod error;
pub mod in_flight;
pub mod no_proxy;
pub mod protocol;
pub mod proxy;
pub mod thread;
