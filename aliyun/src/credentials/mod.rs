//! Who asks, and where to find out.
//!
//! Every place that may hold credentials is a file in here, with a function
//! that gives [`Credentials`] or the [`Reason`] why not:
//!
//! - `keys`: keys in environment variables
//! - [`profile`], `modes`, `way`: profiles of the Alibaba Cloud CLI and the SDKs'
//!   INI file, what they mean, and the way from one to another
//! - `ecs`: the metadata service of an ECS instance
//! - [`uri`]: a sidecar that hands out credentials
//! - [`oidc`]: an OIDC token, exchanged for the credentials of a role
//! - `sign_in`: a sign-in of the CLI, exchanged for keys
//! - `external`: a command that prints credentials
//! - `default`: all of these, in the order in which Alibaba Cloud's SDKs look
//!
//! `sources` asks the one that is meant, [`sts`] assumes roles at what
//! [`sts_endpoint`] says, `granted` is what comes of that, `cache` keeps what they
//! give, `region` is the region that a profile comes with, and `error` says why
//! there is nothing, [`renamed`] under which names; `variables` has the names that are
//! read. `service` asks over HTTP, and `reqsign` has the providers of the crate of
//! that name do so.

mod cache;
mod default;
mod ecs;
mod error;
pub(crate) mod external;
mod files;
pub(crate) mod granted;
mod keys;
mod modes;
pub mod oidc;
pub mod profile;
mod region;
pub mod renamed;
mod reqsign;
mod service;
mod sign_in;
mod sources;
pub mod sts;
pub mod sts_endpoint;
pub mod uri;
mod variables;
pub(crate) mod way;

use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use crate::access_key::Credentials;

pub use crate::env::{Environment, VPC};
pub use cache::CredentialsCache;
pub use default::set_under_old_names;
pub use error::{CredentialsError, Place, ProfileProblem, Reason};
pub use region::DefaultRegion;
pub use renamed::{NewName, Renamed};
pub use sign_in::SignInKind;
pub use sources::{AssumedRole, Settings, Source};

/// The time at which credentials end, as in `2024-10-31T08:15:30Z`.
fn expiration(text: &str) -> Option<SystemTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    time.ok().map(SystemTime::from)
}
