//! Profiles: named credentials in a file, which is JSON of the Alibaba Cloud CLI or INI of
//! Alibaba Cloud's SDKs.
//!
//! - [`fields`]: the fields of a profile
//! - [`modes`]: the provider that a profile describes
//! - [`file`](mod@file), [`ini`], [`configured`]: parsing of files
//! - [`reference`], [`provider`]: the profile that is used

mod configured;
mod fields;
mod file;
mod ini;
mod modes;
mod provider;
mod reference;

pub(crate) use fields::Profile;
pub(crate) use file::ProfileFile;
pub use provider::ProfileProvider;
pub(crate) use reference::INI_FILES;
pub use reference::ProfileRef;
