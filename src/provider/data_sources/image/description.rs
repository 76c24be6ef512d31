//! Images as lines of an error.

use std::sync::Arc;

use crate::provider::list;
use crate::swas::operations::images::model::Image;

/// The maximum number of images in an error.
pub(super) const MAX_CANDIDATES: usize = 10;

/// Appends a line for each image.
pub(super) fn append_images<'a>(text: &mut String, images: impl Iterator<Item = &'a Arc<Image>>) {
    let lines = images.map(|image| describe_image(&image.image_name, image));
    list::append(text, lines, MAX_CANDIDATES);
}

/// Describes an image: the name, and in parentheses the type, platform, and ID.
pub(super) fn describe_image(name: &str, image: &Image) -> String {
    let facts: [&str; 3] = [&image.image_type, &image.platform, &image.image_id];
    let facts = facts.into_iter().filter(|fact| !fact.is_empty());
    let facts: Vec<_> = facts.collect();
    format!("{name} ({})", facts.join(", "))
}
