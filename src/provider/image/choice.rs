//! One image of those that match, or what tells them apart.

use std::collections::HashSet;
use std::slice;
use std::sync::Arc;

use super::{Block, Found, Query, list_images};
use crate::provider::version::Versions;
use crate::swas::{ImageType, Platform, RegionId, quoted};
use crate::terraform::Diagnostic;

/// The one image, or the newest if that is what is asked for.
pub(super) fn choose<'a>(
    block: &Block,
    query: &Query,
    region: &RegionId,
    images: &[&'a Arc<Found>],
) -> Result<&'a Found, Diagnostic> {
    let newest = newest(images);
    let candidates = if query.most_recent { &newest } else { images };
    if let [image] = candidates {
        return Ok(image);
    }
    let (summary, mut detail) = if query.most_recent {
        let detail = format!(
            "In region {region}, {} images match {}, and these have the same highest version in \
             their names:",
            images.len(),
            block.wanted()
        );
        ("Several images are the most recent", detail)
    } else {
        let detail = format!(
            "In region {region}, {} images match {}:",
            images.len(),
            block.wanted()
        );
        ("More than one image matches", detail)
    };
    list_images(&mut detail, candidates.iter().copied());
    detail.push('\n');
    detail.push_str(&advice(block, candidates));
    detail.push_str(if !query.most_recent && newest.len() == 1 {
        ", or set \"most_recent\" to true to take the highest version."
    } else {
        "."
    });
    Err(Diagnostic::error(summary, detail).at(block.chooser()))
}

/// Those with the highest version in their names.
fn newest<'a>(images: &[&'a Arc<Found>]) -> Vec<&'a Arc<Found>> {
    let versions = images.iter().map(|image| Versions::of(&image.image_name));
    let highest = versions.max();
    let newest = images.iter().copied();
    newest
        .filter(|image| Some(Versions::of(&image.image_name)) == highest)
        .collect()
}

/// An argument, and what of an image it is compared with.
#[derive(Clone, Copy)]
struct Argument {
    name: &'static str,
    value: fn(&Found) -> &str,
}

/// What to set so that one image is left, whichever of them is meant.
fn advice(block: &Block, images: &[&Arc<Found>]) -> String {
    let arguments = can_be_set(block, images);
    let mut alone = arguments.iter().map(slice::from_ref);
    let alone = alone.find(|one| tell_apart(one, images));
    let differing = arguments.iter().filter(|one| one.differs(images));
    let differing: Vec<_> = differing.copied().collect();
    let together = tell_apart(&differing, images).then_some(&differing[..]);
    if let Some(arguments) = alone.or(together) {
        let names: Vec<_> = arguments.iter().map(|one| quoted(one.name)).collect();
        let or_regex = match arguments {
            [Argument { name: "name", .. }] => " or \"name_regex\"",
            _ => "",
        };
        return format!("Narrow the choice with {}{or_regex}", names.join(" and "));
    }
    let others = [
        ("name", block.name.is_null()),
        ("name_regex", block.name_regex.is_null()),
        ("most_recent", block.most_recent.is_null()),
    ];
    let others = others.into_iter().filter(|(_, is_null)| !is_null);
    let others: Vec<_> = others.map(|(name, _)| quoted(name)).collect();
    format!(
        "Nothing but the ID tells all of them apart: set \"image_id\" in the place of {}",
        others.join(" and ")
    )
}

/// The arguments that are not set, and that can name what each of the images has.
fn can_be_set(block: &Block, images: &[&Arc<Found>]) -> Vec<Argument> {
    let all = |can_be_named: fn(&Found) -> bool| images.iter().all(|image| can_be_named(image));
    let is_type = |image: &Found| {
        ImageType::ALL
            .iter()
            .any(|one| one.as_str() == image.image_type)
    };
    let is_platform = |image: &Found| {
        Platform::ALL
            .iter()
            .any(|one| one.as_str() == image.platform)
    };
    let mut arguments = Vec::new();
    if block.image_type.is_null() && all(is_type) {
        arguments.push(Argument {
            name: "image_type",
            value: |image| &image.image_type,
        });
    }
    if block.platform.is_null() && all(is_platform) {
        arguments.push(Argument {
            name: "platform",
            value: |image| &image.platform,
        });
    }
    if block.name.is_null() && all(|image| !image.image_name.trim().is_empty()) {
        arguments.push(Argument {
            name: "name",
            value: |image| &image.image_name,
        });
    }
    arguments
}

impl Argument {
    /// Whether not all images have the same value.
    fn differs(&self, images: &[&Arc<Found>]) -> bool {
        let mut pairs = images.windows(2);
        pairs.any(|pair| (self.value)(pair[0]) != (self.value)(pair[1]))
    }
}

/// Whether no two images have the same values of the arguments.
fn tell_apart(arguments: &[Argument], images: &[&Arc<Found>]) -> bool {
    let mut seen = HashSet::new();
    images.iter().all(|image| {
        let values = arguments.iter().map(|one| (one.value)(image));
        seen.insert(values.collect::<Vec<_>>())
    })
}
