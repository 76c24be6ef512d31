//! The HTTP client of all requests.
//!
//! - [`client`]: requests, responses, and limits in time and size
//! - [`error`]: errors of requests
//! - `certificates`: limits of the certificate files of the environment
//! - [`protocol`]: HTTPS or plain HTTP
//! - [`proxy`], [`no_proxy`]: proxy settings of the environment
//! - [`executor`]: blocking work and network I/O on other threads

mod certificates;
pub mod client;
pub mod error;
pub mod executor;
pub mod no_proxy;
pub mod protocol;
pub mod proxy;
