//! The models of the provider block and its nested blocks.

use secrecy::SecretString;
use serde::Deserialize;

use crate::terraform::{Number, Value};

/// Name of the block [`AssumeRoleWithOidcModel`].
pub(super) const ROLE_BLOCK: &str = "assume_role";

pub(super) const OIDC_BLOCK: &str = "assume_role_with_oidc";

/// The provider block.
#[derive(Debug, Deserialize)]
pub struct ProviderModel {
    pub(super) region: Value<String>,
    pub(super) access_key: Value<String>,
    pub(super) secret_key: Value<SecretString>,
    pub(super) security_token: Value<SecretString>,
    pub(super) profile: Value<String>,
    pub(super) shared_credentials_file: Value<String>,
    pub(super) ecs_role_name: Value<String>,
    pub(super) credentials_uri: Value<String>,
    pub(super) protocol: Value<String>,
    pub(super) client_connect_timeout: Value<Number>,
    pub(super) client_read_timeout: Value<Number>,
    pub(super) max_retry_timeout: Value<Number>,
    pub(super) signature_method: Value<String>,
    pub(super) cache_dir: Value<String>,
    pub(super) cache_max_age: Value<Number>,
    pub(super) configuration_source: Value<String>,
    pub(super) assume_role: Value<Vec<AssumeRoleModel>>,
    pub(super) assume_role_with_oidc: Value<Vec<AssumeRoleWithOidcModel>>,
    pub(super) endpoints: Value<Vec<EndpointsModel>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AssumeRoleModel {
    pub(super) role_arn: Value<String>,
    pub(super) session_name: Value<String>,
    pub(super) session_expiration: Value<Number>,
    pub(super) policy: Value<String>,
    pub(super) external_id: Value<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AssumeRoleWithOidcModel {
    pub(super) oidc_provider_arn: Value<String>,
    pub(super) role_arn: Value<String>,
    pub(super) oidc_token: Value<SecretString>,
    pub(super) oidc_token_file: Value<String>,
    pub(super) role_session_name: Value<String>,
    pub(super) session_expiration: Value<Number>,
    pub(super) policy: Value<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct EndpointsModel {
    pub(super) swas: Value<String>,
    pub(super) sts: Value<String>,
}
