//! The provider that a profile describes.
//!
//! The modes and their fields are those of the Alibaba Cloud CLI's page "Configure
//! profiles" and of the files that it writes.

use std::fmt::Display;

use secrecy::ExposeSecret;

use super::external::External;
use super::in_profile::InProfile;
use crate::access_key::Credentials;
use crate::access_key::check_key_text;
use crate::credentials::assume_role::AssumeRole;
use crate::credentials::cloud_sso::CloudSso;
use crate::credentials::ecs_ram_role::{EcsRamRole, ROLE_NAME_RULE, is_role_name};
use crate::credentials::error::{CredentialsErrorKind, FileFormat, ProfileError, SignInKind};
use crate::credentials::oauth::OAuth;
use crate::credentials::oidc::{OidcRole, OidcToken};
use crate::credentials::process::Process;
use crate::credentials::profile::fields::Profile;
use crate::credentials::profile::file::ProfileFile;
use crate::credentials::provider::{Context, ProvideCredentials};
use crate::credentials::sign_in::unexpired;
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
    ) -> Result<Box<dyn ProvideCredentials>, CredentialsErrorKind> {
        if let Some(kind) = &profile.unknown_type {
            return Err(self.profile_error(profile, ProfileError::Mode(kind.clone())));
        }
        // Without its type, a section with keys and a role could be either identity.
        let has_no_type = self.format == FileFormat::Ini && profile.mode.0.is_none();
        if has_no_type && profile.ram_role_arn.0.is_some() && profile.mode() != "OIDC" {
            return Err(self.profile_error(profile, ProfileError::NoField("mode")));
        }
        let is_access_key = self.format == FileFormat::Ini && profile.mode() == "AK";
        if is_access_key && profile.sts_token.0.is_some() {
            let problem =
                ProfileError::field("sts_token", "is set, but only the type \"sts\" takes it");
            return Err(self.profile_error(profile, problem));
        }
        let (first, chain) = self.chain(profile)?;
        let provider = match first.mode() {
            EXTERNAL => first.process(&context.environment),
            _ => first.provider(context),
        };
        let provider = provider.map_err(|problem| self.profile_error(first, problem))?;
        let mut provider: Box<dyn ProvideCredentials> = Box::new(InProfile {
            profile: self.profile_name(first),
            provider,
        });
        for profile in chain {
            let role = profile.assume_role(provider, &context.sts);
            provider = role.map_err(|problem| self.profile_error(profile, problem))?;
        }
        Ok(provider)
    }

    /// Returns the first profile of the chain that ends with this one, and the profiles whose
    /// roles are assumed from there on, in this order.
    fn chain<'a>(
        &'a self,
        last: &'a Profile,
    ) -> Result<(&'a Profile, Vec<&'a Profile>), CredentialsErrorKind> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut profile = last;
        while profile.mode() == CHAINED {
            if chain.iter().any(|above| above.name == profile.name) {
                return Err(self.profile_error(profile, ProfileError::Cycle));
            }
            if chain.len() == MAX_CHAIN {
                return Err(self.profile_error(last, ProfileError::LongChain(MAX_CHAIN)));
            }
            let source = profile.source_profile.required("source_profile");
            let source = source.map_err(|problem| self.profile_error(profile, problem))?;
            chain.push(profile);
            profile = self.named(source)?;
        }
        chain.reverse();
        Ok((profile, chain))
    }
}

impl Profile {
    /// Returns the provider that the profile describes without a command or another profile.
    pub(crate) fn provider(
        &self,
        context: &Context,
    ) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
        Ok(match self.mode() {
            // The CLI ignores `sts_token` in this mode.
            "AK" => Box::new(Credentials {
                security_token: None,
                ..self.keys()?
            }),
            "StsToken" => {
                self.sts_token.required("sts_token")?;
                Box::new(self.keys()?)
            }
            "RamRoleArn" => self.assume_role(Box::new(self.keys()?), &context.sts)?,
            "EcsRamRole" => Box::new(self.ecs_ram_role()?),
            "RamRoleArnWithRoleName" => {
                self.assume_role(Box::new(self.ecs_ram_role()?), &context.sts)?
            }
            "OIDC" => Box::new(self.oidc(&context.sts)?),
            "CredentialsURI" => Box::new(self.uri(&context.environment)?),
            "OAuth" => self.oauth()?,
            "CloudSSO" => self.cloud_sso()?,
            mode => return Err(ProfileError::Mode(mode.to_owned())),
        })
    }

    fn ecs_ram_role(&self) -> Result<EcsRamRole, ProfileError> {
        let name = self.ram_role_name.0.clone();
        match name.as_ref().filter(|name| !is_role_name(name)) {
            Some(name) => {
                let problem = format!("is {}, and {ROLE_NAME_RULE}", debug_quote(name));
                Err(ProfileError::field("ram_role_name", problem))
            }
            None => Ok(EcsRamRole::new(name)),
        }
    }

    fn keys(&self) -> Result<Credentials, ProfileError> {
        let expiration = self.expiration.0.as_deref().map(|text| {
            let time = parse_time(text);
            time.ok_or_else(|| ProfileError::field("expiration", "is not a time"))
        });
        let keys = Credentials {
            access_key_id: self.access_key_id.required("access_key_id")?.clone(),
            access_key_secret: self
                .access_key_secret
                .required("access_key_secret")?
                .clone(),
            security_token: self.sts_token.0.clone(),
            expiration: expiration.transpose()?,
            source: CredentialsSource::Fields,
        };
        check_keys(&keys)?;
        Ok(keys)
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
        let session_name = self.ram_session_name.0.clone();
        // The CLI writes 0 if no duration is set.
        let duration = self.expired_seconds.filter(|seconds| *seconds != 0);
        let duration = duration.unwrap_or(DEFAULT_DURATION);
        if !DURATIONS.contains(&duration) {
            let (min, max) = (DURATIONS.start(), DURATIONS.end());
            let problem = format!("is {duration}, but must be {min} to {max} seconds");
            return Err(ProfileError::field("expired_seconds", problem));
        }
        Ok(Role {
            arn: self.ram_role_arn.required("ram_role_arn")?.clone(),
            session_name: session_name.unwrap_or_else(|| sts.session_name.to_owned()),
            duration,
            policy: self.policy.0.clone(),
            external_id: self.external_id.0.clone(),
        })
    }

    fn sts(&self, sts: &Sts) -> Result<Sts, ProfileError> {
        let region = self.sts_region.0.as_deref().map(str::parse).transpose();
        let endpoint = self.sts_endpoint.0.as_deref();
        let endpoint = endpoint.map(|text| EndpointResolver::parse(text, Protocol::Https));
        let endpoint = endpoint.transpose();
        Ok(sts.with_profile(
            region.map_err(|error| invalid("sts_region", error))?,
            endpoint.map_err(|error| invalid("sts_endpoint", error))?,
            self.enable_vpc.unwrap_or_default(),
        ))
    }

    fn oidc(&self, sts: &Sts) -> Result<OidcRole, ProfileError> {
        let token = match &self.oidc_token.0 {
            Some(token) => OidcToken::Inline(token.clone()),
            None => OidcToken::File(self.oidc_token_file.required("oidc_token_file")?.clone()),
        };
        let provider_arn = self.oidc_provider_arn.required("oidc_provider_arn")?;
        Ok(OidcRole {
            provider_arn: provider_arn.clone(),
            role: self.role(sts)?,
            token,
            sts: Some(self.sts(sts)?),
        })
    }

    fn uri(&self, environment: &Environment) -> Result<CredentialsUri, ProfileError> {
        self.check_allowed(environment)?;
        let uri = self.credentials_uri.0.as_deref();
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
        let line = self.process_command.required("process_command")?;
        let process = Process::parse(line)
            .map_err(|problem| ProfileError::field("process_command", problem))?;
        Ok(Box::new(External(process)))
    }

    /// Checks that commands and URLs of profiles are not disabled.
    fn check_allowed(&self, environment: &Environment) -> Result<(), ProfileError> {
        match environment.switched_on(EXTERNAL_PROCESS_DISABLED) {
            Some(switch) => Err(ProfileError::Forbidden {
                mode: self.mode().to_owned(),
                by: switch.name,
            }),
            None => Ok(()),
        }
    }

    fn oauth(&self) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
        if let Some(keys) = self.signed_in_keys(SignInKind::OAuth) {
            return Ok(Box::new(keys?));
        }
        let token = self.oauth_access_token.required("oauth_access_token")?;
        check_text("oauth_access_token", token.expose_secret())?;
        let site = self.oauth_site_type.required("oauth_site_type")?;
        let sign_in = OAuth::new(&self.name, site, token).ok_or_else(|| {
            ProfileError::field("oauth_site_type", "is neither \"CN\" nor \"INTL\"")
        })?;
        let expiration = unexpired(self.oauth_access_token_expire);
        expiration.ok_or(ProfileError::SignInExpired(SignInKind::OAuth))?;
        Ok(Box::new(sign_in))
    }

    fn cloud_sso(&self) -> Result<Box<dyn ProvideCredentials>, ProfileError> {
        if let Some(keys) = self.signed_in_keys(SignInKind::CloudSso) {
            return Ok(Box::new(keys?));
        }
        let token = self.access_token.required("access_token")?;
        check_text("access_token", token.expose_secret())?;
        let url = self
            .cloud_sso_sign_in_url
            .required("cloud_sso_sign_in_url")?;
        let account = self.cloud_sso_account_id.required("cloud_sso_account_id")?;
        let access = self
            .cloud_sso_access_config
            .required("cloud_sso_access_config")?;
        let sign_in = CloudSso::new(&self.name, url, [account, access], token);
        let sign_in = sign_in.ok_or_else(|| {
            ProfileError::field("cloud_sso_sign_in_url", "is not a URL with \"https://\"")
        })?;
        let expiration = unexpired(self.cloud_sso_access_token_expire);
        expiration.ok_or(ProfileError::SignInExpired(SignInKind::CloudSso))?;
        Ok(Box::new(sign_in))
    }

    /// Returns the keys that the CLI has exchanged a sign-in for, until they expire.
    fn signed_in_keys(&self, kind: SignInKind) -> Option<Result<Credentials, ProfileError>> {
        let keys = Credentials {
            expiration: Some(unexpired(self.sts_expiration)?),
            access_key_id: self.access_key_id.0.clone()?,
            access_key_secret: self.access_key_secret.0.clone()?,
            security_token: Some(self.sts_token.0.clone()?),
            source: CredentialsSource::SignIn(kind),
        };
        Some(check_keys(&keys).map(|()| keys))
    }
}

/// Checks that calls can be signed with the keys of a profile.
fn check_keys(keys: &Credentials) -> Result<(), ProfileError> {
    check_text("access_key_id", &keys.access_key_id)?;
    check_text("access_key_secret", keys.access_key_secret.expose_secret())?;
    match &keys.security_token {
        Some(token) => check_text("sts_token", token.expose_secret()),
        None => Ok(()),
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

    fn file(profiles: &str) -> ProfileFile {
        let content = format!(r#"{{"profiles": [{profiles}]}}"#);
        ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap()
    }

    #[test]
    fn chain_of_source_profiles_is_limited() {
        let length = 10_000;
        let link = |number| {
            format!(
                r#"{{"name": "{number}", "mode": "{CHAINED}", "source_profile": "{}"}}"#,
                number + 1
            )
        };
        let mut profiles: Vec<String> = (0..length).map(link).collect();
        profiles.push(format!(r#"{{"name": "{length}"}}"#));
        let file = file(&profiles.join(","));
        let chain_from = |number: usize| file.chain(file.named(&number.to_string())?);

        let (first, links) = chain_from(length - MAX_CHAIN).unwrap();
        assert_eq!(first.name, length.to_string());
        let last = links.last().map(|profile| profile.name.clone());
        assert_eq!(last, Some((length - MAX_CHAIN).to_string()));

        let error = chain_from(0).err().unwrap().to_string();
        assert_eq!(
            error,
            "the profile \"0\" of config.json has a chain of more than 32 sources"
        );
    }
}
