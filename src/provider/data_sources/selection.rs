//! Arguments and reads that `swas_image` and `swas_images` share.

use std::sync::Arc;

use regex::Regex;

use crate::provider::config::ProviderData;
use crate::provider::data_sources::fields::{Entry, Field, fields};
use crate::provider::fetched::{Fetched, Work};
use crate::provider::validators;
use crate::swas::catalog::images::Found;
use crate::swas::operations::images::ListImages;
use crate::swas::operations::images::model::{Image, ImageType, PLATFORMS};
use crate::terraform::{ConfigError, Diagnostic, Diagnostics, Parser, ReadError, Value};
use aliyun::rpc::region::RegionId;

impl Entry for Image {
    const FIELDS: &'static [Field<Self>] = fields! {
        "id": Text(|image| &image.image_id), "ID of the image.";
        "image_id": Text(|image| &image.image_id), "Same as `id`.";
        "image_name": Text(|image| &image.image_name), "Name of the image.";
        "image_type": Text(|image| &image.image_type),
            "Type of the image. Valid values: `system` (an operating system), `app` (an operating \
             system with an application), and `custom` (an image of the account).";
        "platform": Text(|image| &image.platform),
            "Platform of the image. Valid values: `Linux` and `Windows`.";
        "description": Text(|image| &image.description), "Description of the image. Often empty.";
    };
}

/// The parsed arguments.
#[derive(Debug)]
pub struct SelectionFilter {
    /// `None` means the provider's region.
    region_id: Option<RegionId>,
    pub image_ids: Option<Vec<String>>,
    image_type: Option<ImageType>,
    platform: Option<&'static str>,
    pub name_regex: Option<Regex>,
}

impl SelectionFilter {
    /// Validates `region_id`, `image_type` and `platform`. The others are validated already.
    ///
    /// # Errors
    ///
    /// If an argument is unknown or invalid.
    pub fn parse(
        [region_id, image_type, platform]: [&Value<String>; 3],
        image_ids: Result<Option<Vec<String>>, ConfigError>,
        name_regex: Result<Option<Regex>, ConfigError>,
        parser: &mut Parser<'_>,
    ) -> Result<Self, ConfigError> {
        let region_id = parser.text("region_id", region_id, validators::region);
        let image_type = parser.text("image_type", image_type, |text, path| {
            validators::one_of(text, path, ImageType::ALL.map(|one| (one.as_str(), one)))
        });
        let platform = parser.text("platform", platform, validators::platform);
        Ok(Self {
            region_id: region_id?,
            image_ids: image_ids?,
            image_type: image_type?,
            platform: platform?,
            name_regex: name_regex?,
        })
    }

    /// Reads the images of the region that have the IDs and the type.
    ///
    /// # Errors
    ///
    /// If the provider's configuration is unknown or invalid, or the call fails.
    pub async fn fetch(
        &self,
        data: &ProviderData,
        warnings: &mut Diagnostics,
    ) -> Result<(RegionId, Fetched<Found>), ReadError> {
        let region = data.region(self.region_id.clone(), warnings).await?;
        let query = ListImages {
            region: region.clone(),
            image_type: self.image_type,
            image_ids: self.image_ids.clone(),
        };
        let ids = self.image_ids.as_deref();
        let images = data.fetch(ids, |client| client.images(query), warnings);
        Ok((region, images.await?))
    }

    /// The images that were requested, for messages: `image of type "app"`.
    pub fn kind(&self) -> String {
        let of_type = self
            .image_type
            .map(|it| format!(" of type \"{}\"", it.as_str()));
        format!("image{}", of_type.unwrap_or_default())
    }

    pub fn matches_platform(&self, image: &Image) -> bool {
        let platform = self.platform;
        platform.is_none_or(|platform| image.platform == platform)
    }

    /// The platform, if images have others than the known ones: these can be the requested one
    /// in another form.
    pub fn doubtful_platform(&self, images: &[Arc<Image>]) -> Option<&'static str> {
        let is_known = |image: &Arc<Image>| PLATFORMS.contains(&&*image.platform);
        self.platform.filter(|_| !images.iter().all(is_known))
    }

    /// Returns the images that `is_match` and `name_regex` match.
    ///
    /// # Errors
    ///
    /// If the read ends meanwhile.
    pub fn matching(
        &self,
        images: &[Arc<Image>],
        work: &Work,
        is_match: impl Fn(&Image) -> bool,
    ) -> Result<Vec<Arc<Image>>, Diagnostic> {
        let mut matching = Vec::new();
        for image in images {
            work.check()?;
            let regex = self.name_regex.as_ref();
            if is_match(image) && regex.is_none_or(|regex| regex.is_match(&image.image_name)) {
                matching.push(Arc::clone(image));
            }
        }
        Ok(matching)
    }
}
