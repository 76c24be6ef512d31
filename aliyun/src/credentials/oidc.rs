//! Credentials of a role, with an OIDC token.

use async_trait::async_trait;
use secrecy::SecretString;

use super::error::CredentialsError;
use super::provider::{Context, ProvideCredentials};
use super::source::CredentialsSource;
use super::sts::{DEFAULT_DURATION, Role, SESSION_NAME_RULE, Sts, is_arn, is_session_name};
use crate::access_key::Credentials;
use crate::env::{
    Environment, OIDC_PROVIDER_ARN, OIDC_TOKEN, OIDC_TOKEN_FILE, ROLE_ARN, SESSION_NAME,
};
use crate::rpc::request::Authentication;
use crate::text::debug_quote;

/// A role that is assumed with an OIDC token.
#[derive(Clone, Debug)]
pub struct OidcRole {
    /// ARN of the OIDC provider, such as `acs:ram::1234567890123456:oidc-provider/ack`.
    pub provider_arn: String,
    /// The role, which trusts the provider. It has no external ID.
    pub role: Role,
    /// Source of the token.
    pub token: OidcToken,
    /// STS, if it is not that of the [`Context`].
    pub sts: Option<Sts>,
}

/// Source of an OIDC token.
#[derive(Clone, Debug)]
pub enum OidcToken {
    /// The token itself.
    Inline(SecretString),
    /// Path of a file, which another program keeps up to date. `~/` at its beginning is the
    /// home directory.
    File(String),
}

impl OidcToken {
    /// Returns the token that the environment contains or names, in this order.
    pub fn of_environment(environment: &Environment) -> Option<Self> {
        let token = environment.find(&[OIDC_TOKEN, OIDC_TOKEN_FILE])?;
        let value = token.value.to_owned();
        Some(match token.current {
            OIDC_TOKEN => Self::Inline(value.into()),
            _ => Self::File(value),
        })
    }

    async fn read(&self, environment: &Environment) -> Result<SecretString, CredentialsError> {
        let file = match self {
            Self::Inline(token) => return Ok(token.clone()),
            Self::File(file) => file,
        };
        let read = async {
            let (file, content) = CredentialsError::read(file, environment).await?;
            match str::from_utf8(&content).map(str::trim) {
                Ok("") => Err(CredentialsError::malformed(file, "is empty")),
                Ok(token) => Ok(token.into()),
                Err(_) => Err(CredentialsError::malformed(file, "is not text")),
            }
        };
        read.await
            .map_err(|error| CredentialsError::OidcToken(Box::new(error)))
    }
}

impl OidcRole {
    /// Returns the role that the environment describes. Alibaba Cloud's Kubernetes service sets
    /// these variables.
    ///
    /// # Errors
    ///
    /// If no variable of an OIDC source is set, if another one that is required is not, or if
    /// one is malformed.
    pub(crate) fn of_environment(environment: &Environment) -> Result<Self, CredentialsError> {
        // Unlike the ARN of a role, only an OIDC source has these.
        let set = environment.find(&[OIDC_PROVIDER_ARN, OIDC_TOKEN_FILE, OIDC_TOKEN]);
        let set = set.ok_or(CredentialsError::NotSet(
            "ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set",
        ))?;
        let incomplete = |missing: &str| CredentialsError::Incomplete {
            set: set.name.clone(),
            missing: missing.to_owned(),
            other: None,
        };
        let arn = |variable: &'static str, kind| {
            let arn = environment.find(&[variable]);
            let arn = arn.ok_or_else(|| incomplete(variable))?;
            if is_arn(arn.value, kind) {
                return Ok(arn.value.to_owned());
            }
            let problem = format!(
                "is {}, but must be an ARN such as \"acs:ram::1234567890123456:{kind}/NAME\"",
                debug_quote(arn.value)
            );
            Err(CredentialsError::variable(&arn, problem))
        };
        let session_name = environment.find(&[SESSION_NAME]);
        if let Some(name) = session_name
            .as_ref()
            .filter(|name| !is_session_name(name.value))
        {
            let problem = format!("is {}, and {SESSION_NAME_RULE}", debug_quote(name.value));
            return Err(CredentialsError::variable(name, problem));
        }
        Ok(Self {
            provider_arn: arn(OIDC_PROVIDER_ARN, "oidc-provider")?,
            role: Role {
                arn: arn(ROLE_ARN, "role")?,
                session_name: session_name.map(|name| name.value.to_owned()),
                duration: DEFAULT_DURATION,
                policy: None,
                external_id: None,
            },
            token: OidcToken::of_environment(environment)
                .ok_or_else(|| incomplete(OIDC_TOKEN_FILE))?,
            sts: None,
        })
    }
}

#[async_trait]
impl ProvideCredentials for OidcRole {
    async fn provide(&self, context: &Context) -> Result<Credentials, CredentialsError> {
        let token = self.token.read(&context.environment).await?;
        let sts = self.sts.as_ref().unwrap_or(&context.sts);
        let source = CredentialsSource::OidcRole {
            role: self.role.arn.clone(),
            token_file: match &self.token {
                OidcToken::Inline(_) => None,
                OidcToken::File(file) => Some(file.clone()),
            },
        };
        let mut parameters = self.role.parameters(sts.session_name);
        parameters.insert("OIDCProviderArn", self.provider_arn.clone());
        let (http, authentication) = (&context.http, Authentication::OidcToken(&token));
        let action = "AssumeRoleWithOIDC";
        sts.call(http, action, parameters, authentication, source)
            .await
    }
}

/// Returns true if the environment describes an OIDC source completely. `ALIBABA_CLOUD_ROLE_ARN`
/// then belongs to this source, and is not a role to assume with a key.
pub fn is_complete(environment: &Environment) -> bool {
    let is_set = |name| environment.peek(name).is_some();
    is_set(OIDC_PROVIDER_ARN) && is_set(ROLE_ARN) && (is_set(OIDC_TOKEN) || is_set(OIDC_TOKEN_FILE))
}
