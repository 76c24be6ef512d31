//! What to say when no image matches: what it is instead of what was asked for, or
//! else which images come closest.

use std::fmt::Write;
use std::sync::Arc;

use regex::RegexBuilder;

use super::{Block, Found, Query, list_images, set};
use crate::swas::{RegionId, quoted};
use crate::terraform::{AttributePath, Diagnostic};

/// So many characters of names are compared to find those that come closest: the
/// effort grows with the square.
const COMPARED: usize = 64;

/// The error. `all` is what the region has, whatever its type and platform.
pub(super) fn error(
    block: &Block,
    query: &Query,
    region: &RegionId,
    all: &[Arc<Found>],
) -> Diagnostic {
    let mut detail = format!(
        "Region {region} has no image that matches {}.",
        block.wanted()
    );
    let of_another_kind = all.iter().filter(|image| query.matches(image));
    let of_another_kind: Vec<_> = of_another_kind.collect();
    let to_blame = if of_another_kind.is_empty() {
        list_closest(&mut detail, block, query, all);
        None
    } else {
        list_those_of_another_kind(&mut detail, query, &of_another_kind)
    };
    let path = to_blame.map_or_else(|| block.chooser(), AttributePath::attribute);
    Diagnostic::error("No image matches", detail).at(path)
}

/// Adds the images that match in all but their kind, and returns an argument that
/// keeps them from matching.
fn list_those_of_another_kind(
    text: &mut String,
    query: &Query,
    images: &[&Arc<Found>],
) -> Option<&'static str> {
    let filters = &query.filters;
    let arguments = [
        (
            "image_type",
            images.iter().any(|image| !filters.is_of_type(image)),
        ),
        (
            "platform",
            images.iter().any(|image| !filters.is_for_platform(image)),
        ),
    ];
    let arguments = arguments.into_iter().filter(|(_, differs)| *differs);
    let arguments: Vec<_> = arguments.map(|(argument, _)| argument).collect();
    let names: Vec<_> = arguments.iter().map(|name| quoted(name)).collect();
    // Writing to a string cannot fail.
    let _ = write!(text, " Of another {}, it has:", names.join(" or "));
    list_images(text, images.iter().copied());
    let it = if names.len() == 1 { "it" } else { "them" };
    let _ = write!(text, "\nCorrect {}, or remove {it}.", names.join(" and "));
    arguments.first().copied()
}

/// Adds the images that come closest: those of the kind that is asked for or, where
/// there is none, those of any.
fn list_closest(text: &mut String, block: &Block, query: &Query, all: &[Arc<Found>]) {
    let of_kind = all.iter().filter(|image| query.filters.is_of_kind(image));
    let mut closest: Vec<_> = of_kind.collect();
    let kinds = set(block.kinds()).join(" and ");
    let _ = match (closest.is_empty(), kinds.is_empty()) {
        _ if all.is_empty() => return,
        (true, _) => write!(
            text,
            " With {kinds}, it has none at all. Others that it has:"
        ),
        (false, true) => write!(text, " It has:"),
        (false, false) => write!(text, " With {kinds}, it has:"),
    };
    if closest.is_empty() {
        closest = all.iter().collect();
    }
    let likeness = likeness(query);
    let mut by_likeness: Vec<_> = closest
        .into_iter()
        .map(|image| (likeness(image), image))
        .collect();
    by_likeness.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    list_images(text, by_likeness.into_iter().map(|(_, image)| image));
}

/// How close an image comes to what is asked for.
fn likeness(query: &Query) -> impl Fn(&Found) -> f64 {
    let anyhow_cased = query.filters.name_regex.as_ref().and_then(|regex| {
        let mut anyhow_cased = RegexBuilder::new(regex.as_str());
        // It may be too big where the one with cases is not.
        anyhow_cased.case_insensitive(true).build().ok()
    });
    move |image| match (&query.image_id, &query.name) {
        (Some(id), _) => alike(id, &image.image_id),
        (None, Some(name)) => alike(name, &image.image_name),
        (None, None) => match &anyhow_cased {
            Some(regex) if regex.is_match(&image.image_name) => 1.0,
            _ => 0.0,
        },
    }
}

/// How alike two names are, from 0 to 1, as far as their beginnings tell.
fn alike(one: &str, other: &str) -> f64 {
    let beginning = |text: &str| text.chars().take(COMPARED).collect::<String>();
    strsim::jaro_winkler(&beginning(one), &beginning(other))
}
