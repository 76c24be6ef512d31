//! What the actions and services work on.

use super::accounts::Accounts;
use super::catalog::{Catalog, Order};

/// The regions, images and keys that there are.
#[derive(Default)]
pub(super) struct Scenario {
    pub(super) accounts: Accounts,
    pub(super) catalog: Catalog,
    pub(super) order: Order,
    /// The OIDC token that STS takes.
    pub(super) oidc_token: String,
    /// The access token that OAuth and CloudSSO take.
    pub(super) access_token: String,
    /// The RAM role of the emulated ECS instance.
    pub(super) ecs_role: String,
}
