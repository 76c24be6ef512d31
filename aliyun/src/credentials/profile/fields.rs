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
    pub(crate) mode: Field<String>,
    pub(crate) region_id: Field<String>,
    pub(crate) access_key_id: Field<String>,
    pub(crate) access_key_secret: Field<SecretString>,
    pub(crate) sts_token: Field<SecretString>,
    /// Expiration of the keys of a sign-in.
    pub(crate) sts_expiration: Option<i64>,
    pub(crate) sts_region: Field<String>,
    pub(crate) sts_endpoint: Field<String>,
    /// Selects the STS endpoint in virtual private clouds.
    pub(crate) enable_vpc: Option<bool>,
    pub(crate) ram_role_name: Field<String>,
    pub(crate) ram_role_arn: Field<String>,
    pub(crate) ram_session_name: Field<String>,
    pub(crate) expired_seconds: Option<u32>,
    pub(crate) policy: Field<String>,
    pub(crate) external_id: Field<String>,
    pub(crate) source_profile: Field<String>,
    pub(crate) oidc_provider_arn: Field<String>,
    pub(crate) oidc_token: Field<SecretString>,
    pub(crate) oidc_token_file: Field<String>,
    pub(crate) credentials_uri: Field<String>,
    pub(crate) process_command: Field<SecretString>,
    pub(crate) oauth_site_type: Field<String>,
    pub(crate) oauth_access_token: Field<SecretString>,
    pub(crate) oauth_access_token_expire: Option<i64>,
    pub(crate) cloud_sso_sign_in_url: Field<String>,
    pub(crate) cloud_sso_account_id: Field<String>,
    pub(crate) cloud_sso_access_config: Field<String>,
    /// Access token of CloudSSO.
    pub(crate) access_token: Field<SecretString>,
    pub(crate) cloud_sso_access_token_expire: Option<i64>,
    /// Only in the output of a command.
    pub(crate) expiration: Field<String>,
    /// Only in INI files.
    #[serde(skip)]
    pub(crate) enable: Field<String>,
    /// Type of an INI section that is not supported. Modes of the CLI are no types.
    #[serde(skip)]
    pub(crate) unknown_type: Option<String>,
    /// True if no field but preferences has a value.
    #[serde(skip)]
    pub(crate) is_empty: bool,
}

impl Profile {
    /// Returns the mode. Without one, the fields decide, as in the CLI.
    pub(crate) fn mode(&self) -> &str {
        let is_set = |fields: &[bool]| fields.contains(&true);
        match &self.mode.0 {
            Some(mode) => mode,
            None if self.process_command.0.is_some() => "External",
            None if self.ram_role_name.0.is_some() => "EcsRamRole",
            None if is_set(&[
                self.oidc_provider_arn.0.is_some(),
                self.oidc_token.0.is_some(),
                self.oidc_token_file.0.is_some(),
            ]) =>
            {
                "OIDC"
            }
            None if is_set(&[
                self.cloud_sso_sign_in_url.0.is_some(),
                self.cloud_sso_account_id.0.is_some(),
                self.cloud_sso_access_config.0.is_some(),
            ]) =>
            {
                "CloudSSO"
            }
            None if self.sts_token.0.is_some() => "StsToken",
            None => "AK",
        }
    }
}
