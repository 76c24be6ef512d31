//! What each mode of a profile means.
//!
//! The modes and their fields are those of the Alibaba Cloud CLI's page
//! "Configure profiles" and of the files that it writes.

use std::fmt::Display;

use super::external::ExternalCommand;
use super::oidc::{OidcRole, OidcToken};
use super::profile::Profile;
use super::sign_in::{SignIn, ahead};
use super::sts::{self, DEFAULT_DURATION, Role, Sts};
use super::sts_endpoint::ProfileSts;
use super::uri::{CredentialsUri, URI};
use super::way::{Origin, Way};
use super::{Credentials, Environment, ProfileProblem, expiration};
use crate::env::EXTERNAL_PROCESS_DISABLED;
use crate::http::protocol::Protocol;
use crate::rpc::endpoint::Endpoint;

impl Profile {
    /// The way of a profile that stands for itself.
    pub(crate) fn way(&self, environment: &Environment, sts: &Sts) -> Result<Way, ProfileProblem> {
        let origin = match self.mode() {
            "AK" => Origin::Keys(Credentials {
                security_token: None,
                ..self.keys()?
            }),
            "StsToken" => {
                self.sts_token.required("sts_token")?;
                Origin::Keys(self.keys()?)
            }
            "RamRoleArn" => {
                return Ok(Way {
                    origin: Origin::Keys(self.keys()?),
                    roles: vec![self.role_and_sts(sts)?],
                });
            }
            "EcsRamRole" => Origin::EcsRole(self.ram_role_name.0.clone()),
            "RamRoleArnWithRoleName" => {
                return Ok(Way {
                    origin: Origin::EcsRole(self.ram_role_name.0.clone()),
                    roles: vec![self.role_and_sts(sts)?],
                });
            }
            "OAuth" => self.oauth()?,
            "CloudSSO" => self.cloud_sso()?,
            "OIDC" => {
                let token_file = self.oidc_token_file.required("oidc_token_file")?;
                let provider_arn = self.oidc_provider_arn.required("oidc_provider_arn")?;
                let (role, sts) = self.role_and_sts(sts)?;
                let role = OidcRole {
                    provider_arn: provider_arn.clone(),
                    role,
                    token: OidcToken::in_file(token_file, environment),
                };
                Origin::Oidc(role, sts)
            }
            "CredentialsURI" => {
                self.check_allowed(environment)?;
                let uri = self.credentials_uri.0.clone();
                let uri = uri.or_else(|| environment.get(URI));
                let uri = uri.ok_or(ProfileProblem::NoField("credentials_uri"))?;
                let uri: Result<CredentialsUri, _> = uri.parse();
                Origin::Uri(uri.map_err(|error| {
                    ProfileProblem::field("credentials_uri", format!("is invalid: {error}"))
                })?)
            }
            mode => return Err(ProfileProblem::Mode(mode.to_owned())),
        };
        let roles = Vec::new();
        Ok(Way { origin, roles })
    }

    /// The mode. Without one, the fields decide, as in the CLI.
    pub(crate) fn mode(&self) -> &str {
        match &self.mode.0 {
            Some(mode) => mode,
            None if self.process_command.0.is_some() => "External",
            None if self.ram_role_name.0.is_some() => "EcsRamRole",
            None if self.oidc_provider_arn.0.is_some() || self.oidc_token_file.0.is_some() => {
                "OIDC"
            }
            None if self.cloud_sso_sign_in_url.0.is_some() => "CloudSSO",
            None if self.sts_token.0.is_some() => "StsToken",
            None if self.ram_role_arn.0.is_some() => "RamRoleArn",
            None => "AK",
        }
    }

    fn keys(&self) -> Result<Credentials, ProfileProblem> {
        let end = self.expiration.0.as_deref().map(|text| {
            let end = expiration(text);
            end.ok_or_else(|| ProfileProblem::field("expiration", "is no time"))
        });
        Ok(Credentials {
            access_key_id: self.access_key_id.required("access_key_id")?.clone(),
            access_key_secret: self
                .access_key_secret
                .required("access_key_secret")?
                .clone(),
            security_token: self.sts_token.0.clone(),
            expiration: end.transpose()?,
        })
    }

    pub(crate) fn role_and_sts(&self, sts: &Sts) -> Result<(Role, Sts), ProfileProblem> {
        let arn = self.ram_role_arn.required("ram_role_arn")?.clone();
        let session_name = self.ram_session_name.0.clone();
        // The CLI writes 0 where nothing has been set.
        let duration = self.expired_seconds.filter(|seconds| *seconds != 0);
        let role = Role {
            arn,
            session_name: session_name.unwrap_or_else(|| sts.session_name.to_owned()),
            duration: sts::check_duration(duration.unwrap_or(DEFAULT_DURATION))
                .map_err(|problem| ProfileProblem::field("expired_seconds", problem))?,
            policy: self.policy.0.clone(),
            external_id: self.external_id.0.clone(),
        };
        let region = self.sts_region.0.as_deref().map(str::parse).transpose();
        let endpoint = self.sts_endpoint.0.as_deref();
        let endpoint = endpoint.map(|text| Endpoint::parse(text, Protocol::Https));
        let sts = sts.of_profile(ProfileSts {
            region: region.map_err(|error| invalid("sts_region", error))?,
            endpoint: endpoint
                .transpose()
                .map_err(|error| invalid("sts_endpoint", error))?,
            vpc: self.enable_vpc.unwrap_or_default(),
        });
        Ok((role, sts))
    }

    fn oauth(&self) -> Result<Origin, ProfileProblem> {
        if let Some(keys) = self.signed_in_keys() {
            return Ok(Origin::Keys(keys));
        }
        let token = self.oauth_access_token.required("oauth_access_token")?;
        let site = self.oauth_site_type.required("oauth_site_type")?;
        let sign_in = SignIn::oauth(site, token).ok_or_else(|| {
            ProfileProblem::field("oauth_site_type", "is neither \"CN\" nor \"INTL\"")
        })?;
        self.sign_in_origin(sign_in, self.oauth_access_token_expire)
    }

    fn cloud_sso(&self) -> Result<Origin, ProfileProblem> {
        if let Some(keys) = self.signed_in_keys() {
            return Ok(Origin::Keys(keys));
        }
        let token = self.access_token.required("access_token")?;
        let url = self
            .cloud_sso_sign_in_url
            .required("cloud_sso_sign_in_url")?;
        let account = self.cloud_sso_account_id.required("cloud_sso_account_id")?;
        let access = self
            .cloud_sso_access_config
            .required("cloud_sso_access_config")?;
        let sign_in = SignIn::cloud_sso(url, account, access, token).ok_or_else(|| {
            ProfileProblem::field("cloud_sso_sign_in_url", "is no address with \"https://\"")
        })?;
        self.sign_in_origin(sign_in, self.cloud_sso_access_token_expire)
    }

    /// The keys that the CLI got for a sign-in, while they hold.
    fn signed_in_keys(&self) -> Option<Credentials> {
        Some(Credentials {
            expiration: Some(ahead(self.sts_expiration)?),
            access_key_id: self.access_key_id.0.clone()?,
            access_key_secret: self.access_key_secret.0.clone()?,
            security_token: Some(self.sts_token.0.clone()?),
        })
    }

    /// The exchange of an access token that expires at `end`, in seconds since 1970. An
    /// expired token is an error.
    fn sign_in_origin(&self, sign_in: SignIn, end: Option<i64>) -> Result<Origin, ProfileProblem> {
        ahead(end).ok_or(ProfileProblem::SignedOut(sign_in.kind()))?;
        Ok(Origin::SignIn(sign_in, self.name.clone()))
    }

    fn check_allowed(&self, environment: &Environment) -> Result<(), ProfileProblem> {
        if environment.is_on(EXTERNAL_PROCESS_DISABLED) {
            return Err(ProfileProblem::Forbidden {
                mode: self.mode().to_owned(),
                by: EXTERNAL_PROCESS_DISABLED,
            });
        }
        Ok(())
    }

    pub(crate) fn command(
        &self,
        environment: &Environment,
    ) -> Result<ExternalCommand, ProfileProblem> {
        self.check_allowed(environment)?;
        let line = self.process_command.required("process_command")?;
        ExternalCommand::parse(line).ok_or_else(|| {
            let problem = "is blank or has a quote that is not closed";
            ProfileProblem::field("process_command", problem)
        })
    }
}

fn invalid(field: &'static str, error: impl Display) -> ProfileProblem {
    ProfileProblem::field(field, format!("is invalid: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::profile::ProfileFile;

    #[test]
    fn a_profile_without_a_mode_is_what_its_fields_make_of_it() {
        for (fields, expected) in [
            ("", "AK"),
            (r#", "mode": "", "sts_token": "", "ram_role_arn": """#, "AK"),
            (r#", "sts_token": "", "ram_role_arn": "a""#, "RamRoleArn"),
            (r#", "sts_token": "t", "ram_role_arn": "a""#, "StsToken"),
            (r#", "mode": "EcsRamRole", "sts_token": "t""#, "EcsRamRole"),
            (
                r#", "process_command": "a", "access_key_id": "a""#,
                "External",
            ),
            (
                r#", "ram_role_name": "a", "access_key_id": "a""#,
                "EcsRamRole",
            ),
            (r#", "oidc_token_file": "a", "ram_role_arn": "a""#, "OIDC"),
            (
                r#", "cloud_sso_sign_in_url": "a", "sts_token": "a""#,
                "CloudSSO",
            ),
        ] {
            let content = format!(r#"{{"profiles": [{{"name": "a"{fields}}}]}}"#);
            let file = ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap();
            assert_eq!(file.named("a").unwrap().mode(), expected, "{fields}");
        }
    }
}
