//! The provider that a profile describes.
//!
//! The modes and their fields are those of the Alibaba Cloud CLI's page "Configure
//! profiles" and of the files that it writes.

use std::fmt::Display;

use secrecy::SecretString;

use super::external::External;
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
use crate::credentials::sign_in::{SignIn, unexpired};
use crate::credentials::source::CredentialsSource;
use crate::credentials::sts::{DEFAULT_DURATION, DURATIONS, Role, Sts};
use crate::credentials::temporary::parse_time;
use crate::credentials::uri::CredentialsUri;
use crate::env::{CREDENTIALS_URI, EXTERNAL_PROCESS_DISABLED, Environment};
use crate::http::protocol::Protocol;
use crate::rpc::endpoint::EndpointResolver;
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
        self.check_section(profile)
            .map_err(|problem| self.profile_error(profile, problem))?;
        self.chained_provider(profile, context, MAX_CHAIN)
    }

    /// Returns the provider of a profile that may have `depth` others as its sources.
    fn chained_provider(
        &self,
        profile: &Profile,
        context: &Context,
        depth: usize,
    ) -> Result<Box<dyn ProvideCredentials>, CredentialsError> {
        let error = |problem| self.profile_error(profile, problem);
        let provider = match profile.mode() {
            Ok(CHAINED) => {
                let source = profile.required("source_profile").map_err(error)?;
                let source = self.named(source).map_err(|missing| match missing {
                    CredentialsError::NoProfile { .. } => {
                        let problem = format!("is {}, but {missing}", debug_quote(source));
                        error(ProfileError::field("source_profile", problem))
                    }
                    other => other,
                })?;
                let depth = depth.checked_sub(1).ok_or_else(|| {
                    let problem = format!("continues a cycle, or a chain of {MAX_CHAIN} profiles");
                    error(ProfileError::field("source_profile", problem))
                })?;
                let source = self.chained_provider(source, context, depth)?;
                return profile.assume_role(source, &context.sts).map_err(error);
            }
            Ok(EXTERNAL) => profile.process(&context.environment),
            _ => profile.provider(context),
        };
        Ok(Box::new(InProfile {
            profile: self.profile_name(profile),
            provider: provider.map_err(error)?,
        }))
    }

    /// Checks that a section of an INI file describes one identity.
    fn check_section(&self, profile: &Profile) -> Result<(), ProfileError> {
        if self.format == FileFormat::Json {
            return Ok(());
        }
        if let Some(kind) = profile.text("type")? {
            return Err(ProfileError::Mode(kind.to_owned()));
        }
        let mode = profile.mode()?;
        // Without its type, a section with keys and a role could be either identity.
        let has_no_type = profile.text("mode")?.is_none();
        if has_no_type && profile.text("ram_role_arn")?.is_some() && mode != "OIDC" {
            return Err(ProfileError::NoField("mode"));
        }
        if mode == "AK" && profile.text("sts_token")?.is_some() {
            let problem = "is set, but only the type \"sts\" takes it";
            return Err(ProfileError::field("sts_token", problem));
        }
        Ok(())
    }
}

impl Profile {
    /// Returns the provider that the profile describes without a command or another profile.
    pub(crate) fn provider(
        &self,
        context: &Context,
    ) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
        Ok(match self.mode()? {
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
            mode => return Err(ProfileError::Mode(mode.to_owned())),
        })
    }

    fn ecs_ram_role(&self) -> Result<EcsRamRole, ProfileError> {
        let name = self.text("ram_role_name")?;
        if let Some(name) = name.filter(|name| !is_role_name(name)) {
            let problem = format!("is {}, and {ROLE_NAME_RULE}", debug_quote(name));
            return Err(ProfileError::field("ram_role_name", problem));
        }
        Ok(EcsRamRole::new(name.map(str::to_owned)))
    }

    fn keys(&self, token: Option<&str>) -> Result<Credentials, ProfileError> {
        let secret = self.text("access_key_secret")?;
        let id = self.required("access_key_id")?;
        let secret = secret.ok_or(ProfileError::NoField("access_key_secret"))?;
        // Only in the output of a command.
        let expiration = self.text("expiration")?.map(|text| {
            parse_time(text).ok_or_else(|| ProfileError::field("expiration", "is not a time"))
        });
        check_text("access_key_id", id)?;
        check_text("access_key_secret", secret)?;
        token.map_or(Ok(()), |token| check_text("sts_token", token))?;
        Ok(Credentials {
            access_key_id: id.to_owned(),
            access_key_secret: secret.into(),
            security_token: token.map(SecretString::from),
            expiration: expiration.transpose()?,
            source: CredentialsSource::Fields,
        })
    }

    fn assume_role(
        &self,
        source: Box<dyn ProvideCredentials>,
        sts: &Sts,
    ) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
        Ok(Box::new(AssumeRole {
            source,
            role: self.role(sts)?,
            sts: Some(self.sts(sts)?),
            only_with_permanent_keys: false,
        }))
    }

    fn role(&self, sts: &Sts) -> Result<Role, ProfileError> {
        let field = "expired_seconds";
        // The CLI writes 0 if no duration is set.
        let seconds = self.seconds(field)?.filter(|seconds| *seconds != 0);
        let duration = seconds.map_or(Ok(DEFAULT_DURATION), |seconds| {
            let duration = u32::try_from(seconds).ok();
            let duration = duration.filter(|duration| DURATIONS.contains(duration));
            duration.ok_or_else(|| {
                let (min, max) = (DURATIONS.start(), DURATIONS.end());
                let problem = format!("is {seconds}, but must be {min} to {max} seconds");
                ProfileError::field(field, problem)
            })
        });
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Role {
            arn: self.required("ram_role_arn")?.to_owned(),
            session_name: owned(self.text("ram_session_name")?)
                .unwrap_or_else(|| sts.session_name.to_owned()),
            duration: duration?,
            policy: owned(self.text("policy")?),
            external_id: owned(self.text("external_id")?),
        })
    }

    fn sts(&self, sts: &Sts) -> Result<Sts, ProfileError> {
        let region = self.text("sts_region")?.map(str::parse).transpose();
        let endpoint = self.text("sts_endpoint")?;
        let endpoint = endpoint.map(|text| EndpointResolver::parse(text, Protocol::Https));
        let endpoint = endpoint.transpose();
        Ok(sts.with_profile(
            region.map_err(|error| invalid("sts_region", error))?,
            endpoint.map_err(|error| invalid("sts_endpoint", error))?,
            self.is_true("enable_vpc")?,
        ))
    }

    fn oidc(&self, sts: &Sts) -> Result<OidcRole, ProfileError> {
        let token = match self.secret("oidc_token")? {
            Some(token) => OidcToken::Inline(token),
            None => OidcToken::File(self.required("oidc_token_file")?.to_owned()),
        };
        Ok(OidcRole {
            token,
            provider_arn: self.required("oidc_provider_arn")?.to_owned(),
            role: Role {
                external_id: None,
                ..self.role(sts)?
            },
            sts: Some(self.sts(sts)?),
        })
    }

    fn uri(&self, environment: &Environment) -> Result<CredentialsUri, ProfileError> {
        self.check_allowed(environment)?;
        let uri = self.text("credentials_uri")?;
        let uri = uri.or_else(|| environment.get(CREDENTIALS_URI));
        let uri = uri.ok_or(ProfileError::NoField("credentials_uri"))?;
        uri.parse()
            .map_err(|error| invalid("credentials_uri", error))
    }

    fn process(
        &self,
        environment: &Environment,
    ) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
        self.check_allowed(environment)?;
        let process = Process::parse(self.required("process_command")?);
        let process = process.map_err(|problem| ProfileError::field("process_command", problem))?;
        Ok(Box::new(External(process)))
    }

    /// Checks that commands and URLs of profiles are not disabled.
    fn check_allowed(&self, environment: &Environment) -> Result<(), ProfileError> {
        match environment.switched_on(EXTERNAL_PROCESS_DISABLED) {
            Some(switch) => Err(ProfileError::Forbidden {
                mode: self.mode()?.to_owned(),
                by: switch.name,
            }),
            None => Ok(()),
        }
    }

    fn oauth(&self, token: &str) -> Result<SignIn, ProfileError> {
        let field = "oauth_site_type";
        let sign_in = SignIn::oauth(&self.name, self.required(field)?, token);
        sign_in.ok_or_else(|| ProfileError::field(field, "is neither \"CN\" nor \"INTL\""))
    }

    fn cloud_sso(&self, token: &str) -> Result<SignIn, ProfileError> {
        let field = "cloud_sso_sign_in_url";
        let url = self.required(field)?;
        let account = self.required("cloud_sso_account_id")?;
        let access = self.required("cloud_sso_access_config")?;
        let sign_in = SignIn::cloud_sso(&self.name, url, [account, access], token);
        sign_in.ok_or_else(|| ProfileError::field(field, "is not a URL with \"https://\""))
    }

    /// Returns the keys that the CLI has exchanged a sign-in for, until they expire, or else
    /// the provider that exchanges the access token.
    fn sign_in(&self, kind: SignInKind) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
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
        check_text(field, token)?;
        let sign_in = match kind {
            SignInKind::OAuth => self.oauth(token)?,
            SignInKind::CloudSso => self.cloud_sso(token)?,
        };
        unexpired(self.seconds(expire)?).ok_or(ProfileError::SignInExpired(kind))?;
        Ok(Box::new(sign_in))
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), ProfileError> {
    check_key_text(text).map_err(|problem| ProfileError::field(field, problem))
}

fn invalid(field: &'static str, error: impl Display) -> ProfileError {
    ProfileError::field(field, format!("is invalid: {error}"))
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
