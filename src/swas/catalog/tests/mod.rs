//! Promises of the catalog, under a paused clock.

pub mod fake_api;
pub mod images;

mod arbitrary;
mod retries;
mod sharing;
