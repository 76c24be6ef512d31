//! The SWAS-OPEN API, version 2020-06-01, as far as this provider uses it.
//!
//! Nothing in here knows Terraform.
//!
//! - [`client`]: what reads ask
//! - [`lookups`]: reads that share calls, wait together and try again
//! - [`retry`], [`told_wait`]: whether and when a call is made again
//! - [`call`]: one call from its parameters to its typed answer
//! - [`images`], [`custom_images`], [`plans`], [`regions`]: the operations
//! - [`published`]: those of which one call tells all, for good
//! - [`order`]: the order of names
//! - [`access_key`], [`request`], [`signature`]: what is sent
//! - [`transport`], [`body`], [`in_flight`], [`thread`]: how it is sent, what counts as
//!   an answer, how much at one time, and what is done aside
//! - [`http`], [`proxy`], [`no_proxy`]: clients for encrypted and for plain addresses
//! - [`exchange`]: a form sent and an answer read, whichever API it is
//! - [`json`], [`record`], [`amount`]: how strictly answers are read
//! - [`error`], [`api_error`]: what went wrong
//! - [`text`], [`redaction`], [`decoding`]: text from outside, to be shown without
//!   the secrets that it repeats
//! - [`credentials`], [`region`], [`endpoint`]: who asks, about what, and where
//! - [`service`]: the APIs that are called
//! - [`fuzzing`], [`benching`]: where fuzzers and benchmarks enter

mod access_key;
mod amount;
mod api_error;
pub mod benching;
mod body;
mod call;
mod call_log;
mod client;
pub mod credentials;
mod custom_images;
mod decoding;
pub mod endpoint;
mod error;
mod exchange;
pub mod fuzzing;
mod http;
mod images;
mod in_flight;
mod json;
mod lookups;
mod no_proxy;
mod order;
mod plans;
mod proxy;
mod published;
mod record;
mod redaction;
mod region;
mod regions;
mod request;
mod retry;
pub mod service;
mod signature;
mod text;
mod thread;
mod told_wait;
pub mod transport;

pub use access_key::Credentials;
pub use amount::{Amount, Price};
pub use api_error::{ApiError, ErrorClass};
pub use call::{CallError, Calls, EndpointRule, Error, Tried};
pub use client::Client;
pub use custom_images::{CustomImage, CustomImagesQuery};
pub use endpoint::{Endpoint, Protocol, RegionalEndpoint};
pub use error::{ConnectProblem, Failure};
pub use images::{Image, ImageType, ListImages, Platform};
pub use lookups::{Answered, Changed};
pub use order::by_number;
pub use plans::{ListPlans, Plan};
pub use proxy::{ProxyError, is_about_proxies};
pub use region::{REGION_VARIABLES, RegionId};
pub use regions::{Language, ListRegions, Region};
pub use text::{presentable, quoted};
