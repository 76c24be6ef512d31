//! The default credential chain: every source in the order of Alibaba Cloud's SDKs,
//! but for a metadata service that is only probed, which comes last.

use std::future::ready;
use std::sync::OnceLock;

use futures_util::FutureExt;

use super::ecs::EcsRole;
use super::oidc::OidcRole;
use super::profile::ProfilePlace;
use super::sts::Sts;
use super::uri::{CredentialsUri, URI};
use super::variables::{ACCESS_KEY_ID, ROLE_NAME, SECURITY_TOKEN};
use super::way;
use super::{
    Credentials, CredentialsError, Environment, Place, ProfileProblem, Reason, Renamed, oidc,
    renamed,
};

/// Where the SDKs keep their INI file: those for Java and Python, and that for
/// Go.
const INI_FILES: [&str; 2] = [
    "~/.alibabacloud/credentials.ini",
    "~/.alibabacloud/credentials",
];

/// What is set under old names and would be used under its new one where nobody
/// names a source of credentials: nothing for a place behind one that is named.
pub fn set_under_old_names(profile: &ProfilePlace, environment: &Environment) -> Vec<Renamed> {
    if environment.has_keys() {
        // A token goes with the key beside it, and half a key is an error that tells
        // the rest.
        let is_elsewhere = renamed::is_set(ACCESS_KEY_ID, environment);
        return if is_elsewhere || environment.keys().is_err() {
            Vec::new()
        } else {
            renamed::instead_of_variables(&[SECURITY_TOKEN], environment)
        };
    }
    let is_named = [
        false,
        oidc::is_in(environment),
        profile.names_a_profile() || profile.names_a_file(),
        false,
    ];
    let behind = is_named.iter().position(|is_named| *is_named);
    let last = behind.unwrap_or(renamed::PLACES.len() - 1);
    let places = renamed::PLACES.get(..=last).unwrap_or(&renamed::PLACES);
    renamed::instead_of_variables(&places.concat(), environment)
}

/// The sources that are tried when the provider block names none.
///
/// A configured source gives credentials or is an error: the next one may be another
/// identity. Each source decides on its own settings alone whether it is configured.
pub(crate) struct Search<'a> {
    pub(crate) profile: &'a ProfilePlace,
    /// The source that gave the first credentials. A refresh asks it alone: another one
    /// may have another identity.
    pub(crate) chosen: &'a OnceLock<usize>,
    pub(crate) environment: &'a Environment,
    pub(crate) sts: &'a Sts,
}

/// What a source without an error has.
enum Found {
    Credentials(Credentials),
    /// Nothing is configured: the next source is tried.
    Unconfigured(Reason),
}

impl Search<'_> {
    pub(crate) async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let [ini_file, other_ini_file] = INI_FILES.map(|file| self.profile.in_file(file));
        let mut sources = vec![
            (Place::Environment, ready(self.keys()).boxed()),
            (Place::Oidc, self.oidc().boxed()),
            (Place::Profile, self.cli_profile().boxed()),
            (Place::IniFile, self.profile_in(&ini_file).boxed()),
            (Place::IniFile, self.profile_in(&other_ini_file).boxed()),
        ];
        // A profile that is named is in one of the files, or there are no credentials.
        if !self.profile.names_a_profile() {
            let ecs_role = (Place::EcsRole, self.ecs_role().boxed());
            let uri = (Place::Uri, self.uri().boxed());
            // A variable goes before the metadata service that is only probed.
            sources.extend(match self.environment.get(ROLE_NAME) {
                Some(_) => [ecs_role, uri],
                None => [uri, ecs_role],
            });
        }
        let mut unconfigured = Vec::new();
        let chosen = self.chosen.get().copied();
        for (number, (place, found)) in sources.into_iter().enumerate() {
            if chosen.is_some_and(|chosen| chosen != number) {
                continue;
            }
            match found.await {
                Ok(Found::Credentials(credentials)) => {
                    tracing::debug!(%place, "found credentials");
                    self.chosen.get_or_init(|| number);
                    return Ok(credentials);
                }
                Ok(Found::Unconfigured(reason)) if chosen.is_some() => {
                    return Err(CredentialsError::Unusable { place, reason });
                }
                Ok(Found::Unconfigured(reason)) => {
                    tracing::debug!(%place, %reason, "no credentials");
                    unconfigured.push((place, reason));
                }
                Err(reason) => return Err(CredentialsError::Unusable { place, reason }),
            }
        }
        Err(CredentialsError::NothingFound {
            looked: unconfigured,
            renamed: renamed::of_credentials(self.environment),
        })
    }

    fn keys(&self) -> Result<Found, Reason> {
        Ok(match self.environment.keys()? {
            Some(keys) => Found::Credentials(keys),
            None => Found::Unconfigured(Reason::NotSet(
                "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set",
            )),
        })
    }

    async fn oidc(&self) -> Result<Found, Reason> {
        Ok(
            match OidcRole::of_environment(self.environment, self.sts)? {
                Some(role) => Found::Credentials(role.credentials(self.sts).await?),
                None => Found::Unconfigured(Reason::NotSet(
                    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set",
                )),
            },
        )
    }

    async fn cli_profile(&self) -> Result<Found, Reason> {
        match self.profile_in(self.profile).await? {
            // A variable that names a file is set.
            Found::Unconfigured(reason) if self.profile.names_a_file() => Err(reason),
            found => Ok(found),
        }
    }

    async fn profile_in(&self, place: &ProfilePlace) -> Result<Found, Reason> {
        let is_named = place.names_a_profile();
        let file = match place.read().await {
            Ok(file) => file,
            Err(reason @ (Reason::TurnedOff { .. } | Reason::NoHome(_) | Reason::NoFile(_))) => {
                return Ok(Found::Unconfigured(reason));
            }
            Err(reason) => return Err(reason),
        };
        let profile = match file.profile(place) {
            Ok(profile) => profile,
            Err(
                reason @ Reason::Profile {
                    problem: ProfileProblem::Disabled,
                    ..
                },
            ) => return Ok(Found::Unconfigured(reason)),
            // The other files may have a profile that is named.
            Err(reason @ Reason::NoProfile { .. }) if is_named || !file.is_configured() => {
                return Ok(Found::Unconfigured(reason));
            }
            Err(reason) => return Err(reason),
        };
        if !is_named && !profile.is_configured() {
            let problem = ProfileProblem::NoField("access_key_id");
            return Ok(Found::Unconfigured(file.without(profile, problem)));
        }
        let credentials = way::of_profile(profile, &file, self.environment, self.sts).await;
        credentials.map(Found::Credentials)
    }

    async fn ecs_role(&self) -> Result<Found, Reason> {
        if let Some(name) = self.environment.get(ROLE_NAME) {
            let role = EcsRole::new(Some(name), self.environment);
            role.credentials().await.map(Found::Credentials)
        } else {
            // No setting says that this is an ECS instance.
            let role = EcsRole::guess(self.environment);
            let credentials = role.credentials().await.map(Found::Credentials);
            Ok(credentials.unwrap_or_else(Found::Unconfigured))
        }
    }

    async fn uri(&self) -> Result<Found, Reason> {
        let Some(uri) = self.environment.get(URI) else {
            let reason = Reason::NotSet("ALIBABA_CLOUD_CREDENTIALS_URI is not set");
            return Ok(Found::Unconfigured(reason));
        };
        let uri: CredentialsUri = uri.parse()?;
        uri.credentials(self.environment)
            .await
            .map(Found::Credentials)
    }
}
