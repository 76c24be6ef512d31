//! An OIDC token, exchanged for the credentials of a role.

use secrecy::{ExposeSecret, SecretString};

use super::sts::{DEFAULT_DURATION, Role, Sts, is_arn};
use super::{Credentials, Environment, Reason, files, renamed};

pub use super::variables::{PROVIDER_ARN, ROLE_ARN, SESSION_NAME, TOKEN, TOKEN_FILE};

use crate::text::debug_quote;

/// A role, and a token that allows to assume it.
///
/// reqsign's own provider takes no token but from a file, sends no session
/// policy and knows no session duration, and it sends the token in a URL, where
/// proxies log it.
#[derive(Clone, Debug)]
pub struct OidcRole {
    /// The OIDC provider, as in `acs:ram::1234567890123456:oidc-provider/ack`.
    pub provider_arn: String,
    /// The role that trusts it.
    pub role: Role,
    /// Source of the OIDC token.
    pub token: OidcToken,
}

/// Where a token is.
#[derive(Clone, Debug)]
pub enum OidcToken {
    /// The token itself.
    Inline(SecretString),
    /// In a file, which others replace when the token is about to end.
    File(String, Environment),
}

impl OidcToken {
    /// The token that the environment holds or names, the first one first.
    pub fn of_environment(environment: &Environment) -> Option<Self> {
        let token = environment.get(TOKEN);
        token
            .map(|token| Self::Inline(token.into()))
            .or_else(|| Some(Self::in_file(&environment.get(TOKEN_FILE)?, environment)))
    }

    /// The token in a file. `~/` at its beginning means the home directory.
    pub fn in_file(file: &str, environment: &Environment) -> Self {
        Self::File(file.to_owned(), environment.clone())
    }

    async fn read(&self) -> Result<SecretString, Reason> {
        match self {
            Self::Inline(token) => Ok(token.clone()),
            Self::File(file, environment) => {
                let token = Self::read_file(file, environment).await;
                token.map_err(|failure| Reason::OidcToken(Box::new(failure)))
            }
        }
    }

    async fn read_file(file: &str, environment: &Environment) -> Result<SecretString, Reason> {
        let file = environment.expand(file)?;
        let malformed =
            |problem| Reason::Malformed(format!("the file {} {problem}", file.display()));
        let content = files::read(&file).await?;
        let token = String::from_utf8(content).map(SecretString::from);
        let token = token.map_err(|_| malformed("is not text"))?;
        match token.expose_secret().trim() {
            "" => Err(malformed("is empty")),
            text => Ok(text.into()),
        }
    }
}

impl OidcRole {
    /// The role that the environment describes, as it does in a Kubernetes
    /// cluster of Alibaba Cloud, if any variable for it alone is set.
    ///
    /// # Errors
    ///
    /// If another variable that it needs is not set, or one is malformed.
    pub(crate) fn of_environment(
        environment: &Environment,
        sts: &Sts,
    ) -> Result<Option<Self>, Reason> {
        let get = |name: &'static str| environment.get(name).ok_or(name);
        let Some(set) = variable_in(environment) else {
            return Ok(None);
        };
        let incomplete = |missing| Reason::Incomplete {
            set,
            missing,
            renamed: match missing {
                TOKEN_FILE => renamed::instead_of_variables(&[TOKEN_FILE, TOKEN], environment),
                missing => renamed::instead_of_variables(&[missing], environment),
            },
        };
        Ok(Some(Self {
            provider_arn: arn(
                get(PROVIDER_ARN).map_err(incomplete)?,
                PROVIDER_ARN,
                "oidc-provider",
            )?,
            role: Role {
                arn: arn(get(ROLE_ARN).map_err(incomplete)?, ROLE_ARN, "role")?,
                session_name: get(SESSION_NAME).unwrap_or_else(|_| sts.session_name.to_owned()),
                duration: DEFAULT_DURATION,
                policy: None,
                external_id: None,
            },
            token: OidcToken::of_environment(environment).ok_or_else(|| incomplete(TOKEN_FILE))?,
        }))
    }

    /// Exchanges the token for credentials of the role.
    pub(crate) async fn credentials(&self, sts: &Sts) -> Result<Credentials, Reason> {
        let token = self.token.read().await?;
        let credentials = sts.assume_role_with_oidc(&self.role, &self.provider_arn, &token);
        credentials.await
    }
}

/// The ARN that a variable holds.
fn arn(text: String, variable: &str, kind: &str) -> Result<String, Reason> {
    if is_arn(&text, kind) {
        return Ok(text);
    }
    Err(Reason::Malformed(format!(
        "{variable} is {}, and must be an ARN such as \"acs:ram::1234567890123456:{kind}/NAME\"",
        debug_quote(&text)
    )))
}

/// Whether the environment has all of an [`OidcRole`], so that its role is not one to
/// assume with a key.
pub fn is_complete(environment: &Environment) -> bool {
    let is_set = |name| environment.get(name).is_some();
    is_set(PROVIDER_ARN) && is_set(ROLE_ARN) && (is_set(TOKEN) || is_set(TOKEN_FILE))
}

/// Whether a variable of an [`OidcRole`] is set.
pub fn is_in(environment: &Environment) -> bool {
    variable_in(environment).is_some()
}

/// A variable that is set for an [`OidcRole`] and nothing else, as the ARN of a
/// role may be.
fn variable_in(environment: &Environment) -> Option<&'static str> {
    [PROVIDER_ARN, TOKEN_FILE, TOKEN]
        .into_iter()
        .find(|name| environment.get(name).is_some())
}
