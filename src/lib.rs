//! A Terraform and OpenTofu provider for Alibaba Cloud's Simple Application
//! Server (SWAS).
//!
//! - `plugin`: being a process that Terraform starts and talks to
//! - `terraform`: Terraform's language, from schemas to diagnostics
//! - `swas`: the SWAS-OPEN API, from signatures to errors
//! - `provider`: where the latter two meet: the provider block and the data
//!   sources
//!
//! `provider` uses `terraform` and `swas`; the other three do not use each other. All
//! that Alibaba Cloud's APIs share is in the crate `aliyun`. ARCHITECTURE.md says more.

#[doc(hidden)]
pub mod internals;
pub mod plugin;
pub mod provider;
mod swas;
pub mod terraform;
