//! A Terraform and OpenTofu provider for Alibaba Cloud's Simple Application
//! Server (SWAS).
//!
//! - `plugin`: the plugin process, which Terraform starts and calls over gRPC
//! - `terraform`: a provider framework: schemas, values, diagnostics and the server
//! - `swas`: the operations of the SWAS-OPEN API, and a catalog that caches their results
//! - `provider`: the provider block and the data sources, based on the latter two
//!
//! `provider` uses `terraform` and `swas`. The other modules do not use each other. The
//! client for all of Alibaba Cloud's APIs is the crate `aliyun`. See ARCHITECTURE.md.

#[doc(hidden)]
pub mod internals;
pub mod plugin;
pub mod provider;
mod swas;
pub mod terraform;
