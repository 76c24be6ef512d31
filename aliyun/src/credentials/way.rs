//! The way to the credentials of a profile, which may lead through others.

use std::time::Duration;

use super::ecs::EcsRole;
use super::oidc::OidcRole;
use super::profile::{Profile, ProfileFile, ProfilePlace};
use super::sign_in::SignIn;
use super::sts::{Role, Sts};
use super::uri::CredentialsUri;
use super::{Credentials, Environment, ProfileProblem, Reason};
use crate::rpc::json::{self, Unreadable};

/// A profile whose role is assumed with what another profile gives.
const CHAINED: &str = "ChainableRamRoleArn";

/// A profile that a command prints.
const EXTERNAL: &str = "External";

/// The most roles that are assumed one after the other for one profile.
const LONGEST_CHAIN: usize = 32;

/// The credentials of a profile. The file is read each time: others may have
/// changed it.
pub(crate) async fn credentials(place: &ProfilePlace, sts: &Sts) -> Result<Credentials, Reason> {
    let file = place.read().await?;
    of_profile(file.profile(place)?, &file, place.environment(), sts).await
}

/// The credentials of a profile of this file.
pub(crate) async fn of_profile(
    profile: &Profile,
    file: &ProfileFile,
    environment: &Environment,
    sts: &Sts,
) -> Result<Credentials, Reason> {
    let way = Way::of(profile, file, environment, sts).await?;
    let credentials = way.credentials(environment, sts.limit).await;
    credentials.map_err(|failure| file.failed(profile, failure))
}

/// What gives credentials without the help of another profile.
pub(crate) enum Origin {
    Keys(Credentials),
    /// The RAM role of the instance, by its name if that is known.
    EcsRole(Option<String>),
    Oidc(OidcRole, Sts),
    Uri(CredentialsUri),
    /// A sign-in, and the profile that keeps it.
    SignIn(SignIn, String),
}

/// The way to the credentials of a profile.
pub(crate) struct Way {
    pub(crate) origin: Origin,
    /// The roles to assume, in this order.
    pub(crate) roles: Vec<(Role, Sts)>,
}

impl Way {
    pub(crate) async fn of(
        profile: &Profile,
        file: &ProfileFile,
        environment: &Environment,
        sts: &Sts,
    ) -> Result<Self, Reason> {
        let (first, chain) = chain(profile, file)?;
        let mut way = if first.mode() == EXTERNAL {
            let command = first
                .command(environment)
                .map_err(|problem| file.without(first, problem))?;
            let printed = match command.output().await {
                Ok(output) => Self::printed(&output, environment, sts)
                    .map_err(|problem| command.failed(problem)),
                Err(failure) => Err(failure),
            };
            printed.map_err(|failure| file.failed(first, failure))?
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
                ProfileProblem::Forbidden { mode, by } => {
                    format!("printed a profile of the mode {mode:?}, which {by} forbids")
                }
                ProfileProblem::Disabled => "printed a profile that is disabled".to_owned(),
                ProfileProblem::SignedOut(_) => "printed a sign-in that has expired".to_owned(),
                ProfileProblem::Duplicate
                | ProfileProblem::Cycle
                | ProfileProblem::LongChain(_) => "printed a profile that needs others".to_owned(),
            })
    }

    /// `limit` is how long a sign-in may go on being exchanged.
    async fn credentials(
        self,
        environment: &Environment,
        limit: Duration,
    ) -> Result<Credentials, Reason> {
        let mut credentials = match self.origin {
            Origin::Keys(keys) => keys,
            Origin::EcsRole(name) => EcsRole::new(name, environment).credentials().await?,
            Origin::Oidc(role, sts) => role.credentials(&sts).await?,
            Origin::Uri(uri) => uri.credentials(environment).await?,
            Origin::SignIn(sign_in, profile) => {
                let exchanged = sign_in.credentials(limit).await;
                exchanged.map_err(|reason| Reason::SignIn {
                    kind: sign_in.kind(),
                    profile,
                    failure: Box::new(reason),
                })?
            }
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
        let source = profile.source_profile.required("source_profile");
        let source = source.map_err(|problem| file.without(profile, problem))?;
        chain.push(profile);
        profile = file.named(source)?;
    }
    chain.reverse();
    Ok((profile, chain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(profiles: &str) -> ProfileFile {
        let content = format!(r#"{{"profiles": [{profiles}]}}"#);
        ProfileFile::parse("config.json".into(), content.as_bytes()).unwrap()
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
