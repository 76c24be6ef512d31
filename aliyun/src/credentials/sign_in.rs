//! Exchange of the access token of a sign-in, which the Alibaba Cloud CLI keeps in a
//! profile, for credentials.
//!
//! The refresh token of OAuth is the CLI's alone, because using it replaces it in the
//! CLI's file.

use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;

use super::error::{CredentialsError, CredentialsErrorKind, ProviderKind, SignInKind};
use super::provider::Context;
use super::service::{Service, ServiceError};
use super::source::CredentialsSource;
use super::temporary::TemporaryCredentials;
use crate::access_key::Credentials;
use crate::http::client::Request;
use crate::http::error::HttpError;
use crate::rpc::json;
use crate::rpc::retry::RetryLoop;
use crate::text::sanitize;

/// Time limit for one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// Exchanges an access token by sending `request`. Retries within the limit of STS: unlike
/// a refresh token, an access token can be exchanged any number of times. `issued`
/// returns the credentials in the response.
///
/// # Errors
///
/// Returns [`CredentialsErrorKind::SignIn`] for `profile`.
pub(super) async fn exchange<R: DeserializeOwned>(
    context: &Context,
    kind: SignInKind,
    profile: &str,
    request: Result<Request, HttpError>,
    issued: impl Fn(R) -> TemporaryCredentials,
) -> Result<Credentials, CredentialsError> {
    let source = CredentialsSource::SignIn(kind);
    let exchanged = exchange_with_retry(context, source, request, issued).await;
    exchanged.map_err(|error| {
        ProviderKind::Profile.error(CredentialsErrorKind::SignIn {
            kind,
            profile: profile.to_owned(),
            error: Box::new(error),
        })
    })
}

async fn exchange_with_retry<R: DeserializeOwned>(
    context: &Context,
    source: CredentialsSource,
    request: Result<Request, HttpError>,
    issued: impl Fn(R) -> TemporaryCredentials,
) -> Result<Credentials, CredentialsErrorKind> {
    let request = request.map_err(|error| CredentialsErrorKind::Http {
        address: "the sign-in service".to_owned(),
        error,
    })?;
    let service = Service {
        http: &context.http,
        address: sanitize(request.url().as_str()),
        shows_messages: false,
    };
    let mut attempts = RetryLoop::within(context.sts.retry_limit);
    loop {
        let request = request.clone().with_timeout(ATTEMPT_TIMEOUT);
        let ServiceError { kind, retry } = match service.fetch(request).await {
            Ok(body) => return decode(&body, service.address, source, issued),
            Err(error) => error,
        };
        let event = "the exchange of a sign-in failed and will be retried";
        if !attempts.wait(retry, &kind, event).await {
            return Err(kind);
        }
    }
}

fn decode<R: DeserializeOwned>(
    body: &[u8],
    address: String,
    source: CredentialsSource,
    issued: impl Fn(R) -> TemporaryCredentials,
) -> Result<Credentials, CredentialsErrorKind> {
    let credentials = match json::read::<R>(body) {
        Ok(response) => issued(response)
            .validate(source)
            .map_err(|problem| format!("credentials whose {problem}")),
        Err(_) => Err("something other than credentials".to_owned()),
    };
    credentials.map_err(|problem| CredentialsErrorKind::Response { address, problem })
}

/// Returns a time in seconds since 1970, unless it has passed.
pub(super) fn unexpired(seconds: Option<i64>) -> Option<SystemTime> {
    let seconds = Duration::from_secs(u64::try_from(seconds?).ok()?);
    let time = SystemTime::UNIX_EPOCH.checked_add(seconds)?;
    (time > SystemTime::now()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_the_past_are_expired() {
        for seconds in [None, Some(0), Some(-1), Some(1_700_000_000)] {
            assert_eq!(unexpired(seconds), None, "{seconds:?}");
        }
        assert!(unexpired(Some(i64::from(u32::MAX))).is_some());
        // A time beyond the range of the clock does not panic.
        let _ = unexpired(Some(i64::MAX));
    }
}
