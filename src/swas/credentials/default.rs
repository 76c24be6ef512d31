//! Every place, in the order in which Alibaba Cloud's SDKs look, but for a
//! metadata service that nobody has named: it comes last.

use std::future::ready;

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

/// The places where somebody who says nothing may have put credentials.
///
/// A place that holds nothing is passed over. One that holds something which
/// cannot be used is an error: the next place may be somebody else's.
pub(super) struct Search<'a> {
    pub(super) profile: &'a ProfilePlace,
    pub(super) environment: &'a Environment,
    pub(super) sts: &'a Sts,
}

/// Why a place gives nothing, and whether that ends the search.
enum Miss {
    PassedOver(Reason),
    Unusable(Reason),
}

impl From<Reason> for Miss {
    fn from(reason: Reason) -> Self {
        if reason.is_absence() {
            Self::PassedOver(reason)
        } else {
            Self::Unusable(reason)
        }
    }
}

impl Search<'_> {
    pub(super) async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let keys = self.environment.keys().map_err(Miss::from);
        let mut places = vec![
            (Place::Environment, ready(keys).boxed()),
            (Place::Oidc, self.oidc().boxed()),
            (Place::Profile, self.cli_profile().boxed()),
            (Place::IniFile, self.ini_files().boxed()),
        ];
        // Where somebody named a profile, one of the two files has it, or it
        // cannot be had.
        if !self.profile.names_a_profile() {
            let ecs_role = (Place::EcsRole, self.ecs_role().boxed());
            let uri = (Place::Uri, self.uri().boxed());
            // What somebody set goes before what is only a guess.
            places.extend(match self.environment.get(ROLE_NAME) {
                Some(_) => [ecs_role, uri],
                None => [uri, ecs_role],
            });
        }
        let mut passed_over = Vec::new();
        for (place, credentials) in places {
            match credentials.await {
                Ok(credentials) => {
                    tracing::debug!(%place, "found credentials");
                    return Ok(credentials);
                }
                Err(Miss::Unusable(reason)) => {
                    return Err(CredentialsError::Unusable { place, reason });
                }
                Err(Miss::PassedOver(reason)) => {
                    tracing::debug!(%place, %reason, "no credentials");
                    passed_over.push((place, reason));
                }
            }
        }
        Err(CredentialsError::NothingFound {
            looked: passed_over,
            renamed: renamed::of_credentials(self.environment),
        })
    }

    async fn oidc(&self) -> Result<Credentials, Miss> {
        let role = OidcRole::of_environment(self.environment)?;
        Ok(role.credentials(self.sts).await?)
    }

    async fn cli_profile(&self) -> Result<Credentials, Miss> {
        let given = way::credentials(self.profile, self.sts).await;
        given.map_err(|reason| {
            let is_named = self.profile.names_a_profile();
            let has_nothing = match &reason {
                // The other file may have it.
                Reason::NoProfile { .. } => is_named,
                // As the CLI leaves it before anything is configured.
                Reason::Profile {
                    problem: ProfileProblem::NoField("access_key_id"),
                    ..
                } => !is_named,
                reason => reason.is_absence(),
            };
            // A file that somebody named has to hold something.
            if has_nothing && !self.profile.names_a_file() {
                Miss::PassedOver(reason)
            } else {
                Miss::Unusable(reason)
            }
        })
    }

    async fn ini_files(&self) -> Result<Credentials, Miss> {
        let mut first = None;
        for file in INI_FILES {
            let profile = self.profile.in_file(file);
            match way::credentials(&profile, self.sts).await {
                Err(reason)
                    if reason.is_absence() || matches!(reason, Reason::NoProfile { .. }) =>
                {
                    first.get_or_insert(reason);
                }
                given => return Ok(given?),
            }
        }
        // There is at least one file in the list.
        Err(Miss::PassedOver(
            first.unwrap_or(Reason::NotSet("there is none")),
        ))
    }

    async fn ecs_role(&self) -> Result<Credentials, Miss> {
        if let Some(name) = self.environment.get(ROLE_NAME) {
            let role = EcsRole::new(Some(name), self.environment);
            role.credentials().await.map_err(Miss::Unusable)
        } else {
            // Nobody said that this is an ECS instance.
            let role = EcsRole::guess(self.environment);
            role.credentials().await.map_err(Miss::PassedOver)
        }
    }

    async fn uri(&self) -> Result<Credentials, Miss> {
        let uri = self.environment.get(URI);
        let uri = uri.ok_or(Reason::NotSet("ALIBABA_CLOUD_CREDENTIALS_URI is not set"))?;
        let uri: CredentialsUri = uri
            .parse()
            .map_err(|error| Miss::Unusable(Reason::from(error)))?;
        uri.credentials().await.map_err(Miss::Unusable)
    }
}
