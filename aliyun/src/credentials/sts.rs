//! Calls of STS, which issues temporary credentials of roles.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::error::CredentialsErrorKind;
use super::region::DefaultRegion;
use super::source::CredentialsSource;
use super::temporary::{StsResponse, TemporaryCredentials};
use crate::access_key::Credentials;
use crate::http::client::HttpClient;
use crate::http::error::HttpError;
use crate::rpc::api_error::Head;
use crate::rpc::call_log::{CallFields, CallLog};
use crate::rpc::endpoint::{Endpoint, EndpointResolver};
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::region::RegionId;
use crate::rpc::request::{Call, CallRequest, SigningContext};
use crate::rpc::response::send_and_decode;
use crate::rpc::retry::{Retry, RetryLoop};
use crate::rpc::service::STS;
use crate::rpc::signature::{Parameters, SignatureMethod};

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// ARN of the role, such as `acs:ram::1234567890123456:role/reader`.
    pub arn: String,
    /// Session name in audit logs.
    pub session_name: String,
    /// Validity of the credentials in seconds, 900 to 43200. The role may allow less.
    pub duration: u32,
    /// Session policy, which restricts the permissions of the role.
    pub policy: Option<String>,
    /// External ID that the role requires. Not used with an OIDC token.
    pub external_id: Option<String>,
}

/// Default of [`Role::duration`], in seconds.
pub const DEFAULT_DURATION: u32 = 3600;

/// Range of [`Role::duration`], in seconds.
pub const DURATIONS: RangeInclusive<u32> = 900..=43200;

/// Returns true if the text is an ARN in RAM of a `kind` such as `role`, as in
/// `acs:ram::1234567890123456:role/reader`.
pub fn is_arn(text: &str, kind: &str) -> bool {
    let parts: Vec<_> = text.splitn(5, ':').collect();
    let [partition, "ram", _, account, resource] = parts[..] else {
        return false;
    };
    let name = resource
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('/'));
    partition == "acs"
        && !account.is_empty()
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && name.is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

/// The rule of [`is_session_name`], as the end of a sentence.
pub const SESSION_NAME_RULE: &str =
    "must have 2 to 64 letters, digits and \".\", \"@\", \"-\" or \"_\"";

/// Returns true if a role session can have this name, by the documentation of `AssumeRole`.
pub fn is_session_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

impl Role {
    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::from([
            ("RoleArn", self.arn.clone()),
            ("RoleSessionName", self.session_name.clone()),
            ("DurationSeconds", self.duration.to_string()),
        ]);
        if let Some(policy) = &self.policy {
            parameters.insert("Policy", policy.clone());
        }
        parameters
    }
}

/// Client of STS.
#[derive(Clone, Debug)]
pub struct Sts {
    /// Endpoints of STS.
    pub endpoints: EndpointResolver,
    /// Method that signs calls.
    pub signature_method: SignatureMethod,
    /// Region whose endpoint is called. STS of any region issues the same credentials.
    pub region: Option<Arc<DefaultRegion>>,
    /// Time limit for the retries of one call.
    pub retry_limit: Duration,
    /// Session name of roles that configure none.
    pub session_name: &'static str,
}

impl Sts {
    /// Returns the same STS with the settings of a profile. A configured endpoint takes
    /// precedence over them.
    pub(crate) fn with_profile(
        &self,
        region: Option<RegionId>,
        endpoint: Option<EndpointResolver>,
        enable_vpc: bool,
    ) -> Self {
        let mut sts = self.clone();
        if let EndpointResolver::Default { vpc, .. } = &mut sts.endpoints {
            *vpc |= enable_vpc;
            sts.endpoints = endpoint.unwrap_or(sts.endpoints);
        }
        if let Some(region) = region {
            sts.region = Some(Arc::new(DefaultRegion::Configured(region)));
        }
        sts
    }

    /// Assumes a role with the credentials of its caller.
    ///
    /// # Errors
    ///
    /// [`CredentialsErrorKind::Sts`] if the call fails.
    pub(crate) async fn assume_role(
        &self,
        http: &HttpClient,
        role: &Role,
        credentials: &Credentials,
    ) -> Result<Credentials, CredentialsErrorKind> {
        let sign = |mut call: Call<'_>, context: &SigningContext| {
            if let Some(external_id) = &role.external_id {
                call.parameters.insert("ExternalId", external_id.clone());
            }
            call.sign(self.signature_method, credentials, context)
        };
        let source = CredentialsSource::AssumedRole {
            role: role.arn.clone(),
            with: Box::new(credentials.source.clone()),
            caller: credentials.identity(),
        };
        self.call(http, "AssumeRole", role, source, sign).await
    }

    /// Assumes a role with a token of an OIDC provider.
    ///
    /// # Errors
    ///
    /// [`CredentialsErrorKind::Sts`] if the call fails.
    pub(crate) async fn assume_role_with_oidc(
        &self,
        http: &HttpClient,
        role: &Role,
        provider_arn: &str,
        token: &SecretString,
        token_file: Option<String>,
    ) -> Result<Credentials, CredentialsErrorKind> {
        let add_token = |mut call: Call<'_>, context: &SigningContext| {
            let parameter = provider_arn.to_owned();
            call.parameters.insert("OIDCProviderArn", parameter);
            Ok(call.with_oidc_token(token, context))
        };
        let source = CredentialsSource::OidcRole {
            role: role.arn.clone(),
            token_file,
        };
        self.call(http, "AssumeRoleWithOIDC", role, source, add_token)
            .await
    }

    async fn call(
        &self,
        http: &HttpClient,
        action: &'static str,
        role: &Role,
        source: CredentialsSource,
        authenticate: impl Fn(Call<'_>, &SigningContext) -> Result<CallRequest, HttpError>,
    ) -> Result<Credentials, CredentialsErrorKind> {
        let region = match &self.region {
            // Without a region, the central endpoint is called.
            Some(region) => region.get().await.ok(),
            None => None,
        };
        let endpoint = self.endpoints.endpoint(&STS, region);
        let request = || {
            let call = Call {
                service: &STS,
                action,
                endpoint: &endpoint,
                parameters: role.parameters(),
            };
            authenticate(call, &SigningContext::now()?)
        };
        let issued = self.call_with_retry(http, action, region, &endpoint, request);
        let (issued, attempts) = issued.await;
        let credentials = issued.and_then(|issued| {
            let credentials = issued.validate(source.clone());
            credentials.map_err(|problem| RequestError::Malformed {
                status: 200,
                reason: format!("Credentials.{problem}"),
            })
        });
        credentials.map_err(|error| CredentialsErrorKind::Sts {
            action,
            credentials: source,
            host: endpoint.host(),
            attempts,
            error: Box::new(error),
        })
    }

    /// Returns the result of the last attempt, and its number.
    async fn call_with_retry(
        &self,
        http: &HttpClient,
        action: &'static str,
        region: Option<&RegionId>,
        endpoint: &Endpoint,
        request: impl Fn() -> Result<CallRequest, HttpError>,
    ) -> (Result<TemporaryCredentials, RequestError>, u32) {
        let mut attempts = RetryLoop::within(self.retry_limit);
        loop {
            let issued = |response: StsResponse, _: &Head| Ok(response.credentials.0);
            let number = attempts.number();
            let request = match request() {
                Ok(request) => request,
                Err(error) => return (Err(error.into()), number),
            };
            let log = CallLog::begin(CallFields {
                action,
                region: None,
                host: endpoint.host(),
                access_key_id: None,
                attempt: number,
            });
            let response = send_and_decode(http, request, issued).await;
            log.end(&response);
            let AttemptError {
                failure,
                retry_after,
            } = match response {
                Ok(response) => return (Ok(response.content), number),
                Err(error) => error,
            };
            let retry = match region {
                Some(region) if failure.is_unknown_region(&endpoint.host(), region) => Retry::Never,
                _ => failure.retry(retry_after),
            };
            let event = "a call of STS failed and will be retried";
            if !attempts.wait(retry, &failure, event).await {
                return (Err(failure), number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arn_has_an_account_and_a_role() {
        for (text, expected) in [
            ("acs:ram::1234567890123456:role/reader", true),
            ("acs:ram:*:1234567890123456:role/reader", true),
            ("acs:ram::1234567890123456:role/", false),
            ("acs:ram::1234567890123456:user/reader", false),
            ("acs:ram::account:role/reader", false),
            ("acs:ram:::role/reader", false),
            ("acs:oss::1234567890123456:role/reader", false),
            ("arn:aws:iam::123456789012:role/reader", false),
            ("acs:ram::1234567890123456:role/a b", false),
            ("reader", false),
            ("", false),
        ] {
            assert_eq!(is_arn(text, "role"), expected, "{text:?}");
        }
    }
}
