//! What each mode of a profile means.
//!
//! The modes and their fields are those of the Alibaba Cloud CLI's page
//! "Configure profiles" and of the files that it writes.

use super::ecs::EcsRole;
use super::external::ExternalCommand;
use super::oidc::{OidcRole, OidcToken};
use super::profile::{Field, Profile, ProfileFile, ProfilePlace};
use super::sts::{self, DEFAULT_DURATION, DEFAULT_SESSION_NAME, Role, Sts};
use super::uri::{CredentialsUri, URI};
use super::{Credentials, Environment, ProfileProblem, Reason, expiration};
use crate::swas::json::{self, Unreadable};

/// A profile whose role is assumed with what another profile gives.
const CHAINED: &str = "ChainableRamRoleArn";

/// A profile that a command prints.
const EXTERNAL: &str = "External";

/// The most roles that are assumed one after the other for one profile.
const LONGEST_CHAIN: usize = 32;

/// The credentials of a profile. The file is read each time: others may have
/// changed it.
pub(super) async fn credentials(place: &ProfilePlace, sts: &Sts) -> Result<Credentials, Reason> {
    let file = place.read().await?;
    let way = Way::of(file.profile(place)?, &file, place.environment(), sts).await?;
    way.credentials(place.environment()).await
}

/// What gives credentials without the help of another profile.
enum Origin {
    Keys(Credentials),
    /// The RAM role of the instance, by its name if that is known.
    EcsRole(Option<String>),
    Oidc(OidcRole, Sts),
    Uri(CredentialsUri),
}

/// The way to the credentials of a profile.
pub(super) struct Way {
    origin: Origin,
    /// The roles to assume, in this order.
    roles: Vec<(Role, Sts)>,
}

impl Way {
    pub(super) async fn of(
        profile: &Profile,
        file: &ProfileFile,
        environment: &Environment,
        sts: &Sts,
    ) -> Result<Self, Reason> {
        let (first, chain) = chain(profile, file)?;
        let mut way = if first.mode() == EXTERNAL {
            let command = first
                .command()
                .map_err(|problem| file.without(first, problem))?;
            let output = command.output().await?;
            let printed = Self::printed(&output, environment, sts);
            printed.map_err(|problem| command.failed(problem))?
        } else {
            first
                .way(environment, sts)
                .map_err(|problem| file.without(first, problem))?
        };
        for profile in chain {
            let role = profile.role_and_sts(sts);
            way.roles
                .push(role.map_err(|problem| file.without(profile, problem))?);
        }
        Ok(way)
    }

    /// The way that an external command printed as a profile, or what is wrong
    /// with it, as the end of a sentence.
    fn printed(output: &[u8], environment: &Environment, sts: &Sts) -> Result<Self, String> {
        let profile: Profile = json::read(output).map_err(|error| match error {
            Unreadable::NotJson { .. } => "printed something that is not JSON".to_owned(),
            Unreadable::Unexpected(reason) => {
                format!("printed something that is no profile: {reason}")
            }
        })?;
        profile
            .way(environment, sts)
            .map_err(|problem| match problem {
                ProfileProblem::NoField(field) => format!("printed no {field:?}"),
                ProfileProblem::Mode(mode) => {
                    format!("printed a profile of the mode {mode:?}, which is not supported")
                }
                ProfileProblem::Field { field, problem } => {
                    format!("printed {field:?}, which {problem}")
                }
                ProfileProblem::Cycle | ProfileProblem::LongChain(_) => {
                    "printed a profile that needs others".to_owned()
                }
            })
    }

    async fn credentials(self, environment: &Environment) -> Result<Credentials, Reason> {
        let mut credentials = match self.origin {
            Origin::Keys(keys) => keys,
            Origin::EcsRole(name) => EcsRole::new(name, environment).credentials().await?,
            Origin::Oidc(role, sts) => role.credentials(&sts).await?,
            Origin::Uri(uri) => uri.credentials().await?,
        };
        for (role, sts) in self.roles {
            credentials = sts.assume_role(&role, &credentials).await?;
        }
        Ok(credentials)
    }
}

/// The profile at the beginning of the chain that leads to this one, and those
/// that are assumed from there on, in this order.
fn chain<'a>(
    last: &'a Profile,
    file: &'a ProfileFile,
) -> Result<(&'a Profile, Vec<&'a Profile>), Reason> {
    let mut chain: Vec<&Profile> = Vec::new();
    let mut profile = last;
    while profile.mode() == CHAINED {
        if chain.iter().any(|above| above.name == profile.name) {
            return Err(file.without(profile, ProfileProblem::Cycle));
        }
        if chain.len() == LONGEST_CHAIN {
            return Err(file.without(last, ProfileProblem::LongChain(LONGEST_CHAIN)));
        }
        let source = required("source_profile", &profile.source_profile);
        let source = source.map_err(|problem| file.without(profile, problem))?;
        chain.push(profile);
        profile = file.named(source)?;
    }
    chain.reverse();
    Ok((profile, chain))
}

impl Profile {
    /// The way of a profile that stands for itself.
    fn way(&self, environment: &Environment, sts: &Sts) -> Result<Way, ProfileProblem> {
        let origin = match self.mode() {
            "AK" => Origin::Keys(Credentials {
                security_token: None,
                ..self.keys()?
            }),
            "StsToken" => {
                required("sts_token", &self.sts_token)?;
                Origin::Keys(self.keys()?)
            }
            "RamRoleArn" => {
                return Ok(Way {
                    origin: Origin::Keys(self.keys()?),
                    roles: vec![self.role_and_sts(sts)?],
                });
            }
            "EcsRamRole" => Origin::EcsRole(self.ram_role_name.0.clone()),
            "OIDC" => {
                let token_file = required("oidc_token_file", &self.oidc_token_file)?;
                let provider_arn = required("oidc_provider_arn", &self.oidc_provider_arn)?;
                let (role, sts) = self.role_and_sts(sts)?;
                let role = OidcRole {
                    provider_arn: provider_arn.clone(),
                    role,
                    token: OidcToken::in_file(token_file, environment),
                };
                Origin::Oidc(role, sts)
            }
            "CredentialsURI" => {
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

    /// A profile that names no mode is what its fields make of it.
    fn mode(&self) -> &str {
        match &self.mode.0 {
            Some(mode) => mode,
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
            access_key_id: required("access_key_id", &self.access_key_id)?.clone(),
            access_key_secret: required("access_key_secret", &self.access_key_secret)?.clone(),
            security_token: self.sts_token.0.clone(),
            expiration: end.transpose()?,
        })
    }

    fn role_and_sts(&self, sts: &Sts) -> Result<(Role, Sts), ProfileProblem> {
        let arn = required("ram_role_arn", &self.ram_role_arn)?.clone();
        let session_name = self.ram_session_name.0.clone();
        // The CLI writes 0 where nothing has been set.
        let duration = self.expired_seconds.filter(|seconds| *seconds != 0);
        let role = Role {
            arn,
            session_name: session_name.unwrap_or_else(|| DEFAULT_SESSION_NAME.to_owned()),
            duration: sts::check_duration(duration.unwrap_or(DEFAULT_DURATION))
                .map_err(|problem| ProfileProblem::field("expired_seconds", problem))?,
            policy: self.policy.0.clone(),
            external_id: self.external_id.0.clone(),
        };
        let region = self.sts_region.0.as_deref().map(str::parse).transpose();
        let region = region
            .map_err(|error| ProfileProblem::field("sts_region", format!("is invalid: {error}")))?;
        Ok((role, sts.in_region(region)))
    }

    fn command(&self) -> Result<ExternalCommand, ProfileProblem> {
        let line = required("process_command", &self.process_command)?;
        ExternalCommand::parse(line).ok_or_else(|| {
            let problem = "is blank or has a quote that is not closed";
            ProfileProblem::field("process_command", problem)
        })
    }
}

fn required<'a, T>(name: &'static str, field: &'a Field<T>) -> Result<&'a T, ProfileProblem> {
    field.0.as_ref().ok_or(ProfileProblem::NoField(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(profiles: &str) -> ProfileFile {
        let content = format!(r#"{{"profiles": [{profiles}]}}"#);
        ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap()
    }

    #[test]
    fn a_profile_without_a_mode_is_what_its_fields_make_of_it() {
        for (fields, expected) in [
            ("", "AK"),
            (r#", "mode": "", "sts_token": "", "ram_role_arn": """#, "AK"),
            (r#", "sts_token": "", "ram_role_arn": "a""#, "RamRoleArn"),
            (r#", "sts_token": "t", "ram_role_arn": "a""#, "StsToken"),
            (r#", "mode": "EcsRamRole", "sts_token": "t""#, "EcsRamRole"),
        ] {
            let file = file(&format!(r#"{{"name": "a"{fields}}}"#));
            assert_eq!(file.named("a").unwrap().mode(), expected, "{fields}");
        }
    }

    #[test]
    fn a_chain_has_a_limit() {
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
        let chain_from = |number: usize| chain(file.named(&number.to_string())?, &file);

        let (first, links) = chain_from(length - LONGEST_CHAIN).unwrap();
        assert_eq!(first.name, length.to_string());
        let last = links.last().map(|profile| profile.name.clone());
        assert_eq!(last, Some((length - LONGEST_CHAIN).to_string()));

        let error = chain_from(0).err().unwrap().to_string();
        assert_eq!(
            error,
            "the profile \"0\" of config.json has a chain of more than 32 sources"
        );
    }
}
