//! A role, assumed with other credentials.

use reqsign_core::{Context, ProvideCredential, Result};

use super::{Credentials, Provider};
use crate::swas::sts::{Role, Sts};

/// A role that is assumed with what another provider gives.
///
/// reqsign's own provider sends no session policy and knows no session
/// duration, and it sends keys and tokens in a URL.
#[derive(Debug)]
pub(super) struct AssumeRole {
    pub(super) source: Provider,
    pub(super) role: Role,
    pub(super) sts: Sts,
}

impl ProvideCredential for AssumeRole {
    type Credential = Credentials;

    async fn provide_credential(&self, context: &Context) -> Result<Option<Credentials>> {
        let Some(source) = self.source.provide_credential_dyn(context).await? else {
            return Ok(None);
        };
        let credentials = self.sts.assume_role(&self.role, &source).await?;
        Ok(Some(credentials))
    }
}
