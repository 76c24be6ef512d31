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

/// What the fuzzers in `fuzz/` enter by, one function for each parser of what
/// comes from outside. For nobody else.
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::plugin::fuzzing::environment;
    pub use crate::swas::fuzzing::{answer, granted, profiles, redaction, told_wait};
    pub use crate::terraform::fuzzing::block;
}

/// What the benchmarks in `benches/` measure by itself. For nobody else.
#[doc(hidden)]
pub mod benching {
    pub use crate::swas::benching::{Signing, decode, sort};
    pub use crate::terraform::benching::encode;
}

pub mod plugin;
pub mod provider;
mod swas;
pub mod terraform;
