//! The error if no image matches. Lists images that match all but one argument, or else
//! the most similar ones.

use std::fmt::Write;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::description::{MAX_CANDIDATES, append_images, describe_image};
use super::model::{ImageFilter, ImageModel, describe_set};
use crate::provider::glob;
use crate::provider::list;
use crate::swas::operations::images::model::Image;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The maximum number of characters to compare for the similarity of names: the cost is
/// quadratic.
const MAX_COMPARED_CHARS: usize = 64;

/// The length of the ID of a public image, in hexadecimal digits.
const PUBLIC_ID_LENGTH: usize = 32;

/// The error if no image matches. `all` has the images of the region, of all types and
/// platforms.
pub(super) fn error(
    model: &ImageModel,
    filter: &ImageFilter,
    region: &RegionId,
    all: &[Arc<Image>],
) -> Diagnostic {
    let mut detail = format!(
        "Region {region} has no image that matches {}.",
        model.criteria()
    );
    let excluded = all.iter().filter(|image| filter.matches(image));
    let excluded: Vec<_> = excluded.collect();
    let mut argument = None;
    if !excluded.is_empty() {
        argument = append_excluded(&mut detail, filter, &excluded);
    } else if let Some(id) = &filter.image_id {
        return id_not_found(id, filter, region);
    } else if !append_near_matches(&mut detail, filter, all) {
        append_most_similar(&mut detail, model, filter, all);
        append_glob_hint(&mut detail, filter);
    }
    let path = argument.map_or_else(|| model.selector_path(), AttributePath::attribute);
    Diagnostic::error("No image matches", detail).at(path)
}

/// The error about an ID that no image has.
fn id_not_found(id: &str, filter: &ImageFilter, region: &RegionId) -> Diagnostic {
    let check = if filter.common.has_type() {
        "\"image_id\", \"image_type\" and \"region_id\""
    } else {
        "\"image_id\" and \"region_id\""
    };
    let mut detail = format!(
        "Selecting an image in {region} failed: {} not found. It was withdrawn, or belongs to \
         another region or account. Check {check}.",
        debug_quote(id)
    );
    let is_public = id.len() == PUBLIC_ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_custom = id.starts_with("m-");
    if !is_public && !is_custom {
        // Writing to a string cannot fail.
        let _ = write!(
            detail,
            " If {} is a name, set \"name\" instead of \"image_id\".",
            debug_quote(id)
        );
    }
    Diagnostic::error("Image not found", detail).at(AttributePath::attribute("image_id"))
}

/// A difference between names: its description, a function that normalizes a name, and
/// one that formats a name for the error.
type Difference = (&'static str, fn(&str) -> String, fn(&str) -> String);

/// The differences that are easy to overlook, the smallest first.
const SUBTLE_DIFFERENCES: [Difference; 3] = [
    ("spaces (shown as ␣)", strip_spaces, show_spaces),
    ("case", str::to_lowercase, debug_quote),
    (
        "case and spaces (shown as ␣)",
        |name| strip_spaces(name).to_lowercase(),
        show_spaces,
    ),
];

/// Appends the images whose names differ from `name` in case or spaces only. Returns
/// whether there are any.
fn append_near_matches(text: &mut String, filter: &ImageFilter, all: &[Arc<Image>]) -> bool {
    let Some(name) = &filter.name else {
        return false;
    };
    for (difference, normalize, format_name) in SUBTLE_DIFFERENCES {
        let wanted = normalize(name);
        let near = all.iter();
        let mut near = near
            .filter(|image| normalize(&image.image_name) == wanted)
            .peekable();
        if near.peek().is_none() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            " These names differ from {} in {difference} only:",
            format_name(name)
        );
        let lines = near.map(|image| describe_image(&format_name(&image.image_name), image));
        list::append(text, lines, MAX_CANDIDATES);
        text.push_str("\nCorrect \"name\".");
        return true;
    }
    false
}

/// Removes white space and zero-width characters.
fn strip_spaces(name: &str) -> String {
    let is_space = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
    };
    name.replace(is_space, "")
}

/// Quotes a name, with a visible character for each space and escapes for other white
/// space.
fn show_spaces(name: &str) -> String {
    debug_quote(name).replace(' ', "␣")
}

/// Appends the regular expression to write instead of a glob.
fn append_glob_hint(text: &mut String, filter: &ImageFilter) {
    let glob = filter.name_regex.as_ref().map(Regex::as_str);
    if let Some((glob, regex)) = glob.and_then(|glob| Some((glob, glob::to_regex(glob)?))) {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n\"name_regex\" is a regular expression. If {} is a glob, write {}.",
            debug_quote(glob),
            debug_quote(&regex)
        );
    }
}

/// Appends the images that only `image_type` or `platform` exclude. Returns an argument
/// that excludes one.
fn append_excluded(
    text: &mut String,
    filter: &ImageFilter,
    images: &[&Arc<Image>],
) -> Option<&'static str> {
    let common = &filter.common;
    let arguments = [
        (
            "image_type",
            images.iter().any(|image| !common.matches_type(image)),
        ),
        (
            "platform",
            images.iter().any(|image| !common.matches_platform(image)),
        ),
    ];
    let arguments = arguments.into_iter().filter(|(_, differs)| *differs);
    let arguments: Vec<_> = arguments.map(|(argument, _)| argument).collect();
    let names: Vec<_> = arguments.iter().map(|name| debug_quote(name)).collect();
    // Writing to a string cannot fail.
    let _ = write!(text, " Of another {}, it has:", names.join(" or "));
    append_images(text, images.iter().copied());
    let it = if names.len() == 1 { "it" } else { "them" };
    let _ = write!(text, "\nCorrect {}, or remove {it}.", names.join(" and "));
    arguments.first().copied()
}

/// Appends the images with the most similar names: those of the requested type and
/// platform or, if there are none, of all.
fn append_most_similar(
    text: &mut String,
    model: &ImageModel,
    filter: &ImageFilter,
    all: &[Arc<Image>],
) {
    let candidates = all.iter();
    let candidates = candidates.filter(|image| filter.common.matches_type_and_platform(image));
    let mut candidates: Vec<_> = candidates.collect();
    let filters = describe_set(model.filters()).join(" and ");
    let _ = match (candidates.is_empty(), filters.is_empty()) {
        _ if all.is_empty() => return,
        (true, _) => write!(
            text,
            " With {filters}, it has none at all. Others that it has:"
        ),
        (false, true) => write!(text, " It has:"),
        (false, false) => write!(text, " With {filters}, it has:"),
    };
    if candidates.is_empty() {
        candidates = all.iter().collect();
    }
    let similarity = similarity(filter);
    let mut ranked: Vec<_> = candidates
        .into_iter()
        .map(|image| (similarity(image), image))
        .collect();
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    append_images(text, ranked.into_iter().map(|(_, image)| image));
}

/// Returns a function that rates the similarity of an image to the requested name, from 0
/// to 1.
fn similarity(filter: &ImageFilter) -> impl Fn(&Image) -> f64 {
    let case_insensitive = filter.name_regex.as_ref().and_then(|regex| {
        let mut case_insensitive = RegexBuilder::new(regex.as_str());
        // The case-insensitive expression can exceed the size limit.
        case_insensitive.case_insensitive(true).build().ok()
    });
    move |image| match &filter.name {
        Some(name) => name_similarity(name, &image.image_name),
        None => match &case_insensitive {
            Some(regex) if regex.is_match(&image.image_name) => 1.0,
            _ => 0.0,
        },
    }
}

/// The similarity of the beginnings of two names, from 0 to 1.
fn name_similarity(one: &str, other: &str) -> f64 {
    let beginning = |text: &str| text.chars().take(MAX_COMPARED_CHARS).collect::<String>();
    strsim::jaro_winkler(&beginning(one), &beginning(other))
}
