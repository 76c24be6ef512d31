//! How both data sources of images select them: the arguments that they share,
//! and the way from these to images.

use std::collections::HashSet;
use std::fmt::Write;

use regex::Regex;

use super::config::Configured;
use super::{checks, errors, order};
use crate::swas::{
    Client, Error, ErrorClass, Image, ImageQuery, ListRegions, RegionId, presentable,
};
use crate::terraform::{Attribute, AttributePath, Diagnostic, Diagnostics, ReadError, Type, Value};

/// The types that images have.
const IMAGE_TYPES: &[&str] = &["system", "app", "custom"];

/// The platforms that images have.
const PLATFORMS: &[&str] = &["Linux", "Windows"];

/// The most regions or images that a message lists.
const MOST_LISTED: usize = 20;

/// The arguments that both data sources have, as the user set them.
#[derive(Clone, Copy, Debug)]
pub struct Filters<'a> {
    /// Only images of this region; the provider's where it is null.
    pub region_id: &'a Value<String>,
    /// Only images of this type.
    pub image_type: &'a Value<String>,
    /// Only images for this platform.
    pub platform: &'a Value<String>,
    /// Only images in whose names this finds a match.
    pub name_regex: &'a Value<String>,
}

/// The argument `name_regex`, the same in both data sources.
#[must_use]
pub fn name_regex() -> Attribute {
    Attribute::optional(
        "name_regex",
        Type::String,
        "Only images in whose name this regular expression finds a match. The syntax is that of \
         RE2 and of Rust's [regex](https://docs.rs/regex/latest/regex/#syntax) crate: no \
         look-around and no backreferences. Use `^` and `$` to match whole names.",
    )
}

impl Filters<'_> {
    /// Finds what is wrong, as far as it is known.
    pub fn validate(&self, diagnostics: &mut Diagnostics) {
        let path = AttributePath::attribute;
        checks::region(self.region_id, path("region_id"), diagnostics);
        checks::one_of(
            self.image_type,
            path("image_type"),
            IMAGE_TYPES,
            diagnostics,
        );
        checks::one_of(self.platform, path("platform"), PLATFORMS, diagnostics);
        checks::regex(self.name_regex, path("name_regex"), diagnostics);
    }

    /// The expression that names have to match, if there is one.
    #[must_use]
    pub fn name_regex(&self) -> Option<Regex> {
        // It has been validated: none is left out.
        self.name_regex.known().and_then(|it| Regex::new(it).ok())
    }

    /// Lists the images of a region that match in all but the name, sorted by
    /// name and then by ID. With `ids`, only those with these IDs.
    ///
    /// # Errors
    ///
    /// When there is nobody to ask, or the call fails.
    pub async fn select(
        &self,
        configured: &Configured,
        ids: Option<Vec<String>>,
    ) -> Result<Selection, ReadError> {
        let region = configured.region(self.region_id).await?;
        let mut selection = Selection {
            region,
            missing: Vec::new(),
            images: Vec::new(),
        };
        // Nothing is asked for, and so nobody has to be asked.
        if ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok(selection);
        }
        let query = ImageQuery {
            region: selection.region.clone(),
            image_type: self.image_type.known().cloned(),
            image_ids: ids,
        };
        let client = configured.client()?;
        let mut images = match client.images(&query).await {
            Ok(images) => images,
            Err(error) => return Err(failure(client, &error).await.into()),
        };
        if let Some(ids) = query.image_ids {
            let found: HashSet<_> = images.iter().map(|image| &image.image_id).collect();
            selection.missing = ids.into_iter().filter(|id| !found.contains(id)).collect();
        }
        if let Some(platform) = self.platform.known() {
            images.retain(|image| image.platform == *platform);
        }
        images.sort_by(|one, other| {
            order::natural(&one.image_name, &other.image_name)
                .then_with(|| one.image_id.cmp(&other.image_id))
        });
        selection.images = images;
        Ok(selection)
    }
}

/// What was selected.
#[derive(Debug)]
pub struct Selection {
    /// The region that was asked.
    pub region: RegionId,
    /// The IDs asked for that no image has, before platform and name were
    /// looked at. In the order in which they were asked for.
    pub missing: Vec<String>,
    /// What matches in all but the name.
    pub images: Vec<Image>,
}

/// What to tell about a failed call: where the region does not exist, which ones
/// do.
async fn failure(client: &Client, error: &Error) -> Diagnostic {
    let mut diagnostic = errors::diagnostic(error);
    if let Error::Call(call) = error
        && error.class() == Some(ErrorClass::NoSuchRegion)
    {
        let regions = ListRegions {
            asked: call.region.clone(),
            accept_language: Some("en-US".to_owned()),
        };
        // The hint is an extra: without it the error still says what is wrong.
        let regions = client.call(&regions).await.unwrap_or_default();
        if !regions.is_empty() {
            diagnostic.detail.push_str("\n\nThe regions are:");
            let lines = regions
                .iter()
                .map(|region| match region.local_name.as_str() {
                    "" => region.region_id.clone(),
                    name => format!("{} ({name})", region.region_id),
                });
            list(&mut diagnostic.detail, lines, usize::MAX);
        }
    }
    diagnostic
}

/// Adds one line for each thing, up to `most` of them, and says how many more
/// there are.
pub fn list(text: &mut String, mut lines: impl Iterator<Item = String>, most: usize) {
    for line in lines.by_ref().take(most) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- {}", presentable(&line));
    }
    let more = lines.count();
    if more > 0 {
        let _ = write!(text, "\n- and {more} more");
    }
}

/// The warning about IDs that no image has.
#[must_use]
pub fn missing(selection: &Selection, filters: Filters<'_>, path: AttributePath) -> Diagnostic {
    let (of_type, another_type) = match filters.image_type.known() {
        Some(image_type) => (format!(" of the type {image_type:?}"), "another type, "),
        None => (String::new(), ""),
    };
    let mut detail = format!(
        "Region {} has no image{of_type} with these IDs of \"{path}\":",
        selection.region
    );
    list(&mut detail, selection.missing.iter().cloned(), MOST_LISTED);
    let _ = write!(
        detail,
        "\nThey may be misspelled, or be those of images of {another_type}another region or \
         another account, or of images that have been deleted."
    );
    Diagnostic::warning("Images not found", detail).at(path)
}
