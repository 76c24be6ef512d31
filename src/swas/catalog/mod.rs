//! Reads for data sources: coalesced into few API calls, with a cache of responses.
//!
//! - [`client`]: the client, with a method for each operation
//! - [`cache`]: results by parameters, one fetch at a time
//! - [`images`], [`custom_images`]: reads of these operations
//! - [`calls`]: calls of one operation, with retries
//! - [`gate`]: when the next call may be sent
//! - [`shared`]: responses that processes share
//! - [`reads`]: reads in progress, and the freshness that they need
//! - [`error`]: errors of reads

mod cache;
mod calls;
pub mod client;
mod custom_images;
pub mod error;
pub mod gate;
pub mod images;
mod reads;
pub mod shared;
#[cfg(test)]
mod tests;
