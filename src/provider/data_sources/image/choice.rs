//! The choice among several images that match.

use std::collections::HashSet;
use std::fmt::Write;
use std::slice;
use std::sync::Arc;

use super::description::{append_images, describe_image};
use super::model::{ImageFilter, ImageModel};
use super::newest::Candidates;
use super::version::Version;
use super::version_group;
use crate::provider::list;
use crate::swas::operations::images::model::Image;
use crate::swas::operations::images::model::{ImageType, Platform};
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The maximum number of images in the error about an ambiguous choice.
const MAX_LISTED: usize = 50;

/// The maximum number of differences in that error.
const MAX_DIFFERENCES: usize = 5;

/// Selects the only image or, with `most_recent`, the newest one.
///
/// # Errors
///
/// If several images match, and `most_recent` is not set or the versions in the names do
/// not determine the newest one.
pub(super) fn choose<'a>(
    model: &ImageModel,
    filter: &ImageFilter,
    region: &RegionId,
    images: &[&'a Arc<Image>],
) -> Result<&'a Image, Diagnostic> {
    if let ([image], false) = (images, filter.most_recent) {
        return Ok(image);
    }
    let candidates = candidates(filter, images)?;
    let newest = candidates.newest().map(|image| &***image);
    if filter.most_recent {
        return newest.ok_or_else(|| ambiguous_error(model, filter, region, &candidates));
    }
    let mut detail = format!(
        "In region {region}, {} images match {}:",
        images.len(),
        model.criteria()
    );
    append_images(&mut detail, images.iter().copied());
    detail.push('\n');
    detail.push_str(&advice(model, images));
    detail.push_str(if newest.is_some() {
        ", or set \"most_recent\" to true to take the highest version."
    } else {
        "."
    });
    Err(Diagnostic::error("More than one image matches", detail).at(model.selector_path()))
}

/// Parses the versions of the images.
fn candidates<'a>(
    filter: &ImageFilter,
    images: &[&'a Arc<Image>],
) -> Result<Candidates<&'a Arc<Image>>, Diagnostic> {
    let path = AttributePath::attribute("name_regex");
    let group = filter.name_regex.as_ref();
    let group = group.filter(|regex| filter.most_recent && version_group::is_in(regex));
    let candidates = images.iter().map(|image| {
        let version = match group {
            Some(regex) => version_group::captured(regex, image, &path)
                .map(|part| Version::parse_part(part, &image.image_name)),
            None => Ok(Version::parse(&image.image_name)),
        };
        version.map(|version| (*image, version))
    });
    candidates.collect::<Result<_, _>>().map(Candidates)
}

/// The error if the versions do not determine the newest image. Explains why, and how to
/// select each of the candidates.
fn ambiguous_error(
    model: &ImageModel,
    filter: &ImageFilter,
    region: &RegionId,
    candidates: &Candidates<&Arc<Image>>,
) -> Diagnostic {
    let maximal = candidates.maximal();
    let versions: Vec<_> = maximal.iter().map(|(_, version)| version).collect();
    let images: Vec<_> = maximal.iter().map(|(image, _)| *image).collect();
    let compared = match &filter.name_regex {
        Some(regex) if version_group::is_in(regex) => "texts of the group \"version\"",
        _ => "names",
    };
    let mut detail = format!(
        "In region {region}, {} images match {}. Their {compared} do not say which of these {} is \
         the newest, ",
        candidates.0.len(),
        model.criteria(),
        images.len()
    );
    detail.push_str(&describe_difference(&versions));
    list::append(
        &mut detail,
        images
            .iter()
            .map(|image| describe_image(&image.image_name, image)),
        MAX_LISTED,
    );
    let names: HashSet<_> = images.iter().map(|image| &image.image_name).collect();
    detail.push_str("\nA wrong choice could reset a server. ");
    if names.len() == images.len() {
        detail.push_str("Set \"name_regex\" to that of the image that is meant:");
        let regexes = images.iter().map(|image| exact_regex(&image.image_name));
        list::append(&mut detail, regexes, MAX_LISTED);
        detail.push_str(
            "\nor to one that matches a single product, or that has a group \"version\" around \
             what is to be compared.",
        );
    } else {
        detail.push_str(&advice(model, &images));
        detail.push('.');
    }
    Diagnostic::error("Several images are the most recent", detail).at(model.selector_path())
}

/// Describes the first difference of the versions, as the end of a sentence.
fn describe_difference(versions: &[&Version]) -> String {
    let mut differences = Vec::new();
    for text in Version::first_difference(versions) {
        let text = text.map_or_else(|| "the end".to_owned(), debug_quote);
        if !differences.contains(&text) {
            differences.push(text);
        }
    }
    let more = differences.len().saturating_sub(MAX_DIFFERENCES);
    differences.truncate(MAX_DIFFERENCES);
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

/// A line of configuration that sets `name_regex` to match exactly this name.
fn exact_regex(name: &str) -> String {
    let mut line = "name_regex = \"^".to_owned();
    for c in name.chars() {
        match c {
            // The backslash is an escape character in Terraform and in the expression.
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

/// An argument that is not set, and the value that selects an image.
#[derive(Clone, Copy)]
struct Argument {
    name: &'static str,
    value: fn(&Image) -> &str,
}

/// Advises which arguments distinguish the images.
fn advice(model: &ImageModel, images: &[&Arc<Image>]) -> String {
    let arguments = usable_arguments(model, images);
    let mut single = arguments.iter().map(slice::from_ref);
    let single = single.find(|one| distinguish(one, images));
    let differing = arguments.iter().filter(|one| one.differs(images));
    let differing: Vec<_> = differing.copied().collect();
    let combined = distinguish(&differing, images).then_some(&differing[..]);
    if let Some(arguments) = single.or(combined) {
        let names: Vec<_> = arguments.iter().map(|one| debug_quote(one.name)).collect();
        let or_regex = match arguments {
            [Argument { name: "name", .. }] => " or \"name_regex\"",
            _ => "",
        };
        return format!("Narrow the choice with {}{or_regex}", names.join(" and "));
    }
    let others = [
        ("name", model.name.is_null()),
        ("name_regex", model.name_regex.is_null()),
        ("most_recent", model.most_recent.is_null()),
    ];
    let others = others.into_iter().filter(|(_, is_null)| !is_null);
    let others: Vec<_> = others.map(|(name, _)| debug_quote(name)).collect();
    format!(
        "Nothing but the ID tells all of them apart: set \"image_id\" in the place of {}",
        others.join(" and ")
    )
}

/// The arguments that are not set, and that have a valid value for each of the images.
fn usable_arguments(model: &ImageModel, images: &[&Arc<Image>]) -> Vec<Argument> {
    let all = |is_valid: fn(&Image) -> bool| images.iter().all(|image| is_valid(image));
    let has_valid_type = |image: &Image| {
        ImageType::ALL
            .iter()
            .any(|one| one.as_str() == image.image_type)
    };
    let has_valid_platform = |image: &Image| {
        Platform::ALL
            .iter()
            .any(|one| one.as_str() == image.platform)
    };
    let mut arguments = Vec::new();
    if model.image_type.is_null() && all(has_valid_type) {
        arguments.push(Argument {
            name: "image_type",
            value: |image| &image.image_type,
        });
    }
    if model.platform.is_null() && all(has_valid_platform) {
        arguments.push(Argument {
            name: "platform",
            value: |image| &image.platform,
        });
    }
    if model.name.is_null() && all(|image| !image.image_name.trim().is_empty()) {
        arguments.push(Argument {
            name: "name",
            value: |image| &image.image_name,
        });
    }
    arguments
}

impl Argument {
    /// Returns whether the images have different values.
    fn differs(&self, images: &[&Arc<Image>]) -> bool {
        let mut pairs = images.windows(2);
        pairs.any(|pair| (self.value)(pair[0]) != (self.value)(pair[1]))
    }
}

/// Returns whether each image has a different combination of values.
fn distinguish(arguments: &[Argument], images: &[&Arc<Image>]) -> bool {
    let mut seen = HashSet::new();
    images.iter().all(|image| {
        let values = arguments.iter().map(|one| (one.value)(image));
        seen.insert(values.collect::<Vec<_>>())
    })
}
