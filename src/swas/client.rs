//! One call, from its parameters to its typed answer.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::access_key::Credentials;
use super::api_error::ErrorClass;
use super::credentials::{CredentialsCache, CredentialsError, Settings};
use super::endpoint::{Endpoint, Protocol};
use super::error::Failure;
use super::exchange::exchange;
use super::region::RegionId;
use super::request::{Attempt, Form};
use super::service::SWAS;
use super::signature::Parameters;
use super::transport::Transport;

/// Something that the SWAS API does.
pub trait Operation {
    /// The answer as it travels. What does not fit it is malformed.
    type Answer: DeserializeOwned;
    /// The part that matters.
    type Output;

    /// The API's name for it.
    const ACTION: &'static str;

    /// The region whose endpoint is called.
    fn region(&self) -> &RegionId;

    /// What is sent beside the parameters that every call has.
    fn parameters(&self) -> Parameters;

    /// Takes the part that matters.
    fn output(answer: Self::Answer) -> Self::Output;
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to sign with. Nothing was sent.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Call(CallError),
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{action} in {region} at {host}: {failure}")]
pub struct CallError {
    pub action: &'static str,
    pub region: RegionId,
    /// The host that was called, with its port unless it is the usual one.
    pub host: String,
    pub failure: Failure,
}

impl Error {
    /// What the API means by it, if it is the API that refused.
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Call(CallError {
                failure: Failure::Api(error),
                ..
            }) => Some(error.class()),
            _ => None,
        }
    }
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointRule {
    /// Every call goes here.
    Fixed(Endpoint),
    /// Each call goes to its region's own endpoint.
    OfRegion(Protocol),
}

impl EndpointRule {
    fn endpoint(&self, region: &RegionId) -> Endpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.clone(),
            Self::OfRegion(protocol) => Endpoint::of(&SWAS, Some(region), *protocol),
        }
    }
}

/// Calls the API. To be shared: connections and credentials are kept and used
/// again.
#[derive(Debug)]
pub struct Client {
    credentials: CredentialsCache<Settings>,
    endpoints: EndpointRule,
    transport: Arc<Transport>,
}

impl Client {
    /// A client that has not called yet.
    pub fn new(
        credentials: CredentialsCache<Settings>,
        endpoints: EndpointRule,
        transport: Arc<Transport>,
    ) -> Self {
        Self {
            credentials,
            endpoints,
            transport,
        }
    }

    /// Calls once, and once more with fresh credentials when the API says that
    /// those in use are no longer valid and there are others.
    ///
    /// # Errors
    ///
    /// When there are no credentials, when there is no answer, when it reports
    /// an error, or when it is not one that the operation can have.
    pub async fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        let answer = self.answer(operation).await;
        answer
            .map(O::output)
            .inspect_err(|error| tracing::debug!(%error, "call failed"))
    }

    async fn answer<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let endpoint = self.endpoints.endpoint(operation.region());
        let credentials = self.credentials.get().await?;
        let answer = self.attempt(operation, &endpoint, &credentials).await;
        let Err(error) = answer else { return answer };
        if error.class() != Some(ErrorClass::InvalidSecurityToken) {
            return Err(error);
        }
        let fresh = self.credentials.replace(&credentials).await?;
        if fresh.are_the_same_as(&credentials) {
            return Err(error);
        }
        tracing::debug!("the security token was refused: trying fresh credentials");
        self.attempt(operation, &endpoint, &fresh).await
    }

    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
        credentials: &Credentials,
    ) -> Result<O::Answer, Error> {
        let answer = async {
            let form = Form::signed(
                O::ACTION,
                &SWAS,
                operation.parameters(),
                credentials,
                &Attempt::now()?,
            );
            exchange(&self.transport, endpoint, &form).await
        };
        answer.await.map_err(|failure| {
            Error::Call(CallError {
                action: O::ACTION,
                region: operation.region().clone(),
                host: endpoint.host(),
                failure,
            })
        })
    }
}
