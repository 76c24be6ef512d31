//! One call, from its parameters to its typed answer or to what went wrong.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::access_key::Credentials;
use crate::credentials::{CredentialsCache, CredentialsError, Settings};
use crate::http::protocol::Protocol;
use crate::rpc::api_error::ErrorClass;
use crate::rpc::call_log::{About, CallInfo, CallLog};
use crate::rpc::endpoint::{Endpoint, RegionalEndpoint};
use crate::rpc::error::{Changed, Failed, Failure};
use crate::rpc::exchange::exchange;
use crate::rpc::region::RegionId;
use crate::rpc::request::{Attempt, Form};
use crate::rpc::retry::Retry;
use crate::rpc::service::Service;
use crate::rpc::signature::Parameters;
use crate::rpc::transport::Transport;

/// Something that an API does.
pub trait Operation: Sync + 'static {
    /// The answer as it travels. What does not fit it is malformed.
    type Answer: DeserializeOwned + Send + 'static;
    /// The part that matters.
    type Output: Send + 'static;

    /// The API's name for it.
    const ACTION: &'static str;

    /// The region whose endpoint is called.
    fn region(&self) -> &RegionId;

    /// What is sent beside the parameters that every call has.
    fn parameters(&self) -> Parameters;

    /// Takes the part that matters. What takes long, such as putting in order, is
    /// done here: of a long answer, on a thread of its own.
    fn output(answer: Self::Answer) -> Self::Output;

    /// Looks whether that is all that was asked for, and no more than is kept.
    ///
    /// # Errors
    ///
    /// What is wrong, as a sentence that speaks of the answer as "it".
    fn check(&self, _: &Self::Output) -> Result<(), String> {
        Ok(())
    }
}

/// Why there is no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to sign with. Nothing was sent.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Call(Box<CallError>),
}

/// A call that failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{action} in {region} at {host}: {failure}")]
pub struct CallError {
    pub action: &'static str,
    pub region: RegionId,
    /// The host that was called, with its port unless it is the usual one.
    pub host: String,
    pub failure: Failure,
    /// The milliseconds that the answer told to wait, which may be zero or less.
    pub told_wait: Option<i64>,
    /// How it was tried before that.
    pub tried: Tried,
}

/// How a call was tried.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// How often, the last time included. Not at all where the API had refused
    /// other calls, and it would have taken too long to wait.
    pub attempts: u32,
    /// For how long.
    pub time: Duration,
    /// What came back before, first one first, up to a number.
    pub earlier: Vec<Failure>,
    /// The wait before the next attempt, if it is longer than a read may take.
    pub too_long: Option<Duration>,
}

impl Error {
    /// What may be done about it.
    pub fn retry(&self) -> Retry {
        match self {
            // Whatever passes has been tried again where they come from.
            Self::Credentials(_) => Retry::Never,
            Self::Call(call) => call.failure.retry(call.told_wait),
        }
    }

    /// What the API means by it, if it is the API that refused.
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Call(call) => match &call.failure {
                Failure::Api(error) => Some(error.class()),
                _ => None,
            },
            Self::Credentials(_) => None,
        }
    }
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointRule {
    /// Every call goes here.
    Fixed(Endpoint),
    /// Each call goes to the address that is given for its region.
    Regional(RegionalEndpoint),
    /// Each call goes to its region's own endpoint.
    OfRegion(Protocol),
}

impl EndpointRule {
    fn endpoint(&self, service: &Service, region: &RegionId) -> Endpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.clone(),
            Self::Regional(endpoint) => endpoint.of(region),
            Self::OfRegion(protocol) => Endpoint::of(service, Some(region), *protocol),
        }
    }
}

/// Makes calls, each once. Connections and credentials are kept and used again.
#[derive(Debug)]
pub struct Calls {
    service: Service,
    credentials: CredentialsCache<Settings>,
    endpoints: EndpointRule,
    transport: Arc<Transport>,
}

impl Calls {
    /// How long one answer may take in all.
    pub fn answer_limit(&self) -> Duration {
        self.transport.answer_limit()
    }

    /// Nothing is called yet.
    pub fn new(
        service: Service,
        credentials: CredentialsCache<Settings>,
        endpoints: EndpointRule,
        transport: Arc<Transport>,
    ) -> Self {
        Self {
            service,
            credentials,
            endpoints,
            transport,
        }
    }

    /// Where calls about a region go.
    pub fn endpoint(&self, region: &RegionId) -> Endpoint {
        self.endpoints.endpoint(&self.service, region)
    }

    /// The region that all calls are answered for, whichever they ask about: the
    /// host decides.
    pub fn answering_region(&self) -> Option<RegionId> {
        match &self.endpoints {
            EndpointRule::Fixed(endpoint) => endpoint.region(),
            EndpointRule::Regional(_) | EndpointRule::OfRegion(_) => None,
        }
    }

    /// Calls once, and once more with fresh credentials when the API says that
    /// those in use are no longer valid and there are others.
    pub async fn make<O: Operation>(
        &self,
        operation: &O,
        about: CallInfo,
    ) -> Result<O::Output, Error> {
        let endpoint = self.endpoint(operation.region());
        let credentials = self.credentials.get().await;
        let credentials =
            credentials.inspect_err(|error| tracing::debug!(%error, "no credentials"))?;
        let answer = self
            .attempt(operation, &endpoint, &credentials, about)
            .await;
        let Err(error) = answer else { return answer };
        if error.class() != Some(ErrorClass::InvalidSecurityToken) {
            return Err(error);
        }
        let fresh = self.credentials.replace(&credentials).await?;
        if fresh.are_the_same_as(&credentials) {
            return Err(error);
        }
        tracing::debug!("the security token was refused: trying fresh credentials");
        self.attempt(operation, &endpoint, &fresh, about).await
    }

    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
        credentials: &Credentials,
        about: CallInfo,
    ) -> Result<O::Output, Error> {
        let log = CallLog::begin(About {
            action: O::ACTION,
            region: Some(operation.region()),
            host: endpoint.host(),
            access_key_id: Some(credentials.shown_id()),
            attempt: about.number,
            reads: Some(about.reads),
        });
        let answer = async {
            let form = Form::signed(
                O::ACTION,
                &self.service,
                operation.parameters(),
                credentials,
                &Attempt::now()?,
            );
            let answer = exchange(&self.transport, endpoint, &form, O::output).await?;
            let status = answer.status;
            match operation.check(&answer.content) {
                Ok(()) => Ok(answer),
                Err(reason) => Err(Failure::Malformed { status, reason }.into()),
            }
        };
        let answer = answer.await;
        log.end(&answer);
        match answer {
            Ok(answer) => Ok(answer.content),
            Err(failed) => Err(failed_call(operation, endpoint, failed)),
        }
    }
}

impl Calls {
    /// The error of a call whose response does not fit those before it.
    pub fn changed<O: Operation>(&self, operation: &O, changed: Changed) -> Error {
        let endpoint = self.endpoint(operation.region());
        failed_call(operation, &endpoint, Failure::Changed(changed).into())
    }
}

fn failed_call<O: Operation>(operation: &O, endpoint: &Endpoint, failed: Failed) -> Error {
    Error::Call(Box::new(CallError {
        action: O::ACTION,
        region: operation.region().clone(),
        host: endpoint.host(),
        failure: failed.failure,
        told_wait: failed.told_wait,
        tried: Tried::default(),
    }))
}
