//! The API's actions.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::catalog::{Image, Region};
use super::error::ApiError;
use super::request::Request;
use super::scenario::Scenario;
use super::sts;

/// An action that the emulator supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    ListCustomImages,
    ListImages,
    ListPlans,
    ListRegions,
    AssumeRole,
    AssumeRoleWithOidc,
}

/// The supported version of SWAS-OPEN.
const SWAS_VERSION: &str = "2020-06-01";

/// The API's limit of image IDs per call.
const MAX_IMAGE_IDS: usize = 50;

/// The API's limit of entries per page.
const MAX_PAGE_SIZE: usize = 100;

impl Action {
    /// Parses an action name, which is case-sensitive as in the API.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "ListCustomImages" => Self::ListCustomImages,
            "ListImages" => Self::ListImages,
            "ListPlans" => Self::ListPlans,
            "ListRegions" => Self::ListRegions,
            "AssumeRole" => Self::AssumeRole,
            "AssumeRoleWithOIDC" => Self::AssumeRoleWithOidc,
            _ => return None,
        })
    }

    /// The API version that the action belongs to.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::ListCustomImages | Self::ListImages | Self::ListPlans | Self::ListRegions => {
                SWAS_VERSION
            }
            Self::AssumeRole | Self::AssumeRoleWithOidc => "2015-04-01",
        }
    }

    /// Returns whether calls of the action must be signed.
    pub(super) fn is_signed(self) -> bool {
        self != Self::AssumeRoleWithOidc
    }

    /// Returns whether the quota applies. The real quotas of STS are far higher.
    pub(super) fn has_quota(self) -> bool {
        self.version() == SWAS_VERSION
    }

    /// Handles a call. The returned object lacks the request ID.
    pub(super) fn respond(
        self,
        request: &Request,
        scenario: &mut Scenario,
    ) -> Result<Value, ApiError> {
        match self {
            Self::ListCustomImages => list_custom_images(request, scenario),
            Self::ListImages => list_images(request, scenario),
            Self::ListPlans => list_plans(request, scenario),
            Self::ListRegions => list_regions(request, scenario),
            Self::AssumeRole => sts::assume_role(request, scenario),
            Self::AssumeRoleWithOidc => sts::assume_role_with_oidc(request, scenario),
        }
    }
}

/// The region in the request.
fn region<'a>(request: &Request, scenario: &'a Scenario) -> Result<&'a Region, ApiError> {
    let region = scenario.catalog.region(request.require("RegionId")?);
    region.ok_or_else(|| {
        let message = "The specified region is not found.";
        ApiError::new(404, "InvalidRegionId.NotFound", message)
    })
}

fn list_custom_images(request: &Request, scenario: &Scenario) -> Result<Value, ApiError> {
    let number = |name, default| match request.parameter(name).map(str::parse) {
        None => Ok(default),
        Some(Ok(number)) if number > 0 => Ok(number),
        Some(_) => Err(ApiError::invalid_param(format!("{name} is not valid."))),
    };
    let page = number("PageNumber", 1)?;
    let size = number("PageSize", 10)?;
    if size > MAX_PAGE_SIZE {
        return Err(ApiError::invalid_param("PageSize is not valid."));
    }
    let region = region(request, scenario)?;
    let (own, shared) = (&region.custom_images, &region.shared_images);
    let mut images: Vec<&Value> = match request.parameter("Share") {
        None => own.iter().chain(shared).collect(),
        Some(text) if text.eq_ignore_ascii_case("false") => own.iter().collect(),
        Some(text) if text.eq_ignore_ascii_case("true") => shared.iter().collect(),
        Some(_) => return Err(ApiError::invalid_param("Share is not valid.")),
    };
    scenario.order.apply(&mut images);
    let entries = images.iter().skip((page - 1) * size).take(size);
    Ok(json!({
        "TotalCount": images.len().to_string(),
        "PageNumber": page.to_string(),
        "PageSize": size.to_string(),
        "CustomImages": entries.collect::<Vec<_>>(),
    }))
}

fn list_images(request: &Request, scenario: &Scenario) -> Result<Value, ApiError> {
    let region = region(request, scenario)?;
    let image_type = request.parameter("ImageType");
    if image_type.is_some_and(|text| !matches!(text, "system" | "app" | "custom")) {
        let message = "The specified ImageType is not supported.";
        let code = "InvalidImageType.ValueNotSupported";
        return Err(ApiError::new(400, code, message));
    }
    let image_ids = request.parameter("ImageIds").map(parse_image_ids);
    // An empty list means no filter. Clients should not rely on that.
    let image_ids = image_ids.transpose()?.filter(|ids| !ids.is_empty());
    let matches = |image: &&Image| {
        image_type.is_none_or(|image_type| image_type == image.image_type)
            && image_ids.as_ref().is_none_or(|ids| ids.contains(&image.id))
    };
    let mut images: Vec<&Image> = region.images.iter().filter(matches).collect();
    scenario.order.apply(&mut images);
    Ok(json!({ "Images": images }))
}

fn parse_image_ids(text: &str) -> Result<HashSet<String>, ApiError> {
    let ids: Vec<String> = serde_json::from_str(text)
        .map_err(|_| ApiError::invalid_param("ImageIds is not a JSON array of strings."))?;
    if ids.len() > MAX_IMAGE_IDS {
        let message = format!("ImageIds holds more than {MAX_IMAGE_IDS} values.");
        return Err(ApiError::invalid_param(message));
    }
    Ok(ids.into_iter().collect())
}

fn list_plans(request: &Request, scenario: &Scenario) -> Result<Value, ApiError> {
    let mut plans: Vec<&Value> = region(request, scenario)?.plans.iter().collect();
    scenario.order.apply(&mut plans);
    Ok(json!({ "Plans": plans }))
}

fn list_regions(request: &Request, scenario: &Scenario) -> Result<Value, ApiError> {
    let name: fn(&Region) -> &String = match request.parameter("AcceptLanguage") {
        None | Some("zh-CN") => |region| &region.chinese_name,
        Some("en-US") => |region| &region.english_name,
        Some(_) => return Err(ApiError::invalid_param("AcceptLanguage is not supported.")),
    };
    let mut regions: Vec<&Region> = scenario.catalog.regions.iter().collect();
    scenario.order.apply(&mut regions);
    let entry = |region: &Region| {
        json!({
            "RegionId": region.id,
            "LocalName": name(region),
            "RegionEndpoint": format!("swas.{}.aliyuncs.com", region.id),
        })
    };
    let entries: Vec<Value> = regions.into_iter().map(entry).collect();
    Ok(json!({ "Regions": entries }))
}
