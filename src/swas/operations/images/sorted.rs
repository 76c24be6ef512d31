//! Images in natural order.

use std::ops::Deref;
use std::sync::Arc;

use super::model::{Image, ImageType};
use crate::swas::natural_order::natural_cmp;

/// Images without duplicates, in natural order of names, then by ID. Created on other threads,
/// so that sorting and indexing a long list delays no other task.
#[derive(Debug)]
pub struct Sorted {
    images: Vec<Arc<Image>>,
    /// Positions in the order of IDs.
    by_id: Vec<usize>,
}

impl Sorted {
    /// Returns the image with this ID.
    pub fn get(&self, id: &str) -> Option<&Arc<Image>> {
        let image = |position: &usize| &self.images[*position];
        let ids = &self.by_id;
        let found = ids.binary_search_by(|position| (*image(position).image_id).cmp(id));
        Some(image(&ids[found.ok()?]))
    }

    /// Returns the images of this type.
    pub fn of_type(&self, image_type: ImageType) -> impl Iterator<Item = &Arc<Image>> {
        let images = self.images.iter();
        images.filter(move |image| image.image_type == image_type.as_str())
    }

    /// Sets the type of images that have none.
    pub fn set_missing_type(&mut self, image_type: ImageType) {
        // The order does not depend on the type.
        let untyped = self.images.iter_mut();
        let untyped = untyped.filter(|image| image.image_type.is_empty());
        untyped.for_each(|image| Arc::make_mut(image).image_type = image_type.as_str().into());
    }
}

impl Deref for Sorted {
    type Target = [Arc<Image>];

    fn deref(&self) -> &[Arc<Image>] {
        &self.images
    }
}

impl FromIterator<Arc<Image>> for Sorted {
    fn from_iter<I: IntoIterator<Item = Arc<Image>>>(images: I) -> Self {
        let mut images: Vec<_> = images.into_iter().collect();
        images.sort_by(|one, other| {
            let by_name = natural_cmp(&one.image_name, &other.image_name);
            by_name.then_with(|| one.image_id.cmp(&other.image_id))
        });
        let id = |position: &usize| &images[*position].image_id;
        let mut by_id: Vec<_> = (0..images.len()).collect();
        by_id.sort_unstable_by(|one, other| id(one).cmp(id(other)));
        if by_id.windows(2).any(|pair| id(&pair[0]) == id(&pair[1])) {
            // The API may list an image twice. The choice between duplicates does not depend
            // on its order.
            images.sort_unstable();
            images.dedup_by(|one, other| one.image_id == other.image_id);
            return images.into_iter().collect();
        }
        Self { images, by_id }
    }
}
