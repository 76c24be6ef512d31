//! A Terraform and OpenTofu provider for Alibaba Cloud's Simple Application
//! Server (SWAS).
//!
//! - `plugin`: being a process that Terraform starts and talks to
//! - `terraform`: Terraform's language, from schemas to diagnostics
//! - `swas`: the SWAS-OPEN API, from signatures to errors
//! - `provider`: where the latter two meet: the provider block and the data
//!   sources
//!
//! `provider` uses `terraform` and `swas`; the other three know none of each
//! other. ARCHITECTURE.md says more.

pub mod plugin;
pub mod provider;
mod swas;
pub mod terraform;
