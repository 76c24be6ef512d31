//! The SWAS-OPEN API, version 2020-06-01, as far as this provider uses it.
//!
//! Nothing in here knows Terraform.
//!
//! - [`client`]: one call from its parameters to its typed answer
//! - [`images`], [`regions`]: the operations
//! - [`request`], [`signature`]: what is sent
//! - [`transport`]: how it is sent, and what counts as an answer
//! - [`exchange`]: a form sent and an answer read, whichever API it is
//! - [`json`], [`record`]: how strictly answers are read
//! - [`error`]: what went wrong
//! - [`credentials`], [`region`], [`endpoint`]: who asks, about what, and where
//! - [`service`], [`sts`]: the APIs, and the one that hands out credentials

pub mod client;
pub mod credentials;
pub mod endpoint;
pub mod error;
mod exchange;
pub mod images;
mod json;
pub mod record;
pub mod region;
pub mod regions;
pub mod request;
pub mod service;
pub mod signature;
pub mod sts;
pub mod transport;

pub use client::Client;
pub use credentials::Credentials;
pub use endpoint::{Endpoint, Protocol};
pub use error::{ApiError, Error, ErrorKind};
pub use images::{Image, ImageType, ListImages, Platform};
pub use region::RegionId;
pub use regions::{Language, ListRegions, Region};
