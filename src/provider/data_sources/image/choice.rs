//! One image of those that match, or what tells them apart.

use std::collections::HashSet;
use std::fmt::Write;
use std::slice;
use std::sync::Arc;

use super::version::Version;
use super::{Filter, Image, Model, described, list_images, version_group};
use crate::provider::list;
use crate::swas::operations::images::{ImageType, Platform};
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The most images that the error about several most recent ones lists.
const MOST_LISTED: usize = 50;

/// The most images that are compared for that error: the effort grows with the square.
const MOST_COMPARED: usize = 1000;

/// The most texts that the error says names differ in.
const MOST_DIFFERENCES: usize = 5;

/// Selects the only image or, with `most_recent`, the newest one.
pub(super) fn choose<'a>(
    block: &Model,
    query: &Filter,
    region: &RegionId,
    images: &[&'a Arc<Image>],
) -> Result<&'a Image, Diagnostic> {
    if let ([image], false) = (images, query.most_recent) {
        return Ok(image);
    }
    let candidates = Candidates::new(query, images)?;
    let newest = candidates.newest();
    if query.most_recent {
        return newest.ok_or_else(|| several_most_recent(block, query, region, &candidates));
    }
    let mut detail = format!(
        "In region {region}, {} images match {}:",
        images.len(),
        block.wanted()
    );
    list_images(&mut detail, images.iter().copied());
    detail.push('\n');
    detail.push_str(&advice(block, images));
    detail.push_str(if newest.is_some() {
        ", or set \"most_recent\" to true to take the highest version."
    } else {
        "."
    });
    Err(Diagnostic::error("More than one image matches", detail).at(block.selector()))
}

/// Images and their versions.
struct Candidates<'a>(Vec<(&'a Arc<Image>, Version)>);

impl<'a> Candidates<'a> {
    fn new(query: &Filter, images: &[&'a Arc<Image>]) -> Result<Self, Diagnostic> {
        let path = AttributePath::attribute("name_regex");
        let group = query.filters.name_regex.as_ref();
        let group = group.filter(|regex| query.most_recent && version_group::is_in(regex));
        let candidates = images.iter().map(|image| {
            let text = match group {
                Some(regex) => version_group::text(regex, image, &path),
                None => Ok(image.image_name.as_str()),
            };
            text.map(|text| (*image, Version::parse(text)))
        });
        Ok(Self(candidates.collect::<Result<_, _>>()?))
    }

    /// The image that is newer than every other one.
    fn newest(&self) -> Option<&'a Image> {
        let (image, version) = self.0.iter().reduce(|newest, candidate| {
            if candidate.1.is_newer_than(&newest.1) {
                candidate
            } else {
                newest
            }
        })?;
        let others = self
            .0
            .iter()
            .filter(|(other, _)| !Arc::ptr_eq(other, image));
        let mut others = others.map(|(_, other)| other);
        others
            .all(|other| version.is_newer_than(other))
            .then_some(*image)
    }

    /// Those that no other one is newer than, or all if each is older than another one.
    fn unbeaten(&self) -> Vec<&(&'a Arc<Image>, Version)> {
        let all = &self.0[..self.0.len().min(MOST_COMPARED)];
        let is_unbeaten = |(_, version): &&(_, Version)| {
            let mut others = all.iter();
            !others.any(|(_, other)| other.is_newer_than(version))
        };
        let unbeaten: Vec<_> = all.iter().filter(is_unbeaten).collect();
        if unbeaten.is_empty() {
            all.iter().collect()
        } else {
            unbeaten
        }
    }
}

/// The error that says why none of several images is the most recent one, and how to
/// name each of them.
fn several_most_recent(
    block: &Model,
    query: &Filter,
    region: &RegionId,
    candidates: &Candidates<'_>,
) -> Diagnostic {
    let unbeaten = candidates.unbeaten();
    let versions: Vec<_> = unbeaten.iter().map(|(_, version)| version).collect();
    let images: Vec<_> = unbeaten.iter().map(|(image, _)| *image).collect();
    let compared = match &query.filters.name_regex {
        Some(regex) if version_group::is_in(regex) => "texts of the group \"version\"",
        _ => "names",
    };
    let mut detail = format!(
        "In region {region}, {} images match {}. Their {compared} do not say which of these {} is \
         the newest, ",
        candidates.0.len(),
        block.wanted(),
        images.len()
    );
    detail.push_str(&difference(&versions));
    list::append(
        &mut detail,
        images
            .iter()
            .map(|image| described(&image.image_name, image)),
        MOST_LISTED,
    );
    let names: HashSet<_> = images.iter().map(|image| &image.image_name).collect();
    detail.push_str("\nA wrong choice could reset a server. ");
    if names.len() == images.len() {
        detail.push_str("Set \"name_regex\" to that of the image that is meant:");
        let regexes = images.iter().map(|image| exact_regex(&image.image_name));
        list::append(&mut detail, regexes, MOST_LISTED);
        detail.push_str(
            "\nor to one that matches a single product, or that has a group \"version\" around \
             what is to be compared.",
        );
    } else {
        detail.push_str(&advice(block, &images));
        detail.push('.');
    }
    Diagnostic::error("Several images are the most recent", detail).at(block.selector())
}

/// In what versions first differ, as the end of a sentence.
fn difference(versions: &[&Version]) -> String {
    let mut differences = Vec::new();
    for text in Version::first_difference(versions) {
        let text = text.map_or_else(|| "the end".to_owned(), debug_quote);
        if !differences.contains(&text) {
            differences.push(text);
        }
    }
    let more = differences.len().saturating_sub(MOST_DIFFERENCES);
    differences.truncate(MOST_DIFFERENCES);
    match (differences.split_last(), more) {
        (None | Some((_, [])), _) => "because they have the same version:".to_owned(),
        (Some((last, others)), 0) => {
            format!(
                "because they first differ in {} and {last}:",
                others.join(", ")
            )
        }
        (Some(_), more) => {
            format!(
                "because they first differ in {} and {more} more:",
                differences.join(", ")
            )
        }
    }
}

/// An expression that matches this name alone, as a line of a configuration.
fn exact_regex(name: &str) -> String {
    let mut line = "name_regex = \"^".to_owned();
    for c in name.chars() {
        match c {
            // Both Terraform and the expression take the backslash as an escape.
            '\\' => line.push_str(r"\\\\"),
            '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                line.push_str(r"\\");
                line.push(c);
            }
            '"' => line.push_str(r#"\""#),
            c if c != ' ' && (c.is_control() || c.is_whitespace()) => {
                // Writing to a string cannot fail.
                let _ = write!(line, r"\\x{{{:x}}}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push_str("$\"");
    line
}

/// An argument, and what of an image it is compared with.
#[derive(Clone, Copy)]
struct Argument {
    name: &'static str,
    value: fn(&Image) -> &str,
}

/// What to set so that one image is left, whichever of them is meant.
fn advice(block: &Model, images: &[&Arc<Image>]) -> String {
    let arguments = can_be_set(block, images);
    let mut alone = arguments.iter().map(slice::from_ref);
    let alone = alone.find(|one| tell_apart(one, images));
    let differing = arguments.iter().filter(|one| one.differs(images));
    let differing: Vec<_> = differing.copied().collect();
    let together = tell_apart(&differing, images).then_some(&differing[..]);
    if let Some(arguments) = alone.or(together) {
        let names: Vec<_> = arguments.iter().map(|one| debug_quote(one.name)).collect();
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
    let others: Vec<_> = others.map(|(name, _)| debug_quote(name)).collect();
    format!(
        "Nothing but the ID tells all of them apart: set \"image_id\" in the place of {}",
        others.join(" and ")
    )
}

/// The arguments that are not set, and that can name what each of the images has.
fn can_be_set(block: &Model, images: &[&Arc<Image>]) -> Vec<Argument> {
    let all = |can_be_named: fn(&Image) -> bool| images.iter().all(|image| can_be_named(image));
    let is_type = |image: &Image| {
        ImageType::ALL
            .iter()
            .any(|one| one.as_str() == image.image_type)
    };
    let is_platform = |image: &Image| {
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
    fn differs(&self, images: &[&Arc<Image>]) -> bool {
        let mut pairs = images.windows(2);
        pairs.any(|pair| (self.value)(pair[0]) != (self.value)(pair[1]))
    }
}

/// Whether no two images have the same values of the arguments.
fn tell_apart(arguments: &[Argument], images: &[&Arc<Image>]) -> bool {
    let mut seen = HashSet::new();
    images.iter().all(|image| {
        let values = arguments.iter().map(|one| (one.value)(image));
        seen.insert(values.collect::<Vec<_>>())
    })
}
