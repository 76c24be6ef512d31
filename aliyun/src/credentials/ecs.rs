//! The RAM role of an ECS instance, from the instance's metadata service.

use std::time::Duration;

use reqsign_aliyun_oss::EcsRamRoleCredentialProvider;

use super::service::CredentialsService;
use super::{Credentials, Environment, Reason};
use crate::env::{IMDSV1_DISABLED, METADATA_DISABLED};
use crate::http::protocol::Protocol;

/// reqsign's variable for another address of the service than the usual one.
const ADDRESS: &str = "ALIBABA_CLOUD_ECS_METADATA_SERVICE_ENDPOINT";

/// Where the service is on every instance.
const USUAL_ADDRESS: &str = "http://100.100.100.200";

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
pub(crate) struct EcsRole<'a> {
    name: Option<String>,
    environment: &'a Environment,
    limit: Duration,
}

impl<'a> EcsRole<'a> {
    /// The role of this name or, without a name, the one that the instance has.
    pub(crate) fn new(name: Option<String>, environment: &'a Environment) -> Self {
        Self {
            name,
            environment,
            limit: LIMIT,
        }
    }

    /// The role that the instance has, if this is one.
    pub(crate) fn guess(environment: &'a Environment) -> Self {
        Self {
            limit: LIMIT_OF_A_GUESS,
            ..Self::new(None, environment)
        }
    }

    pub(crate) async fn credentials(&self) -> Result<Credentials, Reason> {
        if self.environment.is_on(METADATA_DISABLED) {
            return Err(Reason::TurnedOff {
                what: "the ECS metadata service",
                by: METADATA_DISABLED,
            });
        }
        let address = self.environment.get(ADDRESS);
        let address = address.unwrap_or_else(|| USUAL_ADDRESS.to_owned());
        // Parsed here: reqsign takes no word but "true".
        let provider = EcsRamRoleCredentialProvider::new()
            .with_endpoint(&address)
            .with_disable_imdsv1(self.environment.is_on(IMDSV1_DISABLED));
        let provider = match &self.name {
            Some(name) => provider.with_role_name(name),
            None => provider,
        };
        let service = CredentialsService {
            address,
            connect_timeout: CONNECT_TIMEOUT,
            limit: self.limit,
            // To a proxy, the address means its own instance.
            protocol: Protocol::Http,
            unusable: "answered, and not with the credentials of a RAM role",
        };
        let given = service.ask(&provider, self.environment).await?;
        // The provider gives none only if the service is turned off.
        given.ok_or_else(|| service.unusable())
    }
}
