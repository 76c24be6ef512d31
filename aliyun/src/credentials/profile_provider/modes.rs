//! The provider that a profile describes.
//!
//! The modes and their fields are those of the Alibaba Cloud CLI's page "Configure
//! profiles" and of the files that it writes.

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::in_profile::InProfile;
use crate::access_key::Credentials;
use crate::access_key::check_key_text;
use crate::credentials::assume_role::AssumeRole;
use crate::credentials::ecs_ram_role::{EcsRamRole, ROLE_NAME_RULE, is_role_name};
use crate::credentials::error::{CredentialsError, FileFormat, ProfileError, SignInKind};
use crate::credentials::oidc::{OidcRole, OidcToken};
use crate::credentials::process::Process;
use crate::credentials::profile::fields::Profile;
use crate::credentials::profile::file::ProfileFile;
use crate::credentials::provider::{Context, ProvideCredentials};
use crate::credentials::sign_in::{SignIn, cloud_sso_url, oauth_url, unexpired};
use crate::credentials::source::CredentialsSource;
use crate::credentials::sts::{DEFAULT_DURATION, DURATIONS, Role, Sts};
use crate::credentials::temporary::parse_time;
use crate::credentials::uri::CredentialsUri;
use crate::env::{CREDENTIALS_URI, EXTERNAL_PROCESS_DISABLED, Environment};
use crate::http::protocol::Protocol;
use crate::rpc::endpoint::EndpointResolver;
use crate::rpc::region::RegionId;
use crate::text::debug_quote;

/// Mode of a profile whose role is assumed with the credentials of another profile.
const CHAINED: &str = "ChainableRamRoleArn";

/// Mode of a profile that a command prints.
const EXTERNAL: &str = "External";

/// Maximum number of roles that are assumed one after another.
const MAX_CHAIN: usize = 32;

impl ProfileFile {
    /// Returns the provider that a profile of this file describes.
    pub(crate) fn provider(
        &self,
        profile: &Profile,
        context: &Context,
    ) -> Result<Box<dyn ProvideCredentials>, CredentialsError> {
        self.chained_provider(profile, context, MAX_CHAIN)
    }

    /// Returns the provider of a profile that may have `depth` others as its sources.
    fn chained_provider(
        &self,
        profile: &Profile,
        context: &Context,
        depth: usize,
    ) -> Result<Box<dyn ProvideCredentials>, CredentialsError> {
        let provider = match profile.mode()? {
            CHAINED => {
                let field = "source_profile";
                let name = profile.required(field)?;
                let source = self.named(name).map_err(|missing| match missing {
                    CredentialsError::NoProfile { .. } => {
                        profile.invalid(field, format!("is {}, but {missing}", debug_quote(name)))
                    }
                    other => other,
                })?;
                let depth = depth.checked_sub(1).ok_or_else(|| {
                    let problem = format!("continues a cycle, or a chain of {MAX_CHAIN} profiles");
                    profile.invalid(field, problem)
                })?;
                let source = self.chained_provider(source, context, depth)?;
                return profile.assume_role(source, &context.sts);
            }
            EXTERNAL => Box::new(profile.process(&context.environment)?),
            _ => profile.provider(context)?,
        };
        Ok(Box::new(InProfile {
            profile: profile.name.clone(),
            provider,
        }))
    }
}

impl Profile {
    /// Returns the provider that the profile describes without a command or another profile.
    pub(crate) fn provider(
        &self,
        context: &Context,
    ) -> Result<Box<dyn ProvideCredentials>, CredentialsError> {
        let mode = self.mode()?;
        self.check_section(mode)?;
        Ok(match mode {
            // The CLI ignores `sts_token` in this mode.
            "AK" => Box::new(self.keys(None)?),
            "StsToken" => Box::new(self.keys(Some(self.required("sts_token")?))?),
            "RamRoleArn" => {
                let keys = self.keys(self.text("sts_token")?)?;
                self.assume_role(Box::new(keys), &context.sts)?
            }
            "EcsRamRole" => Box::new(self.ecs_ram_role()?),
            "RamRoleArnWithRoleName" => {
                self.assume_role(Box::new(self.ecs_ram_role()?), &context.sts)?
            }
            "OIDC" => Box::new(self.oidc(&context.sts)?),
            "CredentialsURI" => Box::new(self.uri(&context.environment)?),
            "OAuth" => self.sign_in(SignInKind::OAuth)?,
            "CloudSSO" => self.sign_in(SignInKind::CloudSso)?,
            mode => return Err(self.error(ProfileError::Mode(mode.to_owned()))),
        })
    }

    /// Checks that a section of an INI file describes one identity.
    fn check_section(&self, mode: &str) -> Result<(), CredentialsError> {
        if self.name.format == FileFormat::Json {
            return Ok(());
        }
        // Without its type, a section with keys and a role could be either identity.
        let has_no_type = self.text("mode")?.is_none();
        if has_no_type && self.text("ram_role_arn")?.is_some() && mode != "OIDC" {
            return Err(self.error(ProfileError::NoField("mode")));
        }
        if mode == "AK" && self.text("sts_token")?.is_some() {
            let problem = "is set, but only the type \"sts\" takes it";
            return Err(self.invalid("sts_token", problem));
        }
        Ok(())
    }

    fn ecs_ram_role(&self) -> Result<EcsRamRole, CredentialsError> {
        let name = self.text("ram_role_name")?;
        if let Some(name) = name.filter(|name| !is_role_name(name)) {
            let problem = format!("is {}, and {ROLE_NAME_RULE}", debug_quote(name));
            return Err(self.invalid("ram_role_name", problem));
        }
        Ok(EcsRamRole {
            name: name.map(str::to_owned),
            is_probe: false,
        })
    }

    fn keys(&self, token: Option<&str>) -> Result<Credentials, CredentialsError> {
        let secret = self.text("access_key_secret")?;
        let id = self.required("access_key_id")?;
        let missing = || self.error(ProfileError::NoField("access_key_secret"));
        let secret = secret.ok_or_else(missing)?;
        for (field, text) in [
            ("access_key_id", Some(id)),
            ("access_key_secret", Some(secret)),
            ("sts_token", token),
        ] {
            let checked = text.map_or(Ok(()), check_key_text);
            checked.map_err(|problem| self.invalid(field, problem))?;
        }
        // Only in the output of a command.
        let expiration = self.parsed("expiration", |text| parse_time(text).ok_or("not a time"))?;
        Ok(Credentials {
            access_key_id: id.to_owned(),
            access_key_secret: secret.into(),
            security_token: token.map(SecretString::from),
            expiration,
            source: CredentialsSource::Fields,
        })
    }

    fn assume_role(
        &self,
        source: Box<dyn ProvideCredentials>,
        sts: &Sts,
    ) -> Result<Box<dyn ProvideCredentials>, CredentialsError> {
        Ok(Box::new(AssumeRole {
            source,
            role: self.role()?,
            sts: Some(self.sts(sts)?),
            only_with_permanent_keys: false,
        }))
    }

    fn role(&self) -> Result<Role, CredentialsError> {
        let field = "expired_seconds";
        // The CLI writes 0 if no duration is set.
        let seconds = self.seconds(field)?.filter(|seconds| *seconds != 0);
        let duration = seconds.map_or(Ok(DEFAULT_DURATION), |seconds| {
            let duration = u64::try_from(seconds).ok();
            let duration = duration.filter(|duration| DURATIONS.contains(duration));
            duration.ok_or_else(|| {
                let (min, max) = (DURATIONS.start(), DURATIONS.end());
                let problem = format!("is {seconds}, but must be {min} to {max} seconds");
                self.invalid(field, problem)
            })
        });
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Role {
            arn: self.required("ram_role_arn")?.to_owned(),
            session_name: owned(self.text("ram_session_name")?),
            duration: duration?,
            policy: owned(self.text("policy")?),
            external_id: owned(self.text("external_id")?),
        })
    }

    /// Returns STS with the settings of the profile. A configured endpoint takes precedence
    /// over them.
    fn sts(&self, sts: &Sts) -> Result<Sts, CredentialsError> {
        let mut sts = sts.clone();
        let endpoint = self.parsed("sts_endpoint", |text| {
            EndpointResolver::parse(text, Protocol::Https)
        })?;
        let enable_vpc =
            self.typed("enable_vpc", Value::as_bool, "is neither true nor false")? == Some(true);
        if let EndpointResolver::Default { vpc, .. } = &mut sts.endpoints {
            *vpc |= enable_vpc;
            sts.endpoints = endpoint.unwrap_or(sts.endpoints);
        }
        if let Some(region) = self.parsed("sts_region", str::parse::<RegionId>)? {
            sts.region = Some(Arc::new(region.into()));
        }
        Ok(sts)
    }

    fn oidc(&self, sts: &Sts) -> Result<OidcRole, CredentialsError> {
        Ok(OidcRole {
            token: match self.text("oidc_token")? {
                Some(token) => OidcToken::Inline(token.into()),
                None => OidcToken::File(self.required("oidc_token_file")?.to_owned()),
            },
            provider_arn: self.required("oidc_provider_arn")?.to_owned(),
            role: Role {
                external_id: None,
                ..self.role()?
            },
            sts: Some(self.sts(sts)?),
        })
    }

    fn uri(&self, environment: &Environment) -> Result<CredentialsUri, CredentialsError> {
        self.check_allowed(environment)?;
        let field = "credentials_uri";
        let uri = self
            .text(field)?
            .or_else(|| environment.get(CREDENTIALS_URI));
        let uri = uri.ok_or_else(|| self.error(ProfileError::NoField(field)))?;
        CredentialsUri::parse(uri)
            .map_err(|error| self.invalid(field, format!("is invalid: {error}")))
    }

    fn process(&self, environment: &Environment) -> Result<Process, CredentialsError> {
        self.check_allowed(environment)?;
        let field = "process_command";
        let process = Process::parse(self.required(field)?);
        process.map_err(|problem| self.invalid(field, problem))
    }

    /// Checks that commands and URLs of profiles are not disabled.
    fn check_allowed(&self, environment: &Environment) -> Result<(), CredentialsError> {
        let Some(switch) = environment.switched_on(EXTERNAL_PROCESS_DISABLED) else {
            return Ok(());
        };
        let mode = match self.text("mode")? {
            Some(mode) => mode,
            None => self.mode()?,
        };
        Err(self.error(ProfileError::Forbidden {
            mode: mode.to_owned(),
            by: switch.name,
        }))
    }

    /// Returns the keys that the CLI has exchanged a sign-in for, until they expire, or else
    /// the provider that exchanges the access token.
    fn sign_in(&self, kind: SignInKind) -> Result<Box<dyn ProvideCredentials>, CredentialsError> {
        let keys = ["access_key_id", "access_key_secret", "sts_token"];
        let expiration = unexpired(self.seconds("sts_expiration")?);
        if expiration.is_some() && keys.iter().all(|field| self.required(field).is_ok()) {
            return Ok(Box::new(Credentials {
                expiration,
                source: CredentialsSource::SignIn(kind),
                ..self.keys(self.text("sts_token")?)?
            }));
        }
        let (field, expire) = match kind {
            SignInKind::OAuth => ("oauth_access_token", "oauth_access_token_expire"),
            SignInKind::CloudSso => ("access_token", "cloud_sso_access_token_expire"),
        };
        let token = self.required(field)?;
        check_key_text(token).map_err(|problem| self.invalid(field, problem))?;
        let (url, body) = match kind {
            SignInKind::OAuth => {
                let field = "oauth_site_type";
                let url = oauth_url(self.required(field)?);
                let problem = "is neither \"CN\" nor \"INTL\"";
                let url = url.ok_or_else(|| self.invalid(field, problem))?;
                (url, String::new())
            }
            SignInKind::CloudSso => {
                let field = "cloud_sso_sign_in_url";
                let url = cloud_sso_url(self.required(field)?);
                let problem = "is not a URL with \"https://\"";
                let body = json!({
                    "AccountId": self.required("cloud_sso_account_id")?,
                    "AccessConfigurationId": self.required("cloud_sso_access_config")?,
                });
                let url = url.ok_or_else(|| self.invalid(field, problem))?;
                (url, body.to_string())
            }
        };
        let expired = || self.error(ProfileError::SignInExpired(kind));
        unexpired(self.seconds(expire)?).ok_or_else(expired)?;
        Ok(Box::new(SignIn {
            kind,
            profile: self.name.name.clone(),
            url,
            body,
            access_token: token.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::context;

    #[test]
    fn chain_of_source_profiles_is_limited() {
        let link = |number| {
            format!(
                r#"{{"name": "{number}", "mode": "{CHAINED}", "ram_role_arn": "a",
                    "source_profile": "{}"}}"#,
                number + 1
            )
        };
        let mut profiles: Vec<String> = (0..=MAX_CHAIN).map(link).collect();
        profiles.push(format!(
            r#"{{"name": "{}", "mode": "EcsRamRole"}}"#,
            MAX_CHAIN + 1
        ));
        let content = format!(r#"{{"profiles": [{}]}}"#, profiles.join(","));
        let file = ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap();
        let provider = |name| file.provider(file.named(name)?, &context());
        assert!(provider("1").is_ok());
        assert_eq!(
            provider("0").unwrap_err().to_string(),
            "\"source_profile\" of the profile \"32\" of config.json continues a cycle, or a \
             chain of 32 profiles"
        );
    }
}
