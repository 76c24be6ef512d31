//! One call, from its parameters to its typed answer or to what went wrong.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::access_key::Credentials;
use crate::credentials::{CredentialsCache, CredentialsError, Settings};
use crate::http::protocol::Protocol;
use crate::rpc::api_error::ErrorKind;
use crate::rpc::call_log::{CallFields, CallInfo, CallLog};
use crate::rpc::endpoint::{Endpoint, RegionalEndpoint};
use crate::rpc::error::{AttemptError, Changed, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::request::{Form, SigningContext};
use crate::rpc::response::send_and_decode;
use crate::rpc::retry::Retry;
use crate::rpc::service::Service;
use crate::rpc::signature::Parameters;
use crate::rpc::transport::Transport;

/// Something that an API does.
pub trait Operation: Sync + 'static {
    /// The answer as it travels. What does not fit it is malformed.
    type Response: DeserializeOwned + Send + 'static;
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
    fn into_output(response: Self::Response) -> Self::Output;

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
    /// The call was sent, or could not be built. Boxed because it is large.
    #[error(transparent)]
    Call(Box<CallError>),
}

/// A call that failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{action} in {region} at {host}: {failure}")]
pub struct CallError {
    /// API name of the operation, such as `ListImages`.
    pub action: &'static str,
    /// Region that the operation is about. [`Self::host`] may belong to another one.
    pub region: RegionId,
    /// The host that was called, with its port unless it is the usual one.
    pub host: String,
    /// Cause of the failure of the last attempt.
    pub failure: RequestError,
    /// The milliseconds that the answer told to wait, which may be zero or less.
    pub retry_after: Option<i64>,
    /// How it was retries before that.
    pub retries: RetryHistory,
}

/// How a call was retries.
#[derive(Clone, Debug, Default)]
pub struct RetryHistory {
    /// How often, the last time included. Not at all where the API had refused
    /// other calls, and it would have taken too long to wait.
    pub attempts: u32,
    /// For how long.
    pub time: Duration,
    /// What came back before, first one first, up to a number.
    pub previous: Vec<RequestError>,
    /// The wait before the next attempt, if it is longer than a read may take.
    pub next_wait: Option<Duration>,
}

impl Error {
    /// What may be done about it.
    pub fn retry(&self) -> Retry {
        match self {
            // Whatever passes has been retries again where they come from.
            Self::Credentials(_) => Retry::Never,
            Self::Call(call) => call.failure.retry(call.retry_after),
        }
    }

    /// What the API means by it, if it is the API that refused.
    pub fn class(&self) -> Option<ErrorKind> {
        match self {
            Self::Call(call) => match &call.failure {
                RequestError::Api(error) => Some(error.class()),
                _ => None,
            },
            Self::Credentials(_) => None,
        }
    }
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointResolver {
    /// Every call goes here.
    Fixed(Endpoint),
    /// Each call goes to the address that is given for its region.
    Regional(RegionalEndpoint),
    /// Each call goes to its region's own endpoint.
    OfRegion(Protocol),
}

impl EndpointResolver {
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
pub struct ApiClient {
    service: Service,
    credentials: CredentialsCache<Settings>,
    endpoints: EndpointResolver,
    transport: Arc<Transport>,
}

impl ApiClient {
    /// How long one answer may take in all.
    pub fn answer_limit(&self) -> Duration {
        self.transport.answer_limit()
    }

    /// Nothing is called yet.
    pub fn new(
        service: Service,
        credentials: CredentialsCache<Settings>,
        endpoints: EndpointResolver,
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
            EndpointResolver::Fixed(endpoint) => endpoint.region(),
            EndpointResolver::Regional(_) | EndpointResolver::OfRegion(_) => None,
        }
    }

    /// ApiClient once, and once more with fresh credentials when the API says that
    /// those in use are no longer valid and there are others.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Credentials`] if no credentials are available, and [`Error::Call`]
    /// if the last attempt failed.
    pub async fn call<O: Operation>(
        &self,
        operation: &O,
        info: CallInfo,
    ) -> Result<O::Output, Error> {
        let endpoint = self.endpoint(operation.region());
        let credentials = self.credentials.get().await;
        let credentials =
            credentials.inspect_err(|error| tracing::debug!(%error, "no credentials"))?;
        let answer = self
            .send_once(operation, &endpoint, &credentials, info)
            .await;
        let Err(error) = answer else { return answer };
        if error.class() != Some(ErrorKind::InvalidSecurityToken) {
            return Err(error);
        }
        let fresh = self.credentials.replace(&credentials).await?;
        if fresh.are_the_same_as(&credentials) {
            return Err(error);
        }
        tracing::debug!("the security token was refused: trying fresh credentials");
        self.send_once(operation, &endpoint, &fresh, info).await
    }

    async fn send_once<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
        credentials: &Credentials,
        info: CallInfo,
    ) -> Result<O::Output, Error> {
        let log = CallLog::begin(CallFields {
            action: O::ACTION,
            region: Some(operation.region()),
            host: endpoint.host(),
            access_key_id: Some(credentials.shown_id()),
            attempt: info.number,
            reads: Some(info.reads),
        });
        let answer = async {
            let form = Form::signed(
                O::ACTION,
                &self.service,
                operation.parameters(),
                credentials,
                &SigningContext::now()?,
            );
            let answer = send_and_decode(&self.transport, endpoint, &form, O::into_output).await?;
            let status = answer.status;
            match operation.check(&answer.content) {
                Ok(()) => Ok(answer),
                Err(reason) => Err(RequestError::Malformed { status, reason }.into()),
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

impl ApiClient {
    /// The error of a call whose response does not fit those before it.
    pub fn changed<O: Operation>(&self, operation: &O, changed: Changed) -> Error {
        let endpoint = self.endpoint(operation.region());
        failed_call(operation, &endpoint, RequestError::Changed(changed).into())
    }
}

fn failed_call<O: Operation>(operation: &O, endpoint: &Endpoint, failed: AttemptError) -> Error {
    Error::Call(Box::new(CallError {
        action: O::ACTION,
        region: operation.region().clone(),
        host: endpoint.host(),
        failure: failed.failure,
        retry_after: failed.retry_after,
        retries: RetryHistory::default(),
    }))
}
