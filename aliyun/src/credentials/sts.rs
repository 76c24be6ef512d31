//! The two calls of STS that hand out the credentials of a role.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::granted::{Answer, Granted};
use super::sts_endpoint::{ProfileSts, StsEndpoint};
use super::{Credentials, Reason};
use crate::rpc::call_log::{CallFields, CallLog};
use crate::rpc::endpoint::Endpoint;
use crate::rpc::error::{AttemptError, RequestError};
use crate::rpc::request::{Form, SigningContext};
use crate::rpc::response::send_and_decode;
use crate::rpc::retry::RetryLoop;
use crate::rpc::service::STS;
use crate::rpc::signature::Parameters;
use crate::rpc::transport::Transport;

/// A session of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Names the role, as in `acs:ram::1234567890123456:role/reader`.
    pub arn: String,
    /// Names the session in audit logs.
    pub session_name: String,
    /// How long the credentials hold, in seconds, 900 to 43200. The role itself
    /// may allow less.
    pub duration: u32,
    /// Takes away from what the role may do.
    pub policy: Option<String>,
    /// What the role asks of those who assume it for somebody else. Not used
    /// with an OIDC token.
    pub external_id: Option<String>,
}

/// How long credentials hold where it is not said, in seconds.
pub const DEFAULT_DURATION: u32 = 3600;

/// How long the credentials of a role may hold, in seconds.
pub const DURATIONS: RangeInclusive<u32> = 900..=43200;

/// Checks how long the credentials of a role shall hold, in seconds.
///
/// # Errors
///
/// What is wrong, as the end of a sentence.
pub(crate) fn check_duration(seconds: u32) -> Result<u32, String> {
    if DURATIONS.contains(&seconds) {
        Ok(seconds)
    } else {
        let (least, most) = (DURATIONS.start(), DURATIONS.end());
        Err(format!(
            "is {seconds}, and must be {least} to {most} seconds"
        ))
    }
}

/// Whether the text is the ARN of a `kind`, such as `role`, in RAM, as in
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

/// Calls STS.
#[derive(Clone, Debug)]
pub struct Sts {
    /// Endpoint of STS.
    pub endpoint: StsEndpoint,
    /// Connections that the calls use.
    pub transport: Arc<Transport>,
    /// How long a call may go on being tried.
    pub limit: Duration,
    /// The session name of roles that have none.
    pub session_name: &'static str,
}

impl Sts {
    /// The same as a profile wants it, unless the endpoint has been given.
    pub(crate) fn of_profile(&self, profile: ProfileSts) -> Self {
        Self {
            endpoint: self.endpoint.clone().of_profile(profile),
            ..self.clone()
        }
    }

    /// Assumes a role with the credentials of somebody who may.
    ///
    /// # Errors
    ///
    /// [`Reason::Sts`] when the call gives no credentials.
    pub(crate) async fn assume_role(
        &self,
        role: &Role,
        credentials: &Credentials,
    ) -> Result<Credentials, Reason> {
        let sign = |action, mut parameters: Parameters, context: &SigningContext| {
            if let Some(external_id) = &role.external_id {
                parameters.insert("ExternalId", external_id.clone());
            }
            Form::signed(action, &STS, parameters, credentials, context)
        };
        self.call("AssumeRole", role, sign).await
    }

    /// Assumes a role with a token of an OIDC provider that the role trusts,
    /// named by its ARN.
    ///
    /// # Errors
    ///
    /// [`Reason::Sts`] when the call gives no credentials.
    pub(crate) async fn assume_role_with_oidc(
        &self,
        role: &Role,
        provider_arn: &str,
        token: &SecretString,
    ) -> Result<Credentials, Reason> {
        let form = |action, mut parameters: Parameters, context: &SigningContext| {
            parameters.insert("OIDCProviderArn", provider_arn.to_owned());
            Form::with_oidc_token(action, &STS, parameters, token, context)
        };
        self.call("AssumeRoleWithOIDC", role, form).await
    }

    async fn call(
        &self,
        action: &'static str,
        role: &Role,
        form: impl Fn(&'static str, Parameters, &SigningContext) -> Form,
    ) -> Result<Credentials, Reason> {
        let endpoint = self.endpoint.get().await;
        let granted = self.tried(action, &endpoint, || {
            Ok(form(action, role.parameters(), &SigningContext::now()?))
        });
        let granted = granted.await.and_then(Granted::try_into);
        granted.map_err(|failure: RequestError| Reason::Sts {
            action,
            role: role.arn.clone(),
            host: endpoint.host(),
            failure: Box::new(failure),
        })
    }

    /// What a form is answered with, tried again for as long as may be where a
    /// failure may pass.
    async fn tried(
        &self,
        action: &'static str,
        endpoint: &Endpoint,
        form: impl Fn() -> Result<Form, RequestError>,
    ) -> Result<Granted, RequestError> {
        let mut attempts = RetryLoop::within(self.limit);
        loop {
            let granted = |answer: Answer| answer.credentials.0;
            let form = form()?;
            let log = CallLog::begin(CallFields {
                action,
                region: None,
                host: endpoint.host(),
                access_key_id: None,
                attempt: attempts.number(),
            });
            let answer = send_and_decode(&self.transport, endpoint, &form, granted).await;
            log.end(&answer);
            let AttemptError {
                failure,
                retry_after,
            } = match answer {
                Ok(answer) => return Ok(answer.content),
                Err(failed) => failed,
            };
            let retry = failure.retry(retry_after);
            let event = "a call of STS failed and will be made again";
            if !attempts.wait(retry, &failure, event).await {
                return Err(failure);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_an_account_and_a_role() {
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
