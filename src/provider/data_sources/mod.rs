//! The data sources.
//!
//! - [`images`], [`image`], [`custom_images`], [`plans`], [`regions`]: one data source each
//! - [`selection`]: arguments and reads that `swas_image` and `swas_images` share
//! - [`attributes`]: attributes that several data sources share
//! - [`fields`]: the fields of objects in lists
//! - [`digest`]: the computed `id` of data sources that return lists
//! - [`not_found`]: warnings about filters without a match

mod attributes;
pub mod custom_images;
mod digest;
mod fields;
pub mod image;
pub mod images;
mod not_found;
pub mod plans;
pub mod regions;
mod selection;
