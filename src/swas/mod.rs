//! The SWAS-OPEN API, version 2020-06-01, as far as this provider uses it.
//!
//! Nothing in here knows Terraform.
//!
//! - [`client`]: one call from its parameters to its typed answer
//! - [`images`], [`regions`]: the operations
//! - [`access_key`], [`request`], [`signature`]: what is sent
//! - [`transport`]: how it is sent, and what counts as an answer
//! - [`exchange`]: a form sent and an answer read, whichever API it is
//! - [`json`], [`record`]: how strictly answers are read
//! - [`error`], [`api_error`]: what went wrong
//! - [`text`]: text from outside, to be shown
//! - [`credentials`], [`region`], [`endpoint`]: who asks, about what, and where
//! - [`service`]: the APIs that are called

mod access_key;
mod api_error;
pub mod client;
pub mod credentials;
pub mod endpoint;
mod error;
mod exchange;
mod images;
mod json;
mod record;
mod region;
mod regions;
mod request;
pub mod service;
mod signature;
mod text;
pub mod transport;

pub use access_key::Credentials;
pub use api_error::{ApiError, ErrorClass};
pub use client::{CallError, Client, Error};
pub use endpoint::{Endpoint, Protocol};
pub use error::{ConnectProblem, Failure};
pub use images::{Image, ImageType, ListImages, Platform};
pub use region::RegionId;
pub use regions::{Language, ListRegions, Region};
pub use text::presentable;
