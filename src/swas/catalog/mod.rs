//! Reads for data sources: coalesced into few API calls, with a cache of responses.
//!
//! - [`client`]: the client, with a method for each operation
//! - [`images`]: reads of images, which share calls
//! - [`cache`], [`reads`]: cached entries, reads in progress and the freshness that they need
//! - [`calls`], [`gate`]: calls of one operation, with retries and a rate limit
//! - [`lookups`]: batching, throttling, and retries of the other operations
//! - [`custom_images`], [`immutable`]: caches of the other operations
//! - [`error`]: errors of reads

mod cache;
mod calls;
pub mod client;
mod custom_images;
pub mod error;
mod gate;
mod images;
mod immutable;
mod lookups;
mod reads;
#[cfg(test)]
mod tests;
