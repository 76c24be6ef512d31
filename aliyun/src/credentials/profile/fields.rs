//! The fields of a profile.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::credentials::error::ProfileError;

/// A text of a profile. Blank text counts as absent.
#[derive(Clone, Debug)]
pub(crate) struct Field<T>(pub(crate) Option<T>);

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: From<String>> From<Option<String>> for Field<T> {
    fn from(text: Option<String>) -> Self {
        Self(text.filter(|text| !text.trim().is_empty()).map(T::from))
    }
}

impl<'de, T: From<String>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

impl<T> Field<T> {
    /// Returns the text, or the error that the field `name` is missing.
    pub(crate) fn required(&self, name: &'static str) -> Result<&T, ProfileError> {
        self.0.as_ref().ok_or(ProfileError::NoField(name))
    }
}

/// A profile, with the field names of the CLI. Times are in seconds since 1970.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(super) mode: Field<String>,
    pub(super) region_id: Field<String>,
    pub(super) access_key_id: Field<String>,
    pub(super) access_key_secret: Field<SecretString>,
    pub(super) sts_token: Field<SecretString>,
    /// Expiration of the keys of a sign-in.
    pub(super) sts_expiration: Option<i64>,
    pub(super) sts_region: Field<String>,
    pub(super) sts_endpoint: Field<String>,
    /// Selects the STS endpoint in virtual private clouds.
    pub(super) enable_vpc: Option<bool>,
    pub(super) ram_role_name: Field<String>,
    pub(super) ram_role_arn: Field<String>,
    pub(super) ram_session_name: Field<String>,
    pub(super) expired_seconds: Option<u32>,
    pub(super) policy: Field<String>,
    pub(super) external_id: Field<String>,
    pub(super) source_profile: Field<String>,
    pub(super) oidc_provider_arn: Field<String>,
    pub(super) oidc_token: Field<SecretString>,
    pub(super) oidc_token_file: Field<String>,
    pub(super) credentials_uri: Field<String>,
    pub(crate) process_command: Field<SecretString>,
    pub(super) oauth_site_type: Field<String>,
    pub(super) oauth_access_token: Field<SecretString>,
    pub(super) oauth_access_token_expire: Option<i64>,
    pub(super) cloud_sso_sign_in_url: Field<String>,
    pub(super) cloud_sso_account_id: Field<String>,
    pub(super) cloud_sso_access_config: Field<String>,
    /// Access token of CloudSSO.
    pub(super) access_token: Field<SecretString>,
    pub(super) cloud_sso_access_token_expire: Option<i64>,
    /// Only in the output of a command.
    pub(super) expiration: Field<String>,
    /// Only in INI files.
    #[serde(skip)]
    pub(super) enable: Field<String>,
    /// Type of an INI section that is not supported. Modes of the CLI are no types.
    #[serde(skip)]
    pub(super) unknown_type: Option<String>,
    /// True if no field but preferences has a value.
    #[serde(skip)]
    pub(super) is_empty: bool,
}
