//! What to say when no image matches: what it is instead of what was asked for, or
//! else which images come closest.

use std::fmt::Write;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::{Filter, Image, MOST_CANDIDATES, Model, described, list_images, set};
use crate::provider::glob;
use crate::provider::list;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// So many characters of names are compared to find those that come closest: the
/// effort grows with the square.
const COMPARED: usize = 64;

/// The digits in the ID of a public image.
const DIGITS_OF_ID: usize = 32;

/// The error. `all` is what the region has, whatever its type and platform.
pub(super) fn error(
    block: &Model,
    query: &Filter,
    region: &RegionId,
    all: &[Arc<Image>],
) -> Diagnostic {
    let mut detail = format!(
        "Region {region} has no image that matches {}.",
        block.wanted()
    );
    let of_another_kind = all.iter().filter(|image| query.matches(image));
    let of_another_kind: Vec<_> = of_another_kind.collect();
    let mut to_blame = None;
    if !of_another_kind.is_empty() {
        to_blame = list_those_of_another_kind(&mut detail, query, &of_another_kind);
    } else if let Some(id) = &query.image_id {
        return id_not_found(id, query, region);
    } else if !list_near_names(&mut detail, query, all) {
        list_closest(&mut detail, block, query, all);
        advise_on_glob(&mut detail, query);
    }
    let path = to_blame.map_or_else(|| block.selector(), AttributePath::attribute);
    Diagnostic::error("No image matches", detail).at(path)
}

/// The error about an ID that no image has.
fn id_not_found(id: &str, query: &Filter, region: &RegionId) -> Diagnostic {
    let check = if query.filters.is_of_one_type() {
        "\"image_id\", \"image_type\" and \"region_id\""
    } else {
        "\"image_id\" and \"region_id\""
    };
    let mut detail = format!(
        "Selecting an image in {region} failed: {} not found. It was withdrawn, or belongs to \
         another region or account. Check {check}.",
        debug_quote(id)
    );
    let is_public = id.len() == DIGITS_OF_ID && id.bytes().all(|byte| byte.is_ascii_hexdigit());
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

/// A difference between names: its description, a function that removes it from a name,
/// and one that shows a name in the error.
type Difference = (&'static str, fn(&str) -> String, fn(&str) -> String);

/// The differences that are hard to see, the smallest first.
const HIDDEN: [Difference; 3] = [
    ("spaces (shown as ␣)", without_spaces, with_visible_spaces),
    ("case", str::to_lowercase, debug_quote),
    (
        "case and spaces (shown as ␣)",
        |name| without_spaces(name).to_lowercase(),
        with_visible_spaces,
    ),
];

/// Adds the images whose names differ from the name in case or spaces only, and
/// returns whether there are any.
fn list_near_names(text: &mut String, query: &Filter, all: &[Arc<Image>]) -> bool {
    let Some(name) = &query.name else {
        return false;
    };
    for (difference, normalized, shown) in HIDDEN {
        let wanted = normalized(name);
        let near = all.iter();
        let mut near = near
            .filter(|image| normalized(&image.image_name) == wanted)
            .peekable();
        if near.peek().is_none() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            " These names differ from {} in {difference} only:",
            shown(name)
        );
        let lines = near.map(|image| described(&shown(&image.image_name), image));
        list::append(text, lines, MOST_CANDIDATES);
        text.push_str("\nCorrect \"name\".");
        return true;
    }
    false
}

/// The name without white space and characters of no width.
fn without_spaces(name: &str) -> String {
    let is_space = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
    };
    name.replace(is_space, "")
}

/// The name in quotes, with a sign for each space and an escape for other white space.
fn with_visible_spaces(name: &str) -> String {
    debug_quote(name).replace(' ', "␣")
}

/// Adds the regular expression to write instead of a glob.
fn advise_on_glob(text: &mut String, query: &Filter) {
    let glob = query.filters.name_regex.as_ref().map(Regex::as_str);
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

/// Adds the images that match in all but their kind, and returns an argument that
/// keeps them from matching.
fn list_those_of_another_kind(
    text: &mut String,
    query: &Filter,
    images: &[&Arc<Image>],
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
    let names: Vec<_> = arguments.iter().map(|name| debug_quote(name)).collect();
    // Writing to a string cannot fail.
    let _ = write!(text, " Of another {}, it has:", names.join(" or "));
    list_images(text, images.iter().copied());
    let it = if names.len() == 1 { "it" } else { "them" };
    let _ = write!(text, "\nCorrect {}, or remove {it}.", names.join(" and "));
    arguments.first().copied()
}

/// Adds the images that come closest: those of the kind that is asked for or, where
/// there is none, those of any.
fn list_closest(text: &mut String, block: &Model, query: &Filter, all: &[Arc<Image>]) {
    let of_kind = all.iter().filter(|image| query.filters.is_of_kind(image));
    let mut closest: Vec<_> = of_kind.collect();
    let kinds = set(block.filters()).join(" and ");
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
    let similarity = similarity(query);
    let mut by_likeness: Vec<_> = closest
        .into_iter()
        .map(|image| (similarity(image), image))
        .collect();
    by_likeness.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    list_images(text, by_likeness.into_iter().map(|(_, image)| image));
}

/// How close an image comes to what is asked for.
fn similarity(query: &Filter) -> impl Fn(&Image) -> f64 {
    let case_insensitive = query.filters.name_regex.as_ref().and_then(|regex| {
        let mut case_insensitive = RegexBuilder::new(regex.as_str());
        // It may be too big where the one with cases is not.
        case_insensitive.case_insensitive(true).build().ok()
    });
    move |image| match &query.name {
        Some(name) => alike(name, &image.image_name),
        None => match &case_insensitive {
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
