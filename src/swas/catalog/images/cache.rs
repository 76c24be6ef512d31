//! The cached images of a region.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use crate::swas::operations::images::ListImages;
use crate::swas::operations::images::model::{Image, ImageType};
use crate::swas::operations::images::sorted::Sorted;

/// The cached images of a region.
#[derive(Clone, Debug, Default)]
pub struct ImageCache {
    /// The last list of each requested type, and of all types.
    lists: HashMap<Option<ImageType>, List>,
    /// The last result of requests for an ID, by the type that was requested too.
    by_id: HashMap<String, HashMap<Option<ImageType>, IdEntry>>,
    /// True if a response to a request for all types had an image without one: it can be of
    /// any type, so that such responses serve no read of one type.
    pub omits_types: bool,
}

/// When an ID was requested, and the image, if there is one.
type IdEntry = (Option<Instant>, Option<Arc<Image>>);

#[derive(Clone, Debug)]
pub struct List {
    /// When custom images were requested. `None` if the list lacks them.
    sent: Option<Instant>,
    images: Arc<Sorted>,
    /// True if each image has a type.
    is_typed: bool,
}

/// Images for a read. Selecting those of a long list takes time.
#[derive(Debug)]
pub enum Found {
    /// All images of a list, or those of one type.
    List(Arc<Sorted>, Option<ImageType>),
    /// Images by ID.
    ById(Vec<Arc<Image>>),
}

impl Found {
    /// Returns the images without duplicates, in natural order of names, then by ID.
    pub fn select(self) -> Vec<Arc<Image>> {
        match self {
            Self::List(images, None) => images.to_vec(),
            Self::List(images, Some(image_type)) => images.of_type(image_type).cloned().collect(),
            Self::ById(images) => images.into_iter().collect::<Sorted>().to_vec(),
        }
    }
}

impl Default for Found {
    fn default() -> Self {
        Self::ById(Vec::new())
    }
}

impl ImageCache {
    /// A list with all public images of this type, or of all types. Never expires.
    fn public_list(&self, image_type: Option<ImageType>) -> Option<&List> {
        let list = self.lists.get(&image_type);
        list.or_else(|| self.typed_list())
    }

    /// The list of all types, if it tells them apart.
    fn typed_list(&self) -> Option<&List> {
        self.lists.get(&None).filter(|list| list.is_typed)
    }

    /// Returns true if the list of all types needs no public image to be complete again.
    pub fn has_public_images(&self) -> bool {
        self.typed_list().is_some()
    }

    /// A list with all images of this type, or of all types. Expires if it has custom images.
    pub fn list(&self, image_type: Option<ImageType>, oldest: Instant) -> Option<&List> {
        let list = if image_type == Some(ImageType::Custom) {
            let lists = [self.lists.get(&image_type), self.typed_list()];
            lists.into_iter().flatten().max_by_key(|list| list.sent)
        } else {
            self.public_list(image_type)
        };
        let expires = matches!(image_type, None | Some(ImageType::Custom));
        list.filter(|list| !expires || list.sent >= Some(oldest))
    }

    /// Looks up an image by ID. Returns an empty slice if no image of the type has it, and
    /// `None` if the response is missing or has expired.
    fn image(
        &self,
        id: &str,
        image_type: Option<ImageType>,
        oldest: Instant,
    ) -> Option<&[Arc<Image>]> {
        let entry = self.by_id.get(id);
        let listed = self.lists.values();
        let listed = listed.filter_map(|list| Some((list.sent, list.images.get(id)?)));
        let named = entry.into_iter().flat_map(HashMap::values);
        let named = named.filter_map(|(sent, image)| Some((*sent, image.as_ref()?)));
        let seen = listed.chain(named);
        let is_usable = |(sent, image): &(Option<Instant>, &Arc<Image>)| {
            let is_typed = !image.image_type.is_empty();
            // An image without a type can be a custom one.
            let is_fresh = *sent >= Some(oldest) || is_typed && !is_custom(image);
            is_fresh && (is_typed || image_type.is_none())
        };
        if let Some((_, image)) = seen.filter(is_usable).max_by_key(|(sent, _)| *sent) {
            return match image_type {
                Some(requested) if requested.as_str() != image.image_type => Some(&[]),
                _ => Some(std::slice::from_ref(image)),
            };
        }
        let result = |image_type| entry?.get(&image_type);
        let mut results = [None, image_type].into_iter().filter_map(result);
        let is_absent = results.any(|(sent, image)| image.is_none() && *sent >= Some(oldest));
        is_absent.then_some(&[])
    }

    /// The IDs of a query that are not cached.
    pub fn uncached_ids<'a>(
        &'a self,
        query: &'a ListImages,
        oldest: Instant,
    ) -> impl Iterator<Item = &'a str> {
        let ids = query.image_ids.iter().flatten().map(String::as_str);
        ids.filter(move |id| self.image(id, query.image_type, oldest).is_none())
    }

    /// Returns the images that match, unless a response is missing or has expired.
    pub fn find(&self, query: &ListImages, oldest: Instant) -> Option<Found> {
        let image_type = query.image_type;
        let Some(ids) = &query.image_ids else {
            let list = self.list(image_type, oldest)?;
            return Some(Found::List(Arc::clone(&list.images), image_type));
        };
        let mut images = Vec::new();
        for id in ids {
            images.extend_from_slice(self.image(id, image_type, oldest)?);
        }
        Some(Found::ById(images))
    }

    /// Inserts the response to a call that was sent at `sent`: `None` for a list without
    /// custom images. Merges custom images into the list of all types too, whose public images
    /// have not changed, if it tells them apart.
    pub fn insert(&mut self, call: &ListImages, sent: Option<Instant>, mut images: Sorted) {
        match call.image_type {
            // A response to a request for one type may omit the type.
            Some(image_type) => images.set_missing_type(image_type),
            None => self.omits_types |= !is_typed(&images),
        }
        let Some(ids) = &call.image_ids else {
            let list = |images: Sorted| List {
                sent,
                is_typed: is_typed(&images),
                images: Arc::new(images),
            };
            if call.image_type == Some(ImageType::Custom)
                && let Some(all) = self.typed_list()
            {
                let public = all.images.iter().filter(|image| !is_custom(image));
                let all = public.chain(images.of_type(ImageType::Custom));
                let all = list(all.cloned().collect());
                self.lists.insert(None, all);
            }
            self.lists.insert(call.image_type, list(images));
            return;
        };
        for id in ids {
            let results = self.by_id.entry(id.clone()).or_default();
            results.insert(call.image_type, (sent, images.get(id).cloned()));
        }
    }
}

fn is_typed(images: &Sorted) -> bool {
    images.iter().all(|image| !image.image_type.is_empty())
}

fn is_custom(image: &Image) -> bool {
    image.image_type == ImageType::Custom.as_str()
}
