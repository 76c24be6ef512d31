//! Arguments and reads that `swas_image` and `swas_images` share.

use std::sync::Arc;

use crate::provider::config::ProviderData;
use crate::provider::data_sources::not_found;
use crate::provider::validators;
use crate::swas::operations::images::ListImages;
use crate::swas::operations::images::model::{Image, ImageType, Platform};
use crate::terraform::{ConfigError, Diagnostic, Diagnostics, Parser, ReadError, Value};
use aliyun::rpc::region::RegionId;

/// The shared arguments as decoded.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    pub region_id: &'a Value<String>,
    pub image_type: &'a Value<String>,
    pub platform: &'a Value<String>,
}

/// The parsed arguments.
#[derive(Debug)]
pub struct SelectionFilter {
    /// `None` means the provider's region.
    region_id: Option<RegionId>,
    image_type: Option<ImageType>,
    platform: Option<Platform>,
}

impl SelectionFilter {
    /// Validates the arguments.
    ///
    /// # Errors
    ///
    /// If an argument is unknown or invalid.
    pub fn parse(arguments: Arguments<'_>, parser: &mut Parser<'_>) -> Result<Self, ConfigError> {
        let region_id = parser.text("region_id", arguments.region_id, validators::region);
        let image_type = parser.text("image_type", arguments.image_type, |text, path| {
            validators::one_of(text, path, ImageType::ALL.map(|one| (one.as_str(), one)))
        });
        let platform = parser.text("platform", arguments.platform, validators::platform);
        Ok(Self {
            region_id: region_id?,
            image_type: image_type?,
            platform: platform?,
        })
    }

    /// Lists the images of a region that match all filters but the name, in natural order
    /// of names, then by ID. With `ids`, only those with these IDs.
    ///
    /// # Errors
    ///
    /// If the region is missing, the provider's configuration is unknown or invalid, or
    /// the call fails.
    pub async fn select(
        &self,
        data: &ProviderData,
        ids: Option<Vec<String>>,
        warnings: &mut Diagnostics,
    ) -> Result<Selection, ReadError> {
        let mut selection = Selection {
            region: data.region(self.region_id.clone(), warnings).await?,
            missing_ids: Vec::new(),
            images: Vec::new(),
            other_platforms: Vec::new(),
        };
        // An empty list of IDs needs no call, and therefore no client.
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
            let found = images.iter().map(|image| &image.image_id);
            let missing = not_found::missing_ids(&ids, found).into_iter();
            selection.missing_ids = missing.cloned().collect();
        }
        (selection.images, selection.other_platforms) = images
            .into_iter()
            .partition(|image| self.matches_platform(image));
        Ok(selection)
    }

    /// Returns whether `image_type` is set.
    pub fn has_type(&self) -> bool {
        self.image_type.is_some()
    }

    pub fn matches_type_and_platform(&self, image: &Image) -> bool {
        self.matches_type(image) && self.matches_platform(image)
    }

    pub fn matches_type(&self, image: &Image) -> bool {
        let image_type = self.image_type;
        image_type.is_none_or(|image_type| image.image_type == image_type.as_str())
    }

    pub fn matches_platform(&self, image: &Image) -> bool {
        let platform = self.platform;
        platform.is_none_or(|platform| image.platform == platform.as_str())
    }

    /// The warning about IDs that no image has.
    pub fn missing_ids_warning(&self, selection: &Selection) -> Option<Diagnostic> {
        let (of_type, another_type) = match self.image_type {
            Some(image_type) => (
                format!(" of the type \"{}\"", image_type.as_str()),
                "another type, ",
            ),
            None => (String::new(), ""),
        };
        not_found::ids_warning(
            "Images not found",
            &format!("Region {} has no image{of_type} with", selection.region),
            &selection.missing_ids,
            "image_ids",
            &format!(
                "images of {another_type}another region or another account, or of images that \
                 have been deleted."
            ),
        )
    }
}

/// Lists the images of a region, of all types and platforms. With `image_ids`, only those
/// with these IDs.
///
/// # Errors
///
/// If the provider's configuration is unknown or invalid, or the call fails.
pub async fn all_images(
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

/// The images that match all filters but the name.
#[derive(Debug)]
pub struct Selection {
    pub region: RegionId,
    /// Requested IDs that no image of the type has, in the requested order.
    pub missing_ids: Vec<String>,
    pub images: Vec<Arc<Image>>,
    /// Images that match all filters but platform and name.
    pub other_platforms: Vec<Arc<Image>>,
}
