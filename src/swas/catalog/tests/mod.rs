//! Promises of the catalog, under a paused clock.

pub mod fake_api;
pub mod images;

mod arbitrary;
mod caching;
mod retries;
mod sharing;
