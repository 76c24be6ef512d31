//! Reads for data sources: coalesced into few API calls, with a cache of responses.
//!
//! - [`client`]: the client, with a method for each operation
//! - [`lookups`]: batching, throttling, and retries of calls
//! - [`images`], [`custom_images`], [`immutable`]: caches of the operations
//! - [`calls`]: connects [`lookups`] to the API client
//! - [`error`]: errors of reads

mod calls;
pub mod client;
mod custom_images;
pub mod error;
mod images;
mod immutable;
pub mod lookups;
