//! Remedies for errors of calls of STS.

use super::ErrorContext;
use super::request::Api;
use super::source::describe;
use aliyun::credentials::source::CredentialsSource;
use aliyun::env::STS_ENDPOINT;
use aliyun::rpc::api_error::{ApiError, ErrorKind};
use aliyun::rpc::endpoint::region_of_host;
use aliyun::rpc::error::RequestError;
use aliyun::text::sanitize;

/// Returns the remedy for an error of STS about the credentials of `role`. Empty if there is
/// none.
pub(super) fn remedy(
    role: &CredentialsSource,
    host: &str,
    failure: &RequestError,
    context: &ErrorContext,
) -> String {
    let api = Api {
        name: "STS",
        action: "sts:AssumeRole".to_owned(),
        resource: sanitize(role.role().unwrap_or("*")),
        caller: role.caller(),
        host,
        region: region_of_host(host),
        region_settings: "ALIBABA_CLOUD_STS_REGION or \"sts_region\" of the profile or, if neither \
                          is set, \"region\" in the provider block or ALIBABA_CLOUD_REGION",
        endpoint_variable: STS_ENDPOINT,
        host_hint: sts_host_hint(host).to_owned(),
    };
    let RequestError::Api(error) = failure else {
        return api.advice(failure, context).detail;
    };
    match error.kind() {
        _ if is_about_duration(error) => {
            "Set \"session_expiration\" of the role in the provider block, or \
             \"expired_seconds\" of the profile, to a value that the role allows: at most its \
             maximum session duration in the RAM console, and an hour if the role is assumed by \
             another role."
                .to_owned()
        }
        ErrorKind::NoSuchRole => "Check the ARN: \"role_arn\" in the provider block, \
                                  ALIBABA_CLOUD_ROLE_ARN, or the one in the profile."
            .to_owned(),
        ErrorKind::InvalidOidcToken => format!(
            "The request was for the credentials of {}. Check that the token has not expired, that \
             the configured OIDC provider issued it, and that the trust policy of the role names \
             that provider.",
            describe(role)
        ),
        ErrorKind::Throttled => {
            "STS limits the requests of an account, those of other runs and machines included. \
             Try again in a minute, or set \"max_retry_timeout\" in the provider block to 600 or \
             more."
                .to_owned()
        }
        _ => api.advice(failure, context).detail,
    }
}

/// Returns true if STS rejects the duration of the session.
fn is_about_duration(error: &ApiError) -> bool {
    let texts = [&error.code, &error.message];
    texts.iter().any(|text| text.contains("DurationSeconds"))
}

/// A sentence about the origin of the host, and about the central host of STS.
fn sts_host_hint(host: &str) -> &'static str {
    if host.starts_with("sts") && host.ends_with(".aliyuncs.com") {
        " STS does not have an endpoint in every region. Set \"sts\" in \"endpoints\" of the \
         provider block or ALIBABA_CLOUD_STS_ENDPOINT to the central one, sts.aliyuncs.com."
    } else {
        " That address comes from \"endpoints\" in the provider block, from \
         ALIBABA_CLOUD_STS_ENDPOINT or from \"sts_endpoint\" of the profile."
    }
}
