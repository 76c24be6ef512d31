//! What the API's actions do.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use time::OffsetDateTime;

use super::accounts::Accounts;
use super::catalog::{Catalog, Image};
use super::checks::require;
use super::error::ApiError;
use super::order::Order;
use super::sts;

/// The actions that the emulator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    ListImages,
    ListRegions,
    AssumeRole,
    AssumeRoleWithOidc,
}

/// The version of SWAS-OPEN that is answered.
const SWAS_VERSION: &str = "2020-06-01";

/// The version of STS that is answered.
const STS_VERSION: &str = "2015-04-01";

/// What the actions work on.
pub(super) struct World<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) order: Order,
    pub(super) accounts: &'a mut Accounts,
    pub(super) oidc_token: &'a str,
    pub(super) now: OffsetDateTime,
}

/// The API takes no more image IDs than this in one call.
const MAX_IMAGE_IDS: usize = 50;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Regions<'a> {
    request_id: &'a str,
    regions: Vec<RegionEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RegionEntry<'a> {
    region_id: &'a str,
    local_name: &'a str,
    region_endpoint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Images<'a> {
    request_id: &'a str,
    images: Vec<&'a Image>,
}

impl Action {
    /// The action of that name; the API minds upper and lower case.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ListImages" => Some(Self::ListImages),
            "ListRegions" => Some(Self::ListRegions),
            "AssumeRole" => Some(Self::AssumeRole),
            "AssumeRoleWithOIDC" => Some(Self::AssumeRoleWithOidc),
            _ => None,
        }
    }

    /// The version of its API.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::ListImages | Self::ListRegions => SWAS_VERSION,
            Self::AssumeRole | Self::AssumeRoleWithOidc => STS_VERSION,
        }
    }

    /// Whether a call of it has to be signed.
    pub(super) fn is_signed(self) -> bool {
        self != Self::AssumeRoleWithOidc
    }

    /// The JSON text that answers the call.
    pub(super) fn answer(
        self,
        parameters: &BTreeMap<String, String>,
        world: &mut World<'_>,
        request_id: &str,
    ) -> Result<Vec<u8>, ApiError> {
        let World {
            catalog,
            order,
            accounts,
            oidc_token,
            now,
        } = world;
        let body = match self {
            Self::AssumeRole => {
                return sts::assume_role(parameters, accounts, *now, request_id);
            }
            Self::AssumeRoleWithOidc => {
                return sts::assume_role_with_oidc(
                    parameters, oidc_token, accounts, *now, request_id,
                );
            }
            Self::ListImages => {
                let mut images = list_images(parameters, catalog)?;
                order.apply(&mut images);
                serde_json::to_vec(&Images { request_id, images })
            }
            Self::ListRegions => {
                let mut regions = list_regions(parameters, catalog)?;
                order.apply(&mut regions);
                serde_json::to_vec(&Regions {
                    request_id,
                    regions,
                })
            }
        };
        Ok(body.expect("maps with string keys are JSON"))
    }
}

fn list_images<'a>(
    parameters: &BTreeMap<String, String>,
    catalog: &'a Catalog,
) -> Result<Vec<&'a Image>, ApiError> {
    let region_id = require(parameters, "RegionId")?;
    let region = catalog.region(region_id).ok_or_else(|| {
        let message = "The specified region is not found.";
        ApiError::new(404, "InvalidRegionId.NotFound", message)
    })?;
    let image_type = parameters.get("ImageType");
    if image_type.is_some_and(|text| !matches!(text.as_str(), "system" | "app" | "custom")) {
        let message = "The specified ImageType is not supported.";
        return Err(ApiError::new(
            400,
            "InvalidImageType.ValueNotSupported",
            message,
        ));
    }
    let image_ids = parameters
        .get("ImageIds")
        .map(|text| parse_image_ids(text))
        .transpose()?
        // Taken for no filter at all, which a client had better not rely on.
        .filter(|ids| !ids.is_empty());
    let wanted = |image: &&Image| {
        image_type.is_none_or(|wanted| *wanted == image.image_type)
            && image_ids.as_ref().is_none_or(|ids| ids.contains(&image.id))
    };
    Ok(region.images.iter().filter(wanted).collect())
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

fn list_regions<'a>(
    parameters: &BTreeMap<String, String>,
    catalog: &'a Catalog,
) -> Result<Vec<RegionEntry<'a>>, ApiError> {
    let chinese = match parameters.get("AcceptLanguage").map(String::as_str) {
        None | Some("zh-CN") => true,
        Some("en-US") => false,
        Some(_) => return Err(ApiError::invalid_param("AcceptLanguage is not supported.")),
    };
    let entry = |region: &'a super::catalog::Region| RegionEntry {
        region_id: &region.id,
        local_name: if chinese {
            &region.chinese_name
        } else {
            &region.english_name
        },
        region_endpoint: format!("swas.{}.aliyuncs.com", region.id),
    };
    Ok(catalog.regions.iter().map(entry).collect())
}
