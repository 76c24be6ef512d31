//! How both data sources of images select them: the arguments that they share,
//! and the way from these to images.

use std::sync::Arc;

use regex::Regex;

use crate::provider::config::ProviderData;
use crate::provider::data_sources::not_found;
use crate::provider::validators;
use crate::swas::operations::images::{Image, ImageType, ListImages, Platform};
use crate::terraform::{ConfigError, Diagnostic, Diagnostics, Parser, ReadError, Value};
use aliyun::rpc::region::RegionId;

/// The arguments that both data sources have, as they travel.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    pub region_id: &'a Value<String>,
    pub image_type: &'a Value<String>,
    pub platform: &'a Value<String>,
    pub name_regex: &'a Value<String>,
}

/// What these ask for.
#[derive(Debug)]
pub struct ImageFilter {
    /// The provider's region where there is none.
    region_id: Option<RegionId>,
    image_type: Option<ImageType>,
    platform: Option<Platform>,
    /// Finds a match in the names of images.
    pub name_regex: Option<Regex>,
}

impl ImageFilter {
    /// Takes from the arguments what they ask for, and tells what is wrong.
    ///
    /// # Errors
    ///
    /// When one is not known yet, or wrong.
    pub fn parse(arguments: Arguments<'_>, parser: &mut Parser<'_>) -> Result<Self, ConfigError> {
        let region_id = parser.text("region_id", arguments.region_id, validators::region);
        let image_type = parser.text("image_type", arguments.image_type, |text, path| {
            validators::one_of(text, path, ImageType::ALL.map(|one| (one.as_str(), one)))
        });
        let platform = parser.text("platform", arguments.platform, validators::platform);
        let name_regex = parser.text("name_regex", arguments.name_regex, validators::regex);
        Ok(Self {
            region_id: region_id?,
            image_type: image_type?,
            platform: platform?,
            name_regex: name_regex?,
        })
    }

    /// Lists the images of a region that match in all but the name, sorted by
    /// name and then by ID. With `ids`, only those with these IDs.
    ///
    /// # Errors
    ///
    /// When there is nobody to ask, or the call fails.
    pub async fn select(
        &self,
        data: &ProviderData,
        ids: Option<Vec<String>>,
        warnings: &mut Diagnostics,
    ) -> Result<Selection, ReadError> {
        let mut selection = Selection {
            region: data.region(self.region_id.clone(), warnings).await?,
            missing: Vec::new(),
            images: Vec::new(),
            of_other_platforms: Vec::new(),
        };
        // Nothing is asked for, and so there need be nobody to ask.
        if ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok(selection);
        }
        let query = ListImages {
            region: selection.region.clone(),
            image_type: self.image_type,
            image_ids: ids.clone(),
        };
        let images = data.fetch(|client| client.images(query), warnings);
        let images = images.await?;
        if let Some(ids) = ids {
            let there = images.iter().map(|image| &image.image_id);
            let missing = not_found::missing(&ids, there).into_iter();
            selection.missing = missing.cloned().collect();
        }
        (selection.images, selection.of_other_platforms) = images
            .into_iter()
            .partition(|image| self.is_for_platform(image));
        Ok(selection)
    }

    /// Whether only images of one type are asked for.
    pub fn is_of_one_type(&self) -> bool {
        self.image_type.is_some()
    }

    /// Whether the image is of the type and for the platform that are asked for.
    pub fn is_of_kind(&self, image: &Image) -> bool {
        self.is_of_type(image) && self.is_for_platform(image)
    }

    /// Whether the image is of the type that is asked for.
    pub fn is_of_type(&self, image: &Image) -> bool {
        let asked = self.image_type;
        asked.is_none_or(|asked| image.image_type == asked.as_str())
    }

    /// Whether the image is for the platform that is asked for.
    pub fn is_for_platform(&self, image: &Image) -> bool {
        let asked = self.platform;
        asked.is_none_or(|asked| image.platform == asked.as_str())
    }

    /// The warning about IDs that no image has.
    pub fn missing(&self, selection: &Selection) -> Option<Diagnostic> {
        let (of_type, another_type) = match self.image_type {
            Some(image_type) => (
                format!(" of the type \"{}\"", image_type.as_str()),
                "another type, ",
            ),
            None => (String::new(), ""),
        };
        not_found::warning(
            "Images not found",
            &format!("Region {} has no image{of_type} with", selection.region),
            &selection.missing,
            "image_ids",
            &format!(
                "images of {another_type}another region or another account, or of images that \
                 have been deleted."
            ),
        )
    }
}

/// All images of a region, whatever their type and platform. With `image_ids`, only
/// those with these IDs.
///
/// # Errors
///
/// As [`ImageFilter::select`].
pub async fn all(
    data: &ProviderData,
    region: &RegionId,
    image_ids: Option<Vec<String>>,
    warnings: &mut Diagnostics,
) -> Result<Vec<Arc<Image>>, ReadError> {
    let query = ListImages {
        region: region.clone(),
        image_type: None,
        image_ids,
    };
    let images = data.fetch(|client| client.images(query), warnings);
    images.await
}

/// What was selected.
#[derive(Debug)]
pub struct Selection {
    /// The region that was asked.
    pub region: RegionId,
    /// The IDs asked for that no image has, before platform and name were
    /// looked at. In the order in which they were asked for.
    pub missing: Vec<String>,
    /// What matches in all but the name.
    pub images: Vec<Arc<Image>>,
    /// What would match on another platform.
    pub of_other_platforms: Vec<Arc<Image>>,
}
