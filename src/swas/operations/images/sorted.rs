//! Images in natural order.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use super::model::{Image, ImageType};
use crate::swas::natural_order::natural_cmp;

/// Images without duplicates, in natural order of names, then by ID.
#[derive(Debug)]
pub struct Sorted(Vec<Arc<Image>>);

impl Sorted {
    /// Sets the type of images that have none.
    pub fn set_missing_type(&mut self, image_type: ImageType) {
        // The order does not depend on the type.
        let untyped = self.0.iter_mut();
        let untyped = untyped.filter(|image| image.image_type.is_empty());
        untyped.for_each(|image| Arc::make_mut(image).image_type = image_type.as_str().into());
    }
}

impl Deref for Sorted {
    type Target = [Arc<Image>];

    fn deref(&self) -> &[Arc<Image>] {
        &self.0
    }
}

impl FromIterator<Arc<Image>> for Sorted {
    fn from_iter<I: IntoIterator<Item = Arc<Image>>>(images: I) -> Self {
        let mut images: Vec<_> = images.into_iter().collect();
        let ids: HashSet<_> = images.iter().map(|image| &image.image_id).collect();
        if ids.len() < images.len() {
            // The API may list an image twice. Sorting first makes the choice between
            // duplicates independent of its order.
            images.sort_unstable();
            images.dedup_by(|one, other| one.image_id == other.image_id);
        }
        images.sort_by(|one, other| {
            let by_name = natural_cmp(&one.image_name, &other.image_name);
            by_name.then_with(|| one.image_id.cmp(&other.image_id))
        });
        Self(images)
    }
}
