//! Variables of the environment that hold or name credentials.

/// An access key.
pub(crate) const ACCESS_KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
pub(crate) const ACCESS_KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
pub(crate) const SECURITY_TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// The OIDC provider.
pub const PROVIDER_ARN: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
/// The role to assume.
pub const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";
/// The file with the OIDC token.
pub const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
/// The OIDC token itself.
pub const TOKEN: &str = "ALIBABA_CLOUD_OIDC_TOKEN";
/// The name of sessions.
pub const SESSION_NAME: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";

/// Another file of profiles.
pub const SHARED_FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";
/// The same, where the first is not set.
pub const CLI_FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
/// A profile.
pub const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";

/// The role of an ECS instance.
pub(crate) const ROLE_NAME: &str = "ALIBABA_CLOUD_ECS_METADATA";

/// A URI that answers with credentials.
pub const URI: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
