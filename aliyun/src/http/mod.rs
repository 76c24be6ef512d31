//! The HTTP client.
//!
//! - [`request`]: a request, and the secrets in it
//! - [`client`]: connections, responses, and their limits
//! - [`error`]: errors of requests
//! - [`tls`], `certificates`: trusted certificates, and errors of TLS
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
pub mod request;
pub mod tls;
