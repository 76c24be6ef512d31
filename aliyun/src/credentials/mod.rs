//! Credentials providers.
//!
//! A provider is a source of [`Credentials`]. Providers wrap others: a profile of mode
//! `RamRoleArn` is an [`AssumeRole`](assume_role::AssumeRole) of static keys, and
//! [`Cached`](cache::Cached) caches any provider.
//!
//! - [`environment`], [`profile`], [`ecs_ram_role`], [`oidc`], [`uri`], [`process`], [`oauth`],
//!   [`cloud_sso`]: sources
//! - [`assume_role`]: the credentials of a role, with those of another provider
//! - [`chain`]: the default chain, in the order of Alibaba Cloud's SDKs
//! - [`cache`]: caching and refresh
//! - [`sts`]: calls of STS, and [`region`]: the default region, which selects its endpoint
//! - [`temporary`], [`service`], [`sign_in`], [`read_limited`]: what several sources share
//! - [`error`]: the failed source and the cause

pub mod assume_role;
pub mod cache;
pub mod chain;
pub mod cloud_sso;
pub mod ecs_ram_role;
pub mod environment;
pub mod error;
pub mod oauth;
pub mod oidc;
pub mod process;
pub mod profile;
pub mod profile_provider;
pub mod provider;
mod read_limited;
pub mod region;
mod service;
mod sign_in;
pub mod sts;
pub mod temporary;
pub mod uri;

pub use crate::access_key::Credentials;
