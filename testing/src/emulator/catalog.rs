//! The catalog of images, plans and regions.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::ACCOUNT;
use super::digest::digest;

/// The regions with their images and plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The regions, in the order of `ListRegions`.
    pub regions: Vec<Region>,
}

/// A region of Simple Application Server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// The region ID, such as `cn-hangzhou`.
    pub id: String,
    /// The name in Chinese.
    pub chinese_name: String,
    /// The name in English.
    pub english_name: String,
    /// The images, in the order of `ListImages`.
    pub images: Vec<Image>,
    /// The entries of `ListPlans`. They are not validated.
    #[serde(default)]
    pub plans: Vec<Value>,
    /// The account's own images: entries of `ListCustomImages`, not validated.
    #[serde(default)]
    pub custom_images: Vec<Value>,
    /// Images that other accounts share with the account, in the same format.
    #[serde(default)]
    pub shared_images: Vec<Value>,
}

/// An image, serialized with the API's field names.
///
/// Only the name is required in JSON. The other fields default to a custom Linux
/// image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// The image ID: 32 lower-case hex digits in the built-in catalog.
    #[serde(rename = "ImageId", default)]
    pub id: String,
    /// The image name, such as `Ubuntu-22.04`.
    #[serde(rename = "ImageName")]
    pub name: String,
    /// `system`, `app` or `custom`. Other values are not rejected.
    #[serde(rename = "ImageType", default = "custom")]
    pub image_type: String,
    /// `Linux` or `Windows`. Other values are not rejected.
    #[serde(rename = "Platform", default = "linux")]
    pub platform: String,
    /// The description. `None` omits the field.
    #[serde(rename = "Description", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The order of the entries in a response. The API guarantees none: clients have
/// to handle all of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The order of the catalog.
    #[default]
    AsListed,
    /// The reverse order of the catalog.
    Reversed,
    /// A random order that depends on the seed alone.
    Shuffled(u64),
}

/// The file of the built-in catalog. The names follow the style of Alibaba Cloud's
/// console and need not exist there. They are deliberately unsorted.
#[derive(Deserialize)]
struct Builtin {
    /// The images of all regions.
    public: Vec<Image>,
    /// Regions with the account's own images.
    regions: Vec<Region>,
}

impl Catalog {
    /// The built-in catalog: cn-hangzhou, ap-southeast-1, cn-nanjing and us-west-1.
    /// Each has system, app and custom images for Linux and Windows. All but
    /// cn-nanjing, a region that is closing down, have plans.
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

    /// The built-in regions, each with `images` generated images.
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

    /// Replaces the images of the region `region_id`. Adds the region if it is
    /// missing.
    #[must_use]
    pub fn with_images(mut self, region_id: &str, images: Vec<Image>) -> Self {
        self.region_mut(region_id).images = images;
        self
    }

    /// Replaces the plans of the region `region_id`. Adds the region if it is
    /// missing.
    #[must_use]
    pub fn with_plans(mut self, region_id: &str, plans: Vec<Value>) -> Self {
        self.region_mut(region_id).plans = plans;
        self
    }

    /// Replaces the account's own images of the region `region_id`. Adds the region
    /// if it is missing.
    #[must_use]
    pub fn with_custom_images(mut self, region_id: &str, images: Vec<Value>) -> Self {
        self.region_mut(region_id).custom_images = images;
        self
    }

    /// Replaces the images that other accounts share in the region `region_id`. Adds
    /// the region if it is missing.
    #[must_use]
    pub fn with_shared_images(mut self, region_id: &str, images: Vec<Value>) -> Self {
        self.region_mut(region_id).shared_images = images;
        self
    }

    fn region_mut(&mut self, region_id: &str) -> &mut Region {
        let position = self.regions.iter().position(|one| one.id == region_id);
        let index = position.unwrap_or_else(|| {
            self.regions.push(Region {
                id: region_id.to_owned(),
                chinese_name: region_id.to_owned(),
                english_name: region_id.to_owned(),
                ..Region::default()
            });
            self.regions.len() - 1
        });
        &mut self.regions[index]
    }

    /// Adds an image to the region `region_id`, replacing any with the same ID. An
    /// empty ID is generated. Returns `None` if the region does not exist.
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

    /// Looks up a region by ID.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }

    /// The images of the region `region_id`, empty if it does not exist.
    #[must_use]
    pub fn images(&self, region_id: &str) -> &[Image] {
        self.region(region_id).map_or(&[], |region| &region.images)
    }

    /// The first image called `name` in the region `region_id`.
    #[must_use]
    pub fn image(&self, region_id: &str, name: &str) -> Option<&Image> {
        let mut images = self.images(region_id).iter();
        images.find(|image| image.name == name)
    }
}

impl Image {
    /// Generates an ID of 32 lower-case hex digits. At Alibaba Cloud, a public image
    /// may or may not have the same ID in several regions. Here, system images have
    /// the same ID in all regions, and other images have one per region.
    fn id_in(&self, region_id: &str) -> String {
        // A custom image may have the name of a system image.
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

/// The `ListCustomImages` entry of an image.
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
