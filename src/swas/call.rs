//! One call, from its parameters to its typed answer or to what went wrong.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::access_key::Credentials;
use super::api_error::ErrorClass;
use super::call_log::{About, CallLog};
use super::credentials::{CredentialsCache, CredentialsError, Settings};
use super::endpoint::{Endpoint, Protocol, RegionalEndpoint};
use super::error::{Failed, Failure};
use super::exchange::exchange;
use super::lookups::{self, Caller, Changed, Lookup, Unanswered};
use super::region::RegionId;
use super::request::{Attempt, Form};
use super::retry::Retry;
use super::service::SWAS;
use super::signature::Parameters;
use super::transport::Transport;

/// Something that the SWAS API does.
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

impl From<Unanswered<Error>> for Error {
    fn from(unanswered: Unanswered<Error>) -> Self {
        let mut error = unanswered.error;
        if let Self::Call(call) = &mut error {
            let failure = |earlier| match earlier {
                Self::Call(call) => Some(call.failure),
                Self::Credentials(_) => None,
            };
            call.tried = Tried {
                attempts: unanswered.attempts,
                time: unanswered.tried_for,
                earlier: unanswered.earlier.into_iter().filter_map(failure).collect(),
                too_long: unanswered.too_long,
            };
        }
        error
    }
}

impl Error {
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
    fn endpoint(&self, region: &RegionId) -> Endpoint {
        match self {
            Self::Fixed(endpoint) => endpoint.clone(),
            Self::Regional(endpoint) => endpoint.of(region),
            Self::OfRegion(protocol) => Endpoint::of(&SWAS, Some(region), *protocol),
        }
    }
}

/// Makes calls, each once. Connections and credentials are kept and used again.
#[derive(Debug)]
pub struct Calls {
    credentials: CredentialsCache<Settings>,
    endpoints: EndpointRule,
    transport: Arc<Transport>,
}

impl Calls {
    /// How long one answer may take in all.
    pub(super) fn answer_limit(&self) -> Duration {
        self.transport.answer_limit()
    }

    /// Nothing is called yet.
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

    /// Where calls about a region go.
    pub(super) fn endpoint(&self, region: &RegionId) -> Endpoint {
        self.endpoints.endpoint(region)
    }

    /// The region that all calls are answered for, whichever they ask about: the
    /// host decides.
    pub(super) fn answering_region(&self) -> Option<RegionId> {
        match &self.endpoints {
            EndpointRule::Fixed(endpoint) => endpoint.region(),
            EndpointRule::Regional(_) | EndpointRule::OfRegion(_) => None,
        }
    }

    /// Calls once, and once more with fresh credentials when the API says that
    /// those in use are no longer valid and there are others.
    async fn make<O: Operation>(
        &self,
        operation: &O,
        about: lookups::Attempt,
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
        about: lookups::Attempt,
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
                &SWAS,
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

impl<L> Caller<L> for Calls
where
    L: Lookup,
    L::Call: Operation<Output = L::Answer>,
{
    type Error = Error;

    async fn call(&self, call: &L::Call, about: lookups::Attempt) -> Result<L::Answer, Error> {
        self.make(call, about).await
    }

    fn changed(&self, call: &L::Call, changed: Changed) -> Error {
        let endpoint = self.endpoint(call.region());
        failed_call(call, &endpoint, Failure::Changed(changed).into())
    }

    fn retry(error: &Error) -> Retry {
        match error {
            // Whatever passes has been tried again where they come from.
            Error::Credentials(_) => Retry::Never,
            Error::Call(call) => call.failure.retry(call.told_wait),
        }
    }
}
