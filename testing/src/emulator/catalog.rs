//! The images and regions that the emulator knows.

use serde::Serialize;
use sha1::{Digest, Sha1};

use super::builtin;

/// Every region and its images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The regions, in the order that `ListRegions` answers them.
    pub regions: Vec<Region>,
}

/// A region in which Simple Application Server is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// For example `cn-hangzhou`.
    pub id: String,
    /// Its name in Chinese.
    pub chinese_name: String,
    /// Its name in English.
    pub english_name: String,
    /// Its images, in the order that `ListImages` answers them.
    pub images: Vec<Image>,
}

/// An image, under the names that the API gives to its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Image {
    /// 32 lower-case hex digits in the built-in catalog.
    #[serde(rename = "ImageId")]
    pub id: String,
    /// For example `Ubuntu-22.04`.
    #[serde(rename = "ImageName")]
    pub name: String,
    /// `system`, `app` or `custom`; a test may make up another.
    #[serde(rename = "ImageType")]
    pub image_type: String,
    /// `Linux` or `Windows`; likewise.
    #[serde(rename = "Platform")]
    pub platform: String,
    /// Left out of the answer where there is none.
    #[serde(rename = "Description", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Catalog {
    /// The regions cn-hangzhou, ap-southeast-1 and us-west-1, with system, app
    /// and custom images for Linux and Windows in each. The same at each call.
    #[must_use]
    pub fn builtin() -> Self {
        builtin::catalog()
    }

    /// The built-in regions, each with `images` images under made-up names.
    #[must_use]
    pub fn sized(images: usize) -> Self {
        let mut catalog = Self::builtin();
        for region in &mut catalog.regions {
            region.images = (0..images)
                .map(|number| Image {
                    id: image_id(&region.id, &number.to_string()),
                    name: format!("Application-{}.{}", number / 100, number % 100),
                    image_type: "app".to_owned(),
                    platform: "Linux".to_owned(),
                    description: Some(format!("Application number {number}.")),
                })
                .collect();
        }
        catalog
    }

    /// The same with `images` as the only ones of the region `region_id`, which
    /// is added when it is not there.
    #[must_use]
    pub fn with_images(mut self, region_id: &str, images: Vec<Image>) -> Self {
        let known = self
            .regions
            .iter_mut()
            .find(|region| region.id == region_id);
        if let Some(region) = known {
            region.images = images;
        } else {
            self.regions.push(Region {
                id: region_id.to_owned(),
                chinese_name: region_id.to_owned(),
                english_name: region_id.to_owned(),
                images,
            });
        }
        self
    }

    /// The region `id`, if there is one.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }

    /// The images of the region `region_id`; none when there is no such region.
    #[must_use]
    pub fn images(&self, region_id: &str) -> &[Image] {
        self.region(region_id)
            .map_or(&[], |region| region.images.as_slice())
    }

    /// The first image of the name `name` in the region `region_id`.
    #[must_use]
    pub fn image(&self, region_id: &str, name: &str) -> Option<&Image> {
        self.images(region_id)
            .iter()
            .find(|image| image.name == name)
    }
}

/// 32 lower-case hex digits that follow from the region and the name: an image
/// has another ID in each region, as it does at Alibaba Cloud.
pub(super) fn image_id(region_id: &str, name: &str) -> String {
    let digest = Sha1::digest(format!("{region_id}/{name}"));
    let number = digest
        .iter()
        .take(16)
        .fold(0, |number, &byte| number << 8 | u128::from(byte));
    format!("{number:032x}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn all_images(catalog: &Catalog) -> Vec<&Image> {
        let images = catalog.regions.iter().map(|region| &region.images);
        images.flatten().collect()
    }

    #[test]
    fn the_builtin_regions_are_three() {
        let catalog = Catalog::builtin();
        let ids: Vec<&str> = catalog.regions.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["cn-hangzhou", "ap-southeast-1", "us-west-1"]);
    }

    #[test]
    fn image_ids_are_unique_hex() {
        let catalog = Catalog::builtin();
        let images = all_images(&catalog);
        let ids: HashSet<&str> = images.iter().map(|image| image.id.as_str()).collect();
        assert!(images.len() >= 60, "{} images", images.len());
        assert_eq!(ids.len(), images.len());
        for id in ids {
            let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            assert!(id.len() == 32 && id.bytes().all(hex), "{id}");
        }
    }

    #[test]
    fn every_region_has_every_kind_of_image() {
        let catalog = Catalog::builtin();
        for region in &catalog.regions {
            for image_type in ["system", "app", "custom"] {
                for platform in ["Linux", "Windows"] {
                    let fits = |image: &&Image| {
                        image.image_type == image_type && image.platform == platform
                    };
                    let found = region.images.iter().find(fits);
                    assert!(found.is_some(), "{} {image_type} {platform}", region.id);
                }
            }
        }
    }

    #[test]
    fn descriptions_are_absent_and_empty_and_text() {
        let catalog = Catalog::builtin();
        for region in &catalog.regions {
            let descriptions: Vec<Option<&str>> = region
                .images
                .iter()
                .map(|image| image.description.as_deref())
                .collect();
            assert!(descriptions.contains(&None));
            assert!(descriptions.contains(&Some("")));
            assert!(descriptions.iter().flatten().any(|text| !text.is_empty()));
        }
    }

    #[test]
    fn a_sized_catalog_has_that_many_images_in_each_region() {
        let catalog = Catalog::sized(1000);
        let ids: HashSet<&str> = all_images(&catalog)
            .iter()
            .map(|image| image.id.as_str())
            .collect();
        assert_eq!(ids.len(), 3000);
    }
}
