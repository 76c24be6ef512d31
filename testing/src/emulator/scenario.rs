//! The data that actions and services operate on.

use super::accounts::Accounts;
use super::catalog::{Catalog, Order};

/// The emulated cloud: catalog, keys and accepted tokens.
#[derive(Default)]
pub(super) struct Scenario {
    pub(super) accounts: Accounts,
    pub(super) catalog: Catalog,
    pub(super) order: Order,
    /// The OIDC token that STS accepts.
    pub(super) oidc_token: String,
    /// The access token that OAuth and CloudSSO accept.
    pub(super) access_token: String,
    /// The RAM role of the emulated ECS instance.
    pub(super) ecs_role: String,
    /// The metadata service responds without a token, as with IMDSv1.
    pub(super) allows_imdsv1: bool,
}
