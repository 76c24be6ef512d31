//! Client of the SWAS-OPEN API, version 2020-06-01.
//!
//! - [`operations`]: parameters, response, and model of each operation
//! - [`catalog`]: cached and coalesced reads for data sources
//! - [`natural_order`]: natural order of names
//! - [`service`]: name, version and endpoint variables of the API

pub mod catalog;
pub mod natural_order;
pub mod operations;
pub mod service;
