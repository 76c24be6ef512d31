//! Profiles: named credentials in a file, which is JSON of the Alibaba Cloud CLI or INI of
//! Alibaba Cloud's SDKs.
//!
//! - `fields`: the fields of a profile
//! - `file`, `ini`: parsing of files
//! - [`reference`](mod@reference): the profile that is used

pub(crate) mod fields;
pub(crate) mod file;
pub(crate) mod ini;
pub mod reference;
