//! One call, from its parameters to its typed answer.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::credentials::{Credentials, CredentialsCache};
use super::endpoint::{Endpoint, Protocol};
use super::error::{Error, ErrorKind};
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
    credentials: CredentialsCache,
    endpoints: EndpointRule,
    transport: Arc<Transport>,
}

impl Client {
    /// A client that has not called yet.
    #[must_use]
    pub fn new(
        credentials: CredentialsCache,
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
        let endpoint = self.endpoints.endpoint(operation.region());
        let answer = self.answer(operation, &endpoint).await;
        answer.map(O::output).map_err(|kind| {
            let error = Error {
                action: O::ACTION,
                region: operation.region().clone(),
                host: endpoint.host(),
                kind,
            };
            tracing::debug!(%error, "call failed");
            error
        })
    }

    async fn answer<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
    ) -> Result<O::Answer, ErrorKind> {
        let credentials = self.credentials.get().await?;
        let answer = self.attempt(operation, endpoint, &credentials).await;
        let Err(kind) = answer else { return answer };
        if !kind.is_invalid_security_token() {
            return Err(kind);
        }
        let fresh = self.credentials.replace(&credentials).await?;
        if fresh.are_the_same_as(&credentials) {
            return Err(kind);
        }
        tracing::debug!("the security token was refused: trying fresh credentials");
        self.attempt(operation, endpoint, &fresh).await
    }

    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
        credentials: &Credentials,
    ) -> Result<O::Answer, ErrorKind> {
        let form = Form::signed(
            O::ACTION,
            &SWAS,
            operation.parameters(),
            credentials,
            &Attempt::now()?,
        );
        exchange(&self.transport, endpoint, &form).await
    }
}
