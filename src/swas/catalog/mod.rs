//! What data sources read from: calls that reads share, and what is known from earlier
//! ones.
//!
//! - [`client`]: every operation
//! - [`lookups`]: reads that share calls, wait together, and retry
//! - [`images`], [`custom_images`], [`immutable`]: what is kept of each operation
//! - [`calls`]: calls of the API, as [`lookups`] make them

mod calls;
pub mod client;
mod custom_images;
mod images;
mod immutable;
pub mod lookups;
