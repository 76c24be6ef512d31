//! Every place, in the order in which Alibaba Cloud's SDKs look.

use reqsign_core::Context;

use super::ecs::{EcsRole, ROLE_NAME};
use super::environment::EnvironmentKeys;
use super::oidc::{Oidc, OidcRole};
use super::profile::{ProfileCredentials, ProfilePlace, Tools};
use super::sources::give;
use super::uri::{CredentialsUri, URI};
use super::{Credentials, CredentialsError, Place, Reason};

/// Where the SDKs keep their INI file: those for Java and Python, and that for
/// Go.
const INI_FILES: [&str; 2] = [
    "~/.alibabacloud/credentials.ini",
    "~/.alibabacloud/credentials",
];

/// The places where somebody who says nothing may have put credentials.
///
/// A place that holds nothing is passed over. One that holds something which
/// cannot be used is an error: the next place may be somebody else's.
pub(super) struct Default<'a> {
    pub(super) place: &'a ProfilePlace,
    pub(super) tools: Tools,
}

/// What a place gave, or why not, and whether that ends the search.
enum Look {
    Found(Credentials),
    Nothing(Reason),
    Unusable(Reason),
}

impl From<Result<Credentials, Reason>> for Look {
    fn from(given: Result<Credentials, Reason>) -> Self {
        match given {
            Ok(credentials) => Self::Found(credentials),
            Err(reason) if reason.is_absence() => Self::Nothing(reason),
            Err(reason) => Self::Unusable(reason),
        }
    }
}

impl Look {
    /// The same, where somebody named the place: having nothing is an error.
    fn named(self) -> Self {
        match self {
            Self::Nothing(reason) => Self::Unusable(reason),
            other => other,
        }
    }

    /// The same, where nobody did: having nothing that can be used is no error.
    fn guessed(self) -> Self {
        match self {
            Self::Unusable(reason) => Self::Nothing(reason),
            other => other,
        }
    }
}

impl Default<'_> {
    pub(super) async fn look(self, context: &Context) -> Result<Credentials, CredentialsError> {
        let mut looked = Vec::new();
        for place in [
            Place::Environment,
            Place::Oidc,
            Place::Profile,
            Place::IniFile,
            Place::EcsRole,
            Place::Uri,
        ] {
            if place == Place::EcsRole && self.place.names_a_profile() {
                // Neither file has the profile that somebody named.
                break;
            }
            match self.look_at(place, context).await {
                Look::Found(credentials) => {
                    tracing::debug!(%place, "found credentials");
                    return Ok(credentials);
                }
                Look::Unusable(reason) => {
                    return Err(CredentialsError::Unusable { place, reason });
                }
                Look::Nothing(reason) => {
                    tracing::debug!(%place, %reason, "no credentials");
                    looked.push((place, reason));
                }
            }
        }
        Err(CredentialsError::NothingFound(looked))
    }

    async fn look_at(&self, place: Place, context: &Context) -> Look {
        let environment = &self.tools.environment;
        match place {
            Place::Environment => give(&EnvironmentKeys(environment.clone()), context)
                .await
                .into(),
            Place::Oidc => match OidcRole::of_environment(environment) {
                Ok(role) => {
                    let sts = self.tools.sts.clone();
                    give(&Oidc { role, sts }, context).await.into()
                }
                Err(reason) => Err(reason).into(),
            },
            Place::Profile => self.profile(self.place.clone(), context).await,
            Place::IniFile => self.ini_files(context).await,
            Place::EcsRole => {
                if let Some(name) = environment.get(ROLE_NAME) {
                    let role = EcsRole::new(Some(name), environment);
                    Look::from(give(&role, context).await).named()
                } else {
                    let role = EcsRole::guess(environment);
                    Look::from(give(&role, context).await).guessed()
                }
            }
            Place::Uri => match environment.get(URI) {
                Some(uri) => Look::from(give(&CredentialsUri(uri), context).await).named(),
                None => Look::Nothing(Reason::NotSet("ALIBABA_CLOUD_CREDENTIALS_URI is not set")),
            },
            // Nobody looks for these.
            Place::AssumedRole => Look::Nothing(Reason::NotSet("it is not set")),
        }
    }

    async fn profile(&self, place: ProfilePlace, context: &Context) -> Look {
        let is_named = place.names_a_file();
        let profile_is_named = place.names_a_profile();
        let profile = ProfileCredentials {
            place,
            tools: self.tools.clone(),
        };
        let look = match give(&profile, context).await {
            // The other file may have it.
            Err(reason @ Reason::NoProfile { .. }) if profile_is_named => Look::Nothing(reason),
            // As the CLI leaves it before anything is configured.
            Err(
                reason @ Reason::NoField {
                    field: "access_key_id",
                    ..
                },
            ) if !profile_is_named => Look::Nothing(reason),
            given => given.into(),
        };
        if is_named { look.named() } else { look }
    }

    async fn ini_files(&self, context: &Context) -> Look {
        let mut nothing = None;
        for file in INI_FILES {
            let profile = ProfileCredentials {
                place: self.place.in_file(file),
                tools: self.tools.clone(),
            };
            match give(&profile, context).await {
                Err(reason)
                    if reason.is_absence() || matches!(reason, Reason::NoProfile { .. }) =>
                {
                    nothing.get_or_insert(reason);
                }
                given => return given.into(),
            }
        }
        // There is at least one file in the list.
        Look::Nothing(nothing.unwrap_or(Reason::NotSet("there is none")))
    }
}
