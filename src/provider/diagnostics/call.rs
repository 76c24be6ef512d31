//! Advice on errors of calls of the SWAS API.

use std::fmt::Write;

use super::request::{Advice, Api, did_you_mean};
use super::{ErrorContext, access_denied, source, throttling};
use crate::swas::catalog::error::LoadError;
use crate::swas::operations::images::INVALID_IMAGE_TYPE;
use aliyun::rpc::api_error::{ApiError, ErrorKind};
use aliyun::rpc::error::RequestError;

/// Operations without a permission in the documentation of Alibaba Cloud: any valid key
/// can call them.
const NO_PERMISSION_NEEDED: [&str; 2] = ["ListPlans", "ListRegions"];

/// The settings of the region, as the object of "correct".
const REGION_SETTINGS: &str = "the region where it is set: \"region_id\" here, \"region\" in the \
                               provider block, ALIBABA_CLOUD_REGION, or \"region_id\" of the \
                               profile";

/// Advises on a request that failed.
pub(super) fn advice(error: &LoadError, failure: &RequestError, context: &ErrorContext) -> Advice {
    if let RequestError::Api(api) = failure {
        let advice = api_advice(error, api, context);
        if api.kind() == ErrorKind::PermissionDenied {
            let remedy = denial(error, api, advice.remedy, context);
            return Advice { remedy, ..advice };
        }
        return advice;
    }
    swas(error, context)
        .advice(failure)
        .unwrap_or_else(|| Advice::new("The call failed", String::new()))
}

/// Completes the remedy for a denial. It can be long, so that a run shows it once.
fn denial(error: &LoadError, api: &ApiError, mut remedy: String, context: &ErrorContext) -> String {
    if let Some(source) = &error.credentials {
        let _ = write!(remedy, "\n\n{}", source::signed_with(source));
    }
    if !context.is_new_denial(&remedy) {
        return "Another \"Permission denied\" error of this run says what to do.".to_owned();
    }
    remedy + &access_denied::encoded_diagnostic(api)
}

/// Advises on a list that changed while it was read.
pub(super) fn list_changed(error: &LoadError, context: &ErrorContext) -> Advice {
    Advice::new(
        "The list changed while it was read",
        format!(
            "Run Terraform again while nothing creates or deletes custom images. If the error \
             persists, the response may not come from the SWAS API. {}",
            swas(error, context).check_endpoint()
        ),
    )
}

fn swas<'a>(error: &'a LoadError, context: &'a ErrorContext) -> Api<'a> {
    Api {
        name: "SWAS",
        host: &error.host,
        region: Some(error.region.clone()),
        region_settings: REGION_SETTINGS,
        endpoint_variable: &context.endpoint_variable,
        host_hint: host_hint(error, &context.endpoint_variable),
    }
}

/// A sentence about the origin of the host.
fn host_hint(LoadError { region, host, .. }: &LoadError, variable: &str) -> String {
    if *host == format!("swas.{region}.aliyuncs.com") {
        String::new()
    } else {
        format!(" That address comes from \"endpoints\" in the provider block or from {variable}.")
    }
}

/// Points at Alibaba Cloud's explanation of a code without advice of our own.
pub(super) fn error_center(api: &ApiError) -> String {
    let is_code_char = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let mut text = String::new();
    if !api.recommend.is_empty() {
        let _ = write!(text, "The API recommends: {}. ", api.recommend);
    }
    if api.code.bytes().all(is_code_char) {
        let _ = write!(
            text,
            "Look up the code in Alibaba Cloud's error center: \
             https://api.alibabacloud.com/troubleshoot?q={}. ",
            api.code
        );
    }
    if api.request_id.is_empty() {
        text.push_str("For support, open a ticket.");
    } else {
        text.push_str("For support, open a ticket with the request ID.");
    }
    text
}

fn api_advice(error: &LoadError, api: &ApiError, context: &ErrorContext) -> Advice {
    let LoadError { action, region, .. } = error;
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
                "Simple Application Server is not available in region {region}.{} Correct \
                 {REGION_SETTINGS}. The data source swas_regions lists the valid regions.",
                did_you_mean(region)
            ),
        )
        .at("region_id"),
        ErrorKind::WrongClock => Advice::new(
            "The clock of this machine is wrong",
            "The API rejects requests whose time differs from its own by more than 15 minutes. Set \
             this machine's clock, for example by turning on time synchronization.",
        ),
        ErrorKind::PermissionDenied
            if NO_PERMISSION_NEEDED.contains(action) && api.access_denied.is_none() =>
        {
            Advice::new(
                "Permission denied",
                format!(
                    "{action} requires no permission according to its documentation. A statement \
                     with \"Effect\": \"Deny\" may cover \"swas-open:{action}\", as \
                     \"swas-open:*\" and \"*\" do. Check the policies of the caller and its \
                     groups, and the control policies of the account's resource directory. The \
                     \"policy\" of an assumed role must allow \"swas-open:{action}\"."
                ),
            )
        }
        ErrorKind::PermissionDenied => access_denied::advice(api, &format!("swas-open:{action}")),
        ErrorKind::NonceUsed => Advice::new(
            "The SWAS API has seen this request before",
            "The API accepts each request once. A proxy may have sent it twice. Try again.",
        ),
        ErrorKind::Throttled => throttling::advice(error, context),
        ErrorKind::ServerFault => Advice::new(
            "The SWAS API failed",
            "The error is on the side of Alibaba Cloud. Try again later. If the error persists, \
             open a ticket with the request ID.",
        ),
        ErrorKind::WrongEndpoint => Advice::new(
            "The endpoint serves another region",
            format!(
                "The endpoint at {} does not serve region {region}. Correct \"endpoints\" in the \
                 provider block or {}, or replace the region there with \"{{region}}\".",
                error.host, context.endpoint_variable
            ),
        )
        .at("endpoints"),
        _ => Advice::new("The SWAS API rejected the request", error_center(api)),
    }
}
