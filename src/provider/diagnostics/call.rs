//! Advice on errors of calls of the SWAS API.

use super::request::{Api, did_you_mean};
use super::{ErrorContext, throttling};
use crate::swas::catalog::error::LoadError;
use crate::swas::operations::images::INVALID_IMAGE_TYPE;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::api_error::ErrorKind;
use aliyun::rpc::error::RequestError;

/// Actions without a permission in the documentation of Alibaba Cloud: any valid key can call
/// them.
pub(super) const NO_PERMISSION_NEEDED: [&str; 2] = ["swas-open:ListPlans", "swas-open:ListRegions"];

/// The settings of the region, as the object of "correct".
const REGION_SETTINGS: &str = "the region where it is set: \"region_id\" here, \"region\" in the \
                               provider block, ALIBABA_CLOUD_REGION, or \"region_id\" of the \
                               profile";

/// Advises on a request that failed.
pub(super) fn advice(
    error: &LoadError,
    failure: &RequestError,
    context: &ErrorContext,
) -> Diagnostic {
    let RequestError::Api(api) = failure else {
        return swas(error, context).advice(failure, context);
    };
    let LoadError { region, host, .. } = error;
    let (argument, summary, remedy) = match api.kind() {
        _ if api.code == INVALID_IMAGE_TYPE => (
            "image_type",
            "The API does not know this image type",
            "Set \"image_type\" to \"system\", \"app\" or \"custom\", or leave it out for all."
                .to_owned(),
        ),
        ErrorKind::NoSuchRegion => (
            "region_id",
            "No such region",
            format!(
                "Simple Application Server is not available in region {region}.{} Correct \
                 {REGION_SETTINGS}. The data source swas_regions lists the valid regions.",
                did_you_mean(region)
            ),
        ),
        ErrorKind::WrongEndpoint => (
            "endpoints",
            "The endpoint serves another region",
            format!(
                "The endpoint at {host} does not serve region {region}. Correct \"endpoints\" in \
                 the provider block or {}, or replace the region there with \"{{region}}\".",
                context.endpoint_variable
            ),
        ),
        ErrorKind::Throttled => return throttling::advice(error, context),
        _ => return swas(error, context).advice(failure, context),
    };
    Diagnostic::error(summary, remedy).at(AttributePath::attribute(argument))
}

/// Advises on a list that changed while it was read.
pub(super) fn list_changed(error: &LoadError, context: &ErrorContext) -> Diagnostic {
    Diagnostic::error(
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
        action: format!("swas-open:{}", error.action),
        resource: "*".to_owned(),
        caller: error.credentials.clone(),
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
