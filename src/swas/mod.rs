//! The SWAS-OPEN API, version 2020-06-01, as far as this provider uses it.
//!
//! - [`operations`]: parameters, response, and model of each operation
//! - [`catalog`]: what data sources read from
//! - [`natural_order`]: the order of names
//! - [`service`]: version and host of the API

pub mod catalog;
pub mod natural_order;
pub mod operations;
pub mod service;
