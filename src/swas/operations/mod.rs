//! The operations of the API: parameters, response, and model.

pub mod custom_images;
pub mod images;
pub mod plans;
pub mod regions;
mod share;

pub use share::Share;
