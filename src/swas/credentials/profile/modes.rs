//! What each mode of a profile means.
//!
//! The modes and their fields are those of the Alibaba Cloud CLI's page
//! "Configure profiles" and of the files that it writes.

use secrecy::{ExposeSecret, SecretString};

use super::{Profile, ProfileFile, Tools};
use crate::swas::credentials::assume_role::AssumeRole;
use crate::swas::credentials::ecs::EcsRole;
use crate::swas::credentials::external::External;
use crate::swas::credentials::oidc::{Oidc, OidcRole, OidcToken};
use crate::swas::credentials::sources::Keys;
use crate::swas::credentials::uri::{CredentialsUri, URI};
use crate::swas::credentials::{Credentials, Provider, Reason, expiration};
use crate::swas::region::RegionId;
use crate::swas::sts::{self, DEFAULT_DURATION, DEFAULT_SESSION_NAME, Role, Sts};

impl Profile {
    /// What gives the credentials that the profile describes.
    pub(super) fn provider(&self, file: &ProfileFile, tools: &Tools) -> Result<Provider, Reason> {
        self.provider_below(file, tools, &mut Vec::new())
    }

    fn provider_below<'a>(
        &'a self,
        file: &'a ProfileFile,
        tools: &Tools,
        above: &mut Vec<&'a str>,
    ) -> Result<Provider, Reason> {
        if above.contains(&self.name.as_str()) {
            return Err(Reason::Cycle {
                file: self.path.clone(),
                profile: self.name.clone(),
            });
        }
        above.push(&self.name);
        let environment = &tools.environment;
        match self.mode() {
            "AK" => Ok(Box::new(Keys(Credentials {
                security_token: None,
                ..self.keys()?
            }))),
            "StsToken" => {
                self.required_secret("sts_token", self.sts_token.as_ref())?;
                Ok(Box::new(Keys(self.keys()?)))
            }
            "RamRoleArn" => self.assumed(Box::new(Keys(self.keys()?)), tools),
            "ChainableRamRoleArn" => {
                let source = self.required("source_profile", self.source.as_ref())?;
                let source = file.profile(Some(source))?;
                let source = source.provider_below(file, tools, above)?;
                self.assumed(source, tools)
            }
            "EcsRamRole" => {
                let name = self.ram_role_name.clone().filter(|name| !name.is_empty());
                Ok(Box::new(EcsRole::new(name, environment)))
            }
            "OIDC" => {
                let token_file = self.required("oidc_token_file", self.oidc_token_file.as_ref())?;
                let provider =
                    self.required("oidc_provider_arn", self.oidc_provider_arn.as_ref())?;
                Ok(Box::new(Oidc {
                    role: OidcRole {
                        provider_arn: provider.to_owned(),
                        role: self.role()?,
                        token: OidcToken::in_file(token_file, environment),
                    },
                    sts: self.sts(tools)?,
                }))
            }
            "CredentialsURI" => {
                let uri = self.credentials_uri.clone().filter(|uri| !uri.is_empty());
                let uri = uri.or_else(|| environment.get(URI));
                let uri = self.required("credentials_uri", uri.as_ref())?;
                Ok(Box::new(CredentialsUri(uri.to_owned())))
            }
            "External" => {
                let command = self.process_command.as_ref();
                let command = self.required_secret("process_command", command)?;
                let external = External::new(command, tools).ok_or_else(|| {
                    let problem = "is blank or has a quote that is not closed".to_owned();
                    self.invalid("process_command", problem)
                })?;
                Ok(Box::new(external))
            }
            mode => Err(Reason::Mode {
                file: self.path.clone(),
                profile: self.name.clone(),
                mode: mode.to_owned(),
            }),
        }
    }

    /// A profile that names no mode is what its fields make of it.
    fn mode(&self) -> &str {
        let is_set = |field: &Option<String>| field.as_ref().is_some_and(|text| !text.is_empty());
        match &self.mode {
            Some(mode) if !mode.is_empty() => mode,
            _ if self.sts_token.is_some() => "StsToken",
            _ if is_set(&self.ram_role_arn) => "RamRoleArn",
            _ => "AK",
        }
    }

    fn keys(&self) -> Result<Credentials, Reason> {
        let id = self.required("access_key_id", self.access_key_id.as_ref())?;
        let secret = self.access_key_secret.as_ref();
        let secret = self.required_secret("access_key_secret", secret)?;
        let end = self.expiration.as_deref().filter(|text| !text.is_empty());
        let token = self.sts_token.clone();
        Ok(Credentials {
            access_key_id: id.to_owned(),
            access_key_secret: secret.clone(),
            security_token: token.filter(|token| !token.expose_secret().is_empty()),
            expiration: end.map(expiration).transpose()?,
        })
    }

    fn assumed(&self, source: Provider, tools: &Tools) -> Result<Provider, Reason> {
        Ok(Box::new(AssumeRole {
            source,
            role: self.role()?,
            sts: self.sts(tools)?,
        }))
    }

    fn role(&self) -> Result<Role, Reason> {
        let optional = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        let arn = self.required("ram_role_arn", self.ram_role_arn.as_ref())?;
        let session_name = optional(&self.ram_session_name);
        // The CLI writes 0 where nothing has been set.
        let duration = self.expired_seconds.filter(|seconds| *seconds != 0);
        Ok(Role {
            arn: arn.to_owned(),
            session_name: session_name.unwrap_or_else(|| DEFAULT_SESSION_NAME.to_owned()),
            duration: sts::check_duration(duration.unwrap_or(DEFAULT_DURATION))
                .map_err(|problem| self.invalid("expired_seconds", problem))?,
            policy: optional(&self.policy),
            external_id: optional(&self.external_id),
        })
    }

    fn sts(&self, tools: &Tools) -> Result<Sts, Reason> {
        let region = self.sts_region.as_ref().filter(|text| !text.is_empty());
        let region: Option<RegionId> = region
            .map(|region| region.parse())
            .transpose()
            .map_err(|error| self.invalid("sts_region", format!("is invalid: {error}")))?;
        Ok(tools.sts.in_region(region))
    }

    pub(super) fn required<'a>(
        &self,
        name: &'static str,
        field: Option<&'a String>,
    ) -> Result<&'a str, Reason> {
        let set = field.map(String::as_str).filter(|text| !text.is_empty());
        set.ok_or_else(|| self.without(name))
    }

    fn required_secret<'a>(
        &self,
        name: &'static str,
        field: Option<&'a SecretString>,
    ) -> Result<&'a SecretString, Reason> {
        let set = field.filter(|secret| !secret.expose_secret().is_empty());
        set.ok_or_else(|| self.without(name))
    }

    fn without(&self, field: &'static str) -> Reason {
        Reason::NoField {
            file: self.path.clone(),
            profile: self.name.clone(),
            field,
        }
    }

    pub(super) fn invalid(&self, field: &'static str, problem: String) -> Reason {
        Reason::Field {
            file: self.path.clone(),
            profile: self.name.clone(),
            field,
            problem,
        }
    }

    /// What gives the credentials that a command printed as a profile.
    pub(super) fn provider_of_command(&self, tools: &Tools) -> Result<Provider, Reason> {
        if self.mode() == "External" {
            // A command that prints a command would never end.
            return Err(Reason::Mode {
                file: self.path.clone(),
                profile: self.name.clone(),
                mode: self.mode().to_owned(),
            });
        }
        let alone = ProfileFile {
            path: self.path.clone(),
            current: None,
            profiles: Vec::new(),
        };
        self.provider(&alone, tools)
    }
}
