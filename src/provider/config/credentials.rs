//! Where the provider block says that credentials come from.

use super::configured::Obstacle;
use super::{AssumeRole, AssumeRoleWithOidc, Config, inside, only, settled};
use crate::swas::Credentials;
use crate::swas::credentials::oidc::{self, OidcRole, OidcToken};
use crate::swas::credentials::profile::ProfilePlace;
use crate::swas::credentials::sts::{DEFAULT_DURATION, DEFAULT_SESSION_NAME, Role};
use crate::swas::credentials::{Environment, Source};
use crate::terraform::{AttributePath, Diagnostic, Number, Value};

const OIDC_BLOCK: &str = "assume_role_with_oidc";
const ROLE_BLOCK: &str = "assume_role";

impl Config {
    /// The first source that the block asks for, or else wherever Alibaba
    /// Cloud's SDKs look.
    pub(super) fn source(
        &self,
        profile: ProfilePlace,
        environment: &Environment,
    ) -> Result<Source, Obstacle> {
        let path = AttributePath::attribute;
        let id = settled(&self.access_key, path("access_key"))?;
        let secret = settled(&self.secret_key, path("secret_key"))?;
        let security_token = settled(&self.security_token, path("security_token"))?;
        if let (Some(access_key_id), Some(access_key_secret)) = (id, secret) {
            return Ok(Source::Keys(Credentials {
                access_key_id,
                access_key_secret,
                security_token,
                expiration: None,
            }));
        }
        match only(&self.assume_role_with_oidc) {
            Value::Known(block) => return block.role(environment).map(Source::Oidc),
            Value::Unknown => return Err(Obstacle::Unknown(path(OIDC_BLOCK))),
            Value::Null => {}
        }
        if let Some(name) = settled(&self.ecs_role_name, path("ecs_role_name"))? {
            return Ok(Source::EcsRole(name));
        }
        if let Some(uri) = settled(&self.credentials_uri, path("credentials_uri"))? {
            return uri.parse().map(Source::Uri).map_err(|error| {
                let detail = format!("\"credentials_uri\" is not valid: {error}.");
                let error = Diagnostic::error("Invalid value", detail);
                Obstacle::Incomplete(error.at(path("credentials_uri")))
            });
        }
        let name = settled(&self.profile, path("profile"))?;
        let file = &self.shared_credentials_file;
        let file = settled(file, path("shared_credentials_file"))?;
        Ok(if name.is_some() || file.is_some() {
            Source::Profile(profile)
        } else {
            Source::Default(profile)
        })
    }

    /// The role that is assumed with what the source gives.
    pub(super) fn role(&self, environment: &Environment) -> Result<Option<Role>, Obstacle> {
        match only(&self.assume_role) {
            Value::Known(block) => block.role(environment).map(Some),
            Value::Unknown => Err(Obstacle::Unknown(AttributePath::attribute(ROLE_BLOCK))),
            Value::Null => {
                let is_for_oidc =
                    !only(&self.assume_role_with_oidc).is_null() || oidc::is_in(environment);
                let arn = environment.get(oidc::ROLE_ARN).filter(|_| !is_for_oidc);
                Ok(arn.map(|arn| Role {
                    arn,
                    session_name: session_name(None, environment),
                    duration: DEFAULT_DURATION,
                    policy: None,
                    external_id: None,
                }))
            }
        }
    }
}

impl AssumeRole {
    fn role(&self, environment: &Environment) -> Result<Role, Obstacle> {
        let path = |argument| inside(ROLE_BLOCK, argument);
        let arn = settled(&self.role_arn, path("role_arn"))?;
        let session_name_set = settled(&self.session_name, path("session_name"))?;
        let expiration = settled(&self.session_expiration, path("session_expiration"))?;
        Ok(Role {
            arn: arn.ok_or_else(|| missing("role_arn", path("role_arn"), None))?,
            session_name: session_name(session_name_set, environment),
            duration: duration(expiration),
            policy: settled(&self.policy, path("policy"))?,
            external_id: settled(&self.external_id, path("external_id"))?,
        })
    }
}

impl AssumeRoleWithOidc {
    fn role(&self, environment: &Environment) -> Result<OidcRole, Obstacle> {
        let path = |argument| inside(OIDC_BLOCK, argument);
        let set_or = |value: &Value<String>, argument, variable| {
            let set = settled(value, path(argument))?;
            set.or_else(|| environment.get(variable))
                .ok_or_else(|| missing(argument, path(argument), Some(variable)))
        };
        let token = if let Some(token) = settled(&self.oidc_token, path("oidc_token"))? {
            OidcToken::Inline(token)
        } else {
            let file = set_or(&self.oidc_token_file, "oidc_token_file", oidc::TOKEN_FILE)?;
            OidcToken::in_file(&file, environment)
        };
        let session_name_set = settled(&self.role_session_name, path("role_session_name"))?;
        let expiration = settled(&self.session_expiration, path("session_expiration"))?;
        Ok(OidcRole {
            provider_arn: set_or(
                &self.oidc_provider_arn,
                "oidc_provider_arn",
                oidc::PROVIDER_ARN,
            )?,
            role: Role {
                arn: set_or(&self.role_arn, "role_arn", oidc::ROLE_ARN)?,
                session_name: session_name(session_name_set, environment),
                duration: duration(expiration),
                policy: settled(&self.policy, path("policy"))?,
                external_id: None,
            },
            token,
        })
    }
}

fn session_name(set: Option<String>, environment: &Environment) -> String {
    set.or_else(|| environment.get(oidc::SESSION_NAME))
        .unwrap_or_else(|| DEFAULT_SESSION_NAME.to_owned())
}

/// The block has been checked: a number that is set is a good one.
fn duration(set: Option<Number>) -> u32 {
    set.and_then(Number::as_whole)
        .and_then(|seconds| u32::try_from(seconds).ok())
        .unwrap_or(DEFAULT_DURATION)
}

fn missing(argument: &str, path: AttributePath, variable: Option<&str>) -> Obstacle {
    let mut detail = format!(
        "\"{path}\" in the provider block is not set, and without it no role can be assumed. Set it"
    );
    if let Some(variable) = variable {
        detail = format!("{detail}, or the environment variable {variable}");
    }
    let error = Diagnostic::error(format!("Missing \"{argument}\""), format!("{detail}."));
    Obstacle::Incomplete(error.at(path))
}
