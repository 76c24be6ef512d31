//! The API client: calls operations with cached credentials.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::access_key::Credentials;
use crate::credentials::cache::Cached;
use crate::credentials::error::CredentialsError;
use crate::credentials::provider::ProvideCredentials;
use crate::credentials::source::CredentialsSource;
use crate::http::client::HttpClient;
use crate::redact::Redactor;
use crate::rpc::api_error::{ErrorKind, Head};
use crate::rpc::endpoint::{Endpoint, EndpointResolver};
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::request::{Authentication, Call};
use crate::rpc::response::send;
use crate::rpc::service::Service;
use crate::rpc::signature::{Parameters, SignatureMethod};

/// An operation of an API.
pub trait Operation: Clone + Send + Sync + 'static {
    /// The response body. A body of another form is an error.
    type Response: DeserializeOwned + Send + 'static;
    /// The result of the operation.
    type Output: Send + 'static;

    /// API name of the operation, such as `ListImages`.
    const ACTION: &'static str;

    /// Returns the region whose endpoint is called.
    fn region(&self) -> &RegionId;

    /// Returns the parameters of the operation, without the common ones.
    fn parameters(&self) -> Parameters;

    /// Returns the number of entries in a response that has to have all of them. `None` for
    /// one page of several.
    fn entries(_: &Self::Response) -> Option<usize> {
        None
    }

    /// Converts the response, on another thread, so that slow steps such as sorting belong
    /// here.
    fn into_output(response: Self::Response) -> Self::Output;

    /// Validates the output against the request, on another thread.
    ///
    /// # Errors
    ///
    /// Returns a description of the problem, as a clause with the response as "it".
    fn check(&self, _: &Self::Output) -> Result<(), String> {
        Ok(())
    }
}

/// Error of a call.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Getting credentials failed. No call was sent.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The call was sent, or could not be built.
    #[error("{error}")]
    Request {
        /// Error of the attempt.
        error: AttemptError,
        /// Source of the credentials that signed the call.
        credentials: CredentialsSource,
    },
}

impl Error {
    /// Returns the kind of the API error, if it is one.
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Request {
                error:
                    AttemptError {
                        failure: RequestError::Api(error),
                        ..
                    },
                ..
            } => Some(error.kind()),
            Self::Request { .. } | Self::Credentials(_) => None,
        }
    }
}

/// Client of an API. Reuses connections and cached credentials. Retries nothing but a
/// rejected security token.
#[derive(Debug)]
pub struct ApiClient {
    service: Service,
    credentials: Cached<Box<dyn ProvideCredentials>>,
    endpoints: EndpointResolver,
    signature_method: SignatureMethod,
    http: Arc<HttpClient>,
}

impl ApiClient {
    /// Returns the time limit for one response.
    pub fn response_timeout(&self) -> Duration {
        self.http.response_timeout()
    }

    /// Returns the redactor of the secrets that were sent.
    pub fn redactor(&self) -> &Redactor {
        self.http.redactor()
    }

    /// Creates a client. Sends nothing.
    pub fn new(
        service: Service,
        credentials: Cached<Box<dyn ProvideCredentials>>,
        endpoints: EndpointResolver,
        signature_method: SignatureMethod,
        http: Arc<HttpClient>,
    ) -> Self {
        Self {
            service,
            credentials,
            endpoints,
            signature_method,
            http,
        }
    }

    /// Returns the endpoint for calls about a region. The one for calls without a region is the
    /// same for all regions.
    pub fn endpoint(&self, region: Option<&RegionId>) -> Endpoint {
        self.endpoints.endpoint(&self.service, region)
    }

    /// Returns the identity of the credentials, which is the same in other processes with
    /// the same configuration.
    ///
    /// # Errors
    ///
    /// If no credentials are available.
    pub async fn identity(&self) -> Result<String, CredentialsError> {
        Ok(self.credentials.get().await?.identity())
    }

    /// Returns the region of a fixed endpoint, which determines the region of all responses
    /// regardless of the region in the request.
    pub fn fixed_endpoint_region(&self) -> Option<RegionId> {
        match &self.endpoints {
            EndpointResolver::Fixed(endpoint) => endpoint.region(),
            EndpointResolver::Regional { .. } | EndpointResolver::Default { .. } => None,
        }
    }

    /// Sends a call. If the API rejects the security token, refreshes the credentials and,
    /// if they changed, sends the call once more. `attempt` is the attempt number in the log,
    /// from 1.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Credentials`] if no credentials are available, and [`Error::Request`]
    /// if the call failed.
    pub async fn call<O: Operation>(
        &self,
        operation: &O,
        attempt: u32,
    ) -> Result<O::Output, Error> {
        let endpoint = self.endpoint(Some(operation.region()));
        let credentials = self.credentials.get().await;
        let credentials = credentials
            .inspect_err(|error| tracing::debug!(%error, "getting credentials failed"))?;
        let result = self
            .send_once(operation, &endpoint, &credentials, attempt)
            .await;
        let Err(error) = result else { return result };
        if error.kind() != Some(ErrorKind::InvalidSecurityToken) {
            return Err(error);
        }
        let refreshed = self.credentials.refresh_if_current(&credentials).await?;
        if refreshed.same_key(&credentials) {
            return Err(error);
        }
        tracing::debug!("security token rejected, retrying with refreshed credentials");
        self.send_once(operation, &endpoint, &refreshed, attempt)
            .await
    }

    async fn send_once<O: Operation>(
        &self,
        operation: &O,
        endpoint: &Endpoint,
        credentials: &Credentials,
        attempt: u32,
    ) -> Result<O::Output, Error> {
        let call = Call {
            service: &self.service,
            action: O::ACTION,
            endpoint,
            parameters: operation.parameters(),
        };
        let authentication = Authentication::Signature(self.signature_method, credentials);
        let log = (Some(operation.region()), attempt);
        let operation = operation.clone();
        let output = move |response, head: &Head| {
            O::entries(&response).map_or(Ok(()), |entries| head.check_complete(entries))?;
            let output = O::into_output(response);
            operation.check(&output).map(|()| output)
        };
        let result = send(&self.http, call, authentication, log, output).await;
        result.map_err(|error| Error::Request {
            error,
            credentials: credentials.source.clone(),
        })
    }
}
