//! The data sources, and what they share.
//!
//! - [`images`], [`image`], [`custom_images`], [`plans`], [`regions`]: one each
//! - [`selection`]: what data sources of images have in common
//! - [`attributes`]: what several declare alike
//! - [`digest`]: the `id` of data blocks that stand for many things
//! - [`not_found`]: warnings about IDs and values that nothing has

mod attributes;
pub mod custom_images;
mod digest;
pub mod image;
pub mod images;
mod not_found;
pub mod plans;
pub mod regions;
mod selection;
