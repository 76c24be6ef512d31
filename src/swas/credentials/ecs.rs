//! The RAM role of an ECS instance, from the instance's metadata service.

use std::time::Duration;

use reqsign_aliyun_oss::EcsRamRoleCredentialProvider;
use reqsign_core::{Context, ProvideCredential, Result};

use super::http::LocalHttp;
use super::uri::converted;
use super::{Credentials, Environment, Reason};

/// Turns the service off.
const DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";

/// reqsign's variable for another address of the service than the usual one.
const ADDRESS: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";

/// Where the service is on every instance.
const USUAL_ADDRESS: &str = "http://100.100.100.200";

/// The variable that names the role.
pub const ROLE_NAME: &str = "ALIBABA_CLOUD_ECS_METADATA";

/// The service is next to the instance: what takes longer is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a fetch may take in all where nobody said that this is an instance.
const LIMIT_OF_A_GUESS: Duration = Duration::from_secs(2);

/// How long it may take where somebody did.
const LIMIT: Duration = Duration::from_secs(10);

/// The RAM role of the instance.
///
/// The work is reqsign's, which knows no limit of time.
#[derive(Debug)]
pub(super) struct EcsRole {
    provider: EcsRamRoleCredentialProvider,
    environment: Environment,
    limit: Duration,
}

impl EcsRole {
    /// The role of this name or, without a name, the one that the instance has.
    pub(super) fn new(name: Option<String>, environment: &Environment) -> Self {
        let provider = EcsRamRoleCredentialProvider::new();
        Self {
            provider: match name {
                Some(name) => provider.with_role_name(name),
                None => provider,
            },
            environment: environment.clone(),
            limit: LIMIT,
        }
    }

    /// The role that the instance has, if this is one.
    pub(super) fn guess(environment: &Environment) -> Self {
        Self {
            limit: LIMIT_OF_A_GUESS,
            ..Self::new(None, environment)
        }
    }
}

impl ProvideCredential for EcsRole {
    type Credential = Credentials;

    async fn provide_credential(&self, context: &Context) -> Result<Option<Credentials>> {
        let address = self.environment.get(ADDRESS);
        let address = address.unwrap_or_else(|| USUAL_ADDRESS.to_owned());
        // Never through a proxy: to that, the address means its own instance.
        let http = LocalHttp::direct(CONNECT_TIMEOUT);
        let context = context.clone().with_http_send(http);
        let fetch = self.provider.provide_credential(&context);
        match tokio::time::timeout(self.limit, fetch).await {
            Ok(fetched) => match fetched.map_err(|error| named(&error, &address))? {
                Some(credential) => Ok(Some(converted(credential))),
                None => Err(Reason::TurnedOff(DISABLED).into()),
            },
            Err(_) => Err(Reason::Slow {
                address,
                limit: self.limit,
            }
            .into()),
        }
    }
}

/// reqsign's messages say what is wrong and not where, and may quote an answer.
fn named(error: &reqsign_core::Error, address: &str) -> Reason {
    match Reason::of(error) {
        Reason::Other(_) => Reason::Http {
            address: address.to_owned(),
            problem: "answered, and not with the credentials of a RAM role".to_owned(),
        },
        reason => reason,
    }
}
