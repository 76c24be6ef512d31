//! The images, plans and regions that the emulator knows.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::accounts::ACCOUNT;

/// Every region with its images and plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The regions, in the order that `ListRegions` answers them.
    pub regions: Vec<Region>,
}

/// A region in which Simple Application Server is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// For example `cn-hangzhou`.
    pub id: String,
    /// Its name in Chinese.
    pub chinese_name: String,
    /// Its name in English.
    pub english_name: String,
    /// Its images, in the order that `ListImages` answers them.
    pub images: Vec<Image>,
    /// Its plans as `ListPlans` answers them, so that a test can make up any.
    #[serde(default)]
    pub plans: Vec<Value>,
    /// The account's own images as `ListCustomImages` answers them.
    #[serde(default)]
    pub custom_images: Vec<Value>,
    /// Images that other accounts share with it, likewise.
    #[serde(default)]
    pub shared_images: Vec<Value>,
}

/// An image, under the names that the API gives to its fields.
///
/// Read from JSON, it needs a name only: it is then one of the account's own,
/// with Linux.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// 32 lower-case hex digits in the built-in catalog.
    #[serde(rename = "ImageId", default)]
    pub id: String,
    /// For example `Ubuntu-22.04`.
    #[serde(rename = "ImageName")]
    pub name: String,
    /// `system`, `app` or `custom`; a test may make up another.
    #[serde(rename = "ImageType", default = "custom")]
    pub image_type: String,
    /// `Linux` or `Windows`; likewise.
    #[serde(rename = "Platform", default = "linux")]
    pub platform: String,
    /// Left out of the answer where there is none.
    #[serde(rename = "Description", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The order in which an answer lists its entries. The API promises none, so
/// that a client has to cope with each of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The catalog's own order.
    #[default]
    AsListed,
    /// The catalog's order backwards.
    Reversed,
    /// Shuffled. The same seed gives the same order on every call.
    Shuffled(u64),
}

/// The file of the built-in catalog. The names follow the style of those in
/// Alibaba Cloud's console; which of them exist there on a given day is beside
/// the point. They are in no order that a client could mistake for sorted.
#[derive(Deserialize)]
struct Builtin {
    /// What every region has.
    public: Vec<Image>,
    /// Regions with the images that are the account's own.
    regions: Vec<Region>,
}

impl Catalog {
    /// The regions cn-hangzhou, ap-southeast-1, us-west-1 and cn-nanjing, with
    /// system, app and custom images for Linux and Windows in each. All but the
    /// last, which is closing down, have some plans. The same at each call.
    #[must_use]
    pub fn builtin() -> Self {
        let builtin: Builtin = serde_json::from_str(include_str!("catalog.json"))
            .expect("the file is part of the program and tested");
        let mut plans: HashMap<String, Vec<Value>> =
            serde_json::from_str(include_str!("plans.json"))
                .expect("the file is part of the program and tested");
        let mut regions = builtin.regions;
        for region in &mut regions {
            let custom = std::mem::replace(&mut region.images, builtin.public.clone());
            region.images.extend(custom);
            region.plans = plans.remove(&region.id).unwrap_or_default();
            for image in &mut region.images {
                image.id = image.id_in(&region.id);
            }
            let own = region
                .images
                .iter()
                .filter(|one| one.image_type == "custom");
            region.custom_images = (1..).zip(own).map(custom_image).collect();
        }
        Self { regions }
    }

    /// The built-in regions, each with `images` images under made-up names.
    #[must_use]
    pub fn sized(images: usize) -> Self {
        let application = |number| {
            let mut image = Image {
                id: String::new(),
                name: format!("Application-{}.{}", number / 100, number % 100),
                image_type: "app".to_owned(),
                platform: "Linux".to_owned(),
                description: Some(format!("Application number {number}.")),
            };
            image.id = image.id_in("");
            image
        };
        let images: Vec<Image> = (0..images).map(application).collect();
        let mut catalog = Self::builtin();
        for region in &mut catalog.regions {
            region.images.clone_from(&images);
        }
        catalog
    }

    /// The same with `images` as the only ones of the region `region_id`, which
    /// is added when it is not there.
    #[must_use]
    pub fn with_images(mut self, region_id: &str, images: Vec<Image>) -> Self {
        self.region_mut(region_id).images = images;
        self
    }

    /// The same with `plans` as the only ones of the region `region_id`, which is
    /// added when it is not there.
    #[must_use]
    pub fn with_plans(mut self, region_id: &str, plans: Vec<Value>) -> Self {
        self.region_mut(region_id).plans = plans;
        self
    }

    /// The same with `images` as the account's own ones of the region `region_id`,
    /// which is added when it is not there.
    #[must_use]
    pub fn with_custom_images(mut self, region_id: &str, images: Vec<Value>) -> Self {
        self.region_mut(region_id).custom_images = images;
        self
    }

    /// The same with `images` as the only ones that other accounts share with this one
    /// in the region `region_id`, which is added when it is not there.
    #[must_use]
    pub fn with_shared_images(mut self, region_id: &str, images: Vec<Value>) -> Self {
        self.region_mut(region_id).shared_images = images;
        self
    }

    fn region_mut(&mut self, region_id: &str) -> &mut Region {
        let known = self.regions.iter().position(|one| one.id == region_id);
        let place = known.unwrap_or_else(|| {
            self.regions.push(Region {
                id: region_id.to_owned(),
                chinese_name: region_id.to_owned(),
                english_name: region_id.to_owned(),
                ..Region::default()
            });
            self.regions.len() - 1
        });
        &mut self.regions[place]
    }

    /// Adds an image to the region `region_id`, in the place of any with its ID.
    /// Without an ID it gets one. `None` when there is no such region.
    pub fn add_image(&mut self, region_id: &str, mut image: Image) -> Option<&Image> {
        let mut regions = self.regions.iter_mut();
        let images = &mut regions.find(|one| one.id == region_id)?.images;
        if image.id.is_empty() {
            image.id = image.id_in(region_id);
        }
        images.retain(|one| one.id != image.id);
        images.push(image);
        images.last()
    }

    /// The region `id`, if there is one.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }

    /// The images of the region `region_id`; none when there is no such region.
    #[must_use]
    pub fn images(&self, region_id: &str) -> &[Image] {
        self.region(region_id).map_or(&[], |region| &region.images)
    }

    /// The first image of the name `name` in the region `region_id`.
    #[must_use]
    pub fn image(&self, region_id: &str, name: &str) -> Option<&Image> {
        let mut images = self.images(region_id).iter();
        images.find(|image| image.name == name)
    }
}

impl Image {
    /// 32 lower-case hex digits. At Alibaba Cloud, a public image may have the same ID
    /// in several regions, and nothing promises that it has. Here, those of operating
    /// systems have, those of applications have not, and an account's own is in one
    /// region only.
    fn id_in(&self, region_id: &str) -> String {
        // A custom image may be named as a system image is.
        let text = format!("{}/{}", self.image_type, self.name);
        digest(&match self.image_type.as_str() {
            "system" => text,
            _ => format!("{region_id}/{text}"),
        })
    }
}

impl Order {
    pub(super) fn apply<T>(self, entries: &mut [T]) {
        match self {
            Self::AsListed => {}
            Self::Reversed => entries.reverse(),
            Self::Shuffled(seed) => {
                let mut index = 0_usize;
                entries.sort_by_cached_key(|_| {
                    let mut hasher = DefaultHasher::new();
                    (seed, index).hash(&mut hasher);
                    index += 1;
                    hasher.finish()
                });
            }
        }
    }
}

/// One of the account's own images, as `ListCustomImages` tells of it.
fn custom_image((day, image): (u32, &Image)) -> Value {
    json!({
        "ImageId": image.id,
        "Name": image.name,
        "Description": image.description,
        "CreationTime": format!("2026-05-{day:02}T08:30:00Z"),
        "Status": "1",
        "OsType": image.platform,
        "RequiredSystemDiskSize": 40,
        "InShare": false,
        "InShareUser": false,
        "UserId": ACCOUNT.parse::<u64>().expect("digits"),
        "ResourceGroupId": "rg-acfmxyz4b4c2hfa",
        "InstanceId": digest(&image.name),
        "Tags": [{"Key": "platform", "Value": image.platform}],
    })
}

fn custom() -> String {
    "custom".to_owned()
}

fn linux() -> String {
    "Linux".to_owned()
}

/// 32 lower-case hex digits that follow from the text.
pub(super) fn digest(text: &str) -> String {
    let digest = Sha1::digest(text);
    let bytes = digest.first_chunk().copied();
    format!(
        "{:032x}",
        u128::from_be_bytes(bytes.expect("SHA-1 has 20 bytes"))
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn ids(region: &Region) -> HashSet<&str> {
        region.images.iter().map(|one| one.id.as_str()).collect()
    }

    #[test]
    fn the_builtin_regions_have_images_of_every_kind() {
        let catalog = Catalog::builtin();
        let regions: Vec<&str> = catalog.regions.iter().map(|r| r.id.as_str()).collect();
        let expected = ["cn-hangzhou", "ap-southeast-1", "cn-nanjing", "us-west-1"];
        assert_eq!(regions, expected);
        for Region { id, images, .. } in &catalog.regions {
            let has = |fits: &dyn Fn(&Image) -> bool| images.iter().any(fits);
            for image_type in ["system", "app", "custom"] {
                for platform in ["Linux", "Windows"] {
                    let found =
                        has(&|one| one.image_type == image_type && one.platform == platform);
                    assert!(found, "{id} {image_type} {platform}");
                }
            }
            assert!(has(&|one| one.description.is_none()));
            assert!(has(&|one| one.description.as_deref() == Some("")));
            assert!(has(&|one| one.description.as_deref() > Some("")));
        }
    }

    #[test]
    fn an_id_is_hex_and_of_one_image_and_some_public_ones_are_in_several_regions() {
        let catalog = Catalog::builtin();
        for region in &catalog.regions {
            assert_eq!(ids(region).len(), region.images.len());
            for image in &region.images {
                let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                assert!(image.id.len() == 32 && image.id.bytes().all(hex));
                let having = catalog.regions.iter();
                let having = having.filter(|r| ids(r).contains(&*image.id)).count();
                let is_shared = image.image_type == "system";
                let expected = if is_shared { catalog.regions.len() } else { 1 };
                assert_eq!(having, expected, "{}", image.name);
            }
        }
    }

    #[test]
    fn a_sized_catalog_has_that_many_images_in_each_region() {
        let catalog = Catalog::sized(1000);
        let sizes = catalog.regions.iter().map(|region| ids(region).len());
        assert_eq!(sizes.collect::<Vec<_>>(), [1000; 4]);
    }

    #[test]
    fn an_order_is_kept_and_loses_nothing() {
        let ordered = |order: Order| {
            let mut entries: Vec<u32> = (0..50).collect();
            order.apply(&mut entries);
            entries
        };
        let listed = ordered(Order::AsListed);
        let mut shuffled = ordered(Order::Shuffled(7));
        assert!(ordered(Order::Reversed).iter().rev().eq(&listed));
        assert_eq!(shuffled, ordered(Order::Shuffled(7)));
        assert_ne!(shuffled, ordered(Order::Shuffled(8)));
        assert_ne!(shuffled, listed);
        shuffled.sort_unstable();
        assert_eq!(shuffled, listed);
    }
}
