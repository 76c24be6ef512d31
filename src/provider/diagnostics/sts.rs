//! Remedies for errors of calls of STS.

use super::call::error_center;
use super::request::Api;
use super::{access_denied, source};
use aliyun::credentials::source::CredentialsSource;
use aliyun::env::STS_ENDPOINT;
use aliyun::rpc::api_error::{ApiError, ErrorKind};
use aliyun::rpc::error::RequestError;
use aliyun::rpc::region::RegionId;
use aliyun::text::sanitize;

/// Returns the remedy for an error of STS about the credentials of `role`. Empty if there is
/// none.
pub(super) fn advice(role: &CredentialsSource, host: &str, failure: &RequestError) -> String {
    let api = Api {
        name: "STS",
        host,
        region: region_of(host),
        region_settings: "ALIBABA_CLOUD_STS_REGION or \"sts_region\" of the profile or, if neither \
                          is set, \"region\" in the provider block or ALIBABA_CLOUD_REGION",
        endpoint_variable: STS_ENDPOINT,
        host_hint: sts_host_hint(host).to_owned(),
    };
    if let Some(advice) = api.advice(failure) {
        return advice.remedy;
    }
    let RequestError::Api(error) = failure else {
        return String::new();
    };
    if is_about_duration(error) {
        return "Set \"session_expiration\" of the role in the provider block, or \
                \"expired_seconds\" of the profile, to a value that the role allows: at most its \
                maximum session duration in the RAM console, and an hour if the role is assumed by \
                another role."
            .to_owned();
    }
    let caller = role.caller();
    if error.kind() == ErrorKind::PermissionDenied
        && let Some(denied) = &error.access_denied
    {
        let resource = sanitize(role.role().unwrap_or("*"));
        let mut text = access_denied::detail(denied, "sts:AssumeRole", &resource);
        if let Some(caller) = &caller {
            text = format!("{text}\n\n{}", source::signed_with(caller));
        }
        return text + &access_denied::encoded_diagnostic(error);
    }
    if let Some(caller) = &caller
        && let Some(advice) = source::advice(error.kind(), caller)
    {
        return advice.remedy;
    }
    match (error.kind(), caller) {
        (ErrorKind::PermissionDenied, Some(caller)) => format!(
            "Policies of the caller and the trust policy of the role must allow this. Attach a \
             policy with this statement to the caller, whose credentials are those of \
             {}:\n{{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Resource\": \
             \"{}\"}}\nThe trust policy of the role must name the caller.",
            source::describe(&caller),
            sanitize(role.role().unwrap_or_default())
        ),
        (ErrorKind::NoSuchRole, _) => "Check the ARN: \"role_arn\" in the \
             provider block, ALIBABA_CLOUD_ROLE_ARN, or the one in the profile."
            .to_owned(),
        (ErrorKind::WrongClock, _) => {
            "The clock of this machine is wrong: the API rejects requests whose time differs from \
             its own by more than 15 minutes. Set the clock, for example by turning on time \
             synchronization."
                .to_owned()
        }
        (ErrorKind::InvalidOidcToken, _) => format!(
            "The request was for the credentials of {}. Check that the token has not expired, that \
             the configured OIDC provider issued it, and that the trust policy of the role names \
             that provider.",
            source::describe(role)
        ),
        (ErrorKind::ServerFault, _) => {
            "The error is on the side of Alibaba Cloud. Try again later.".to_owned()
        }
        (ErrorKind::Throttled, _) => {
            "STS limits the requests of an account, those of other runs and machines included. \
             Try again in a minute, or set \"max_retry_timeout\" in the provider block to 600 or \
             more."
                .to_owned()
        }
        _ => error_center(error),
    }
}

/// Returns true if STS rejects the duration of the session.
fn is_about_duration(error: &ApiError) -> bool {
    let texts = [&error.code, &error.message];
    texts.iter().any(|text| text.contains("DurationSeconds"))
}

/// Returns the region in a host such as `sts.cn-hangzhou.aliyuncs.com`.
fn region_of(host: &str) -> Option<RegionId> {
    let (_, region) = host.strip_suffix(".aliyuncs.com")?.split_once('.')?;
    region.parse().ok()
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
