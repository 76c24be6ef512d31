//! Calls of STS, which issues temporary credentials of roles.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::error::CredentialsError;
use super::region::DefaultRegion;
use super::source::CredentialsSource;
use super::temporary::NestedCredentials;
use crate::access_key::Credentials;
use crate::http::client::HttpClient;
use crate::rpc::api_error::Head;
use crate::rpc::endpoint::EndpointResolver;
use crate::rpc::error::AttemptError;
use crate::rpc::request::{Authentication, Call};
use crate::rpc::response::send;
use crate::rpc::retry::{Retry, retry};
use crate::rpc::service::STS;
use crate::rpc::signature::{Parameters, SignatureMethod};

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// ARN of the role, such as `acs:ram::1234567890123456:role/reader`.
    pub arn: String,
    /// Session name in audit logs. Defaults to [`Sts::session_name`].
    pub session_name: Option<String>,
    /// Validity of the credentials in seconds, 900 to 43200. The role may allow less.
    pub duration: u64,
    /// Session policy, which restricts the permissions of the role.
    pub policy: Option<String>,
    /// External ID that the role requires. Not used with an OIDC token.
    pub external_id: Option<String>,
}

/// Default of [`Role::duration`], in seconds.
pub const DEFAULT_DURATION: u64 = 3600;

/// Range of [`Role::duration`], in seconds.
pub const DURATIONS: RangeInclusive<u64> = 900..=43200;

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
    /// Returns the parameters of the operations that assume the role. The session name
    /// defaults to `session_name`.
    pub(super) fn parameters(&self, session_name: &str) -> Parameters {
        let session_name = self.session_name.as_deref().unwrap_or(session_name);
        let parameters = [
            ("RoleArn", Some(self.arn.clone())),
            ("RoleSessionName", Some(session_name.to_owned())),
            ("DurationSeconds", Some(self.duration.to_string())),
            ("Policy", self.policy.clone()),
            ("ExternalId", self.external_id.clone()),
        ];
        let parameters = parameters.into_iter();
        parameters
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
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
    /// Calls an operation that assumes a role, with retries. `source` is that of the credentials
    /// in the response.
    ///
    /// # Errors
    ///
    /// [`CredentialsError::Sts`] if the call fails.
    pub(super) async fn call(
        &self,
        http: &HttpClient,
        action: &'static str,
        parameters: Parameters,
        authentication: Authentication<'_>,
        source: CredentialsSource,
    ) -> Result<Credentials, CredentialsError> {
        let region = match &self.region {
            // Without a region, the central endpoint is called.
            Some(region) => region.get().await.ok(),
            None => None,
        };
        let endpoint = self.endpoints.endpoint(&STS, region);
        let attempt = |number| {
            let call = Call {
                service: &STS,
                action,
                endpoint: &endpoint,
                parameters: parameters.clone(),
            };
            let log = (None, number);
            let source = source.clone();
            let issued = move |response: NestedCredentials, _: &Head| {
                let credentials = response.credentials.0.validate(source);
                credentials.map_err(|problem| format!("Credentials.{problem}"))
            };
            send(http, call, authentication, log, issued)
        };
        let classify = |error: &AttemptError| match region {
            Some(region) if error.failure.is_unknown_region(&endpoint.host(), region) => {
                Retry::Never
            }
            _ => error.retry(),
        };
        let event = "a call of STS failed and will be retried";
        let credentials = retry(self.retry_limit, event, classify, attempt).await;
        credentials.map_err(|(error, attempts)| CredentialsError::Sts {
            action,
            credentials: source.clone(),
            host: endpoint.host(),
            attempts,
            error: Box::new(error.failure),
        })
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
