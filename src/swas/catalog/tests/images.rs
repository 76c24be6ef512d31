//! Images of fake regions. Each has the images `id-0` to `id-15`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::fake_api::{FakeApi, calls};
use crate::swas::catalog::error::LoadError;
use crate::swas::catalog::images::ImageLoader;
use crate::swas::operations::images::ListImages;
use aliyun::rpc::signature::Parameters;

/// Images below this number are public.
pub const CUSTOM: u8 = 8;

fn is_listed(number: u8) -> bool {
    number % 4 < 2
}

/// The response of the API. Descriptions are the time of the request in milliseconds.
fn respond(parameters: &Parameters, sent: u64) -> Value {
    let ids = parameters.get("ImageIds").map(|ids| {
        let ids: Vec<String> = serde_json::from_str(ids).unwrap();
        ids
    });
    let numbers = (0..16).filter(|number| match &ids {
        Some(ids) => ids.contains(&format!("id-{number}")),
        None => is_listed(*number),
    });
    let image = |number| {
        let image_type = if number < CUSTOM { "system" } else { "custom" };
        json!({
            "ImageId": format!("id-{number}"), "ImageType": image_type,
            "Description": sent.to_string(),
        })
    };
    json!({"Images": numbers.map(image).collect::<Vec<_>>()})
}

pub fn api() -> FakeApi {
    FakeApi::new(respond)
}

pub fn loader(api: FakeApi) -> (ImageLoader<FakeApi>, Arc<FakeApi>) {
    let (calls, api) = calls(api);
    (ImageLoader::new(calls), api)
}

/// A query for images by number.
pub fn query(region: u8, numbers: impl IntoIterator<Item = u8>) -> ListImages {
    let ids = numbers.into_iter().map(|number| format!("id-{number}"));
    ListImages {
        region: format!("cn-{region}").parse().unwrap(),
        image_type: None,
        image_ids: Some(ids.collect()),
    }
}

impl ImageLoader<FakeApi> {
    /// Reads images by number. Returns when each was requested, in milliseconds.
    pub async fn read(
        &self,
        region: u8,
        numbers: impl IntoIterator<Item = u8>,
    ) -> Result<BTreeMap<u8, u64>, Box<LoadError>> {
        let images = self.get(query(region, numbers)).await?;
        let images = images.select().into_iter().map(|image| {
            let number = image.image_id.strip_prefix("id-").unwrap();
            (number.parse().unwrap(), image.description.parse().unwrap())
        });
        Ok(images.collect())
    }
}
