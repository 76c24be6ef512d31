//! Diagnostics for errors of calls of the SWAS API.

use std::fmt::Write;

use super::access_denied;
use super::request::{Advice, Api, did_you_mean};
use super::{retry_history, source};
use crate::swas::catalog::error::{CallFailure, FailedCall};
use crate::swas::operations::images::INVALID_IMAGE_TYPE;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::api_error::{ApiError, ErrorKind};
use aliyun::rpc::error::RequestError;

pub(super) fn diagnostic(error: &FailedCall, endpoint_variable: &str) -> Diagnostic {
    let Advice {
        summary,
        remedy,
        argument,
    } = advice(error, endpoint_variable);
    let mut detail = format!(
        "{} in region {} at {} failed: {}.",
        error.action, error.region, error.host, error.failure,
    );
    detail.push_str(&retry_history::retry_summary(error));
    if !remedy.is_empty() {
        let _ = write!(detail, "\n\n{remedy}");
    }
    if let CallFailure::Request(RequestError::Api(api)) = &error.failure
        && api.kind() == ErrorKind::PermissionDenied
        && let Some(source) = &error.credentials
    {
        let source = source::describe(source);
        let _ = write!(
            detail,
            "\n\nThe call was signed with the credentials of {source}."
        );
    }
    let diagnostic = Diagnostic::error(summary, detail);
    match argument {
        Some(name) => diagnostic.at(AttributePath::attribute(name)),
        None => diagnostic,
    }
}

/// Operations without a permission in the documentation of Alibaba Cloud: any valid key
/// can call them.
const NO_PERMISSION_NEEDED: [&str; 2] = ["ListPlans", "ListRegions"];

/// Advises on an error. `variable` is the variable that sets the endpoint.
fn advice(error: &FailedCall, variable: &str) -> Advice {
    let api = Api {
        name: "SWAS",
        host: &error.host,
        region: Some(error.region.clone()),
        endpoint_variable: variable,
        host_hint: host_hint(error, variable),
    };
    match &error.failure {
        CallFailure::Request(RequestError::Api(api)) => api_advice(error, api, variable),
        CallFailure::Request(failure) => api
            .advice(failure)
            .unwrap_or_else(|| Advice::new("The call failed", String::new())),
        CallFailure::Changed(_) => Advice::new(
            "The list changed while it was read",
            format!(
                "Run Terraform again while nothing creates or deletes custom images. If the error \
                 persists, the response may not come from the SWAS API. {}",
                api.check_endpoint()
            ),
        ),
    }
}

/// A sentence about the origin of the host.
fn host_hint(FailedCall { region, host, .. }: &FailedCall, variable: &str) -> String {
    if *host == format!("swas.{region}.aliyuncs.com") {
        String::new()
    } else {
        format!(" That address comes from \"endpoints\" in the provider block or from {variable}.")
    }
}

/// Points at Alibaba Cloud's explanation of a code without advice of our own.
fn error_center(api: &ApiError) -> String {
    let is_code_char = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let mut text = String::new();
    if !api.recommend.is_empty() {
        let _ = write!(text, "The API recommends: {}. ", api.recommend);
    }
    if api.code.bytes().all(is_code_char) {
        let _ = write!(
            text,
            "Alibaba Cloud's error center may explain the code: \
             https://api.alibabacloud.com/troubleshoot?q={}. ",
            api.code
        );
    }
    text.push_str("Alibaba Cloud's support needs the request ID.");
    text
}

fn api_advice(error: &FailedCall, api: &ApiError, variable: &str) -> Advice {
    let FailedCall { action, region, .. } = error;
    if api.code == INVALID_IMAGE_TYPE {
        return Advice::new(
            "The API does not know this image type",
            "Set \"image_type\" to \"system\", \"app\" or \"custom\", or leave it out for all.",
        )
        .at("image_type");
    }
    if let Some(source) = &error.credentials
        && let Some(advice) = source::advice(api.kind(), source)
    {
        return advice;
    }
    match api.kind() {
        ErrorKind::NoSuchRegion => Advice::new(
            "No such region",
            format!(
                "Simple Application Server knows no region {region}. {} Set \"region_id\" here or \
                 \"region\" in the provider block to one that it is offered in. The data source \
                 swas_regions lists them.",
                did_you_mean(region)
            ),
        )
        .at("region_id"),
        ErrorKind::WrongClock => Advice::new(
            "The clock of this machine is wrong",
            "The API refuses requests whose time differs from its own by more than 15 minutes. \
             Set this machine's clock, for example by turning on time synchronization.",
        ),
        ErrorKind::PermissionDenied
            if NO_PERMISSION_NEEDED.contains(action) && api.access_denied.is_none() =>
        {
            Advice::new(
                "Permission denied",
                format!(
                    "Alibaba Cloud documents no permission that {action} needs, so something forbids \
                 it. Look for a statement with \"Effect\": \"Deny\" whose \"Action\" covers \
                 \"swas-open:{action}\", as \"swas-open:*\" and \"*\" do: in the policies of the \
                 access key's owner, or of its groups, and in the control policies of the account's \
                 resource directory. Where a role is assumed with a \"policy\", that has to allow \
                 \"swas-open:{action}\" too."
                ),
            )
        }
        ErrorKind::PermissionDenied => access_denied::advice(api, &format!("swas-open:{action}")),
        ErrorKind::NonceUsed => Advice::new(
            "The SWAS API has seen this request before",
            "Each request is accepted once. Something on the way may have sent it again. Try \
             again.",
        ),
        ErrorKind::Throttled => Advice::new(
            "Too many requests",
            "The API limits how often it may be called. Wait a minute and try again.",
        ),
        ErrorKind::ServerFault => Advice::new(
            "The SWAS API failed",
            "The fault is on the side of Alibaba Cloud. Try again later; if it lasts, open a \
             ticket with the request ID.",
        ),
        ErrorKind::WrongEndpoint => Advice::new(
            "The endpoint is of another region",
            format!(
                "The endpoint at {} does not serve region {region}. Correct \"endpoints\" in the \
                 provider block or {variable}, or write \"{{region}}\" in the place of the region \
                 there.",
                error.host
            ),
        )
        .at("endpoints"),
        _ => Advice::new("The SWAS API rejected the request", error_center(api)),
    }
}
