//! Credentials providers.
//!
//! A provider is a source of [`Credentials`](crate::access_key::Credentials). Providers wrap
//! others: a profile of mode `RamRoleArn` is an [`AssumeRole`](assume_role::AssumeRole) of
//! static keys, and [`Cached`](cache::Cached) caches any provider.
//!
//! - [`environment`], [`profile_provider`], [`ecs_ram_role`], [`oidc`], [`uri`], [`process`],
//!   `sign_in`: sources
//! - [`profile`]: files of profiles
//! - [`assume_role`]: the credentials of a role, with those of another provider
//! - [`chain`]: the default chain, in the order of Alibaba Cloud's SDKs
//! - [`cache`]: caching and refresh
//! - [`sts`]: calls of STS, and [`region`]: the default region, which selects its endpoint
//! - [`provider`]: the trait of all providers
//! - [`source`]: the source of credentials, and [`error`]: the failed source and the cause
//! - [`temporary`]: temporary credentials in a response
//! - `service`: requests to services that issue credentials

pub mod assume_role;
pub mod cache;
pub mod chain;
pub mod ecs_ram_role;
pub mod environment;
pub mod error;
pub mod oidc;
pub mod process;
pub mod profile;
pub mod profile_provider;
pub mod provider;
pub mod region;
mod service;
mod sign_in;
pub mod source;
pub mod sts;
pub mod temporary;
pub mod uri;
