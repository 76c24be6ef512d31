//! The error if no image matches. Lists images of another platform that match, or else the
//! most similar ones.

use std::sync::Arc;

use regex::Regex;

use super::append_images;
use super::model::{ImageFilter, ImageModel};
use crate::provider::fetched::Work;
use crate::provider::glob;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::images::model::Image;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::rpc::region::RegionId;
use aliyun::text::debug_quote;

/// The maximum number of characters to compare for the similarity of names: the cost is
/// quadratic.
const MAX_COMPARED_CHARS: usize = 64;

/// The length of the ID of a public image, in hexadecimal digits.
const PUBLIC_ID_LENGTH: usize = 32;

/// The block that no image matches.
pub(super) struct Request<'a> {
    pub(super) model: &'a ImageModel,
    pub(super) filter: &'a ImageFilter,
    pub(super) region: &'a RegionId,
}

impl Request<'_> {
    /// The error if no image matches. `images` has those of the requested type.
    ///
    /// # Errors
    ///
    /// If the read ends meanwhile.
    pub(super) fn error(
        &self,
        of_other_platforms: &[Arc<Image>],
        images: Vec<Arc<Image>>,
        work: &Work,
    ) -> Result<Diagnostic, Diagnostic> {
        let mut detail = format!(
            "Selecting an image in {} failed: no image matches {}.",
            self.region,
            self.model.criteria()
        );
        if !of_other_platforms.is_empty() {
            detail.push_str(" Matches for another platform:");
            append_images(&mut detail, of_other_platforms);
            detail.push_str("\nCorrect or remove \"platform\".");
            let path = AttributePath::attribute("platform");
            return Ok(Diagnostic::error("No image matches", detail).at(path));
        }
        if let Some(id) = &self.filter.image_id {
            return Ok(self.id_not_found_error(id));
        }
        if images.is_empty() {
            detail = format!("{detail} The region has no {}.", self.filter.common.kind());
        } else {
            detail.push_str(" The most similar images:");
            append_images(&mut detail, &self.most_similar_first(images, work)?);
        }
        let arguments = list::any_of(&self.model.set_arguments());
        detail = format!("{detail}\nCorrect {arguments}.");
        let regex = self.filter.common.name_regex.as_ref().map(Regex::as_str);
        if let Some((glob, regex)) = regex.and_then(|glob| Some((glob, glob::to_regex(glob)?))) {
            let (glob, regex) = (debug_quote(glob), debug_quote(&regex));
            detail = format!("{detail} If {glob} is a glob, write {regex}.");
        }
        Ok(Diagnostic::error("No image matches", detail).at(self.model.selector_path()))
    }

    /// The error about an ID that no image has.
    fn id_not_found_error(&self, id: &str) -> Diagnostic {
        let arguments = if self.model.image_type.is_null() {
            "\"image_id\" and \"region_id\""
        } else {
            "\"image_id\", \"image_type\", and \"region_id\""
        };
        let quoted = debug_quote(id);
        let mut detail = format!(
            "Selecting an image in {} failed: {quoted} not found. It was withdrawn, or belongs to \
             another region or account. Check {arguments}.",
            self.region
        );
        let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_public = id.len() == PUBLIC_ID_LENGTH && is_hex;
        if !is_public && !id.starts_with("m-") {
            detail =
                format!("{detail} If {quoted} is a name, set \"name\" instead of \"image_id\".");
        }
        Diagnostic::error("Image not found", detail).at(AttributePath::attribute("image_id"))
    }

    /// Sorts images by the similarity of their names to the requested one.
    fn most_similar_first(
        &self,
        images: Vec<Arc<Image>>,
        work: &Work,
    ) -> Result<Vec<Arc<Image>>, Diagnostic> {
        let beginning = |text: &str| {
            let text = text.to_lowercase();
            text.chars().take(MAX_COMPARED_CHARS).collect::<String>()
        };
        let name = self.filter.name.as_deref().map(beginning);
        let regex = self.filter.common.name_regex.as_ref().and_then(|regex| {
            let mut regex = validators::regex_builder(regex.as_str());
            // The case-insensitive expression can exceed the size limit.
            regex.case_insensitive(true).build().ok()
        });
        let mut ranked = Vec::new();
        for image in images {
            work.check()?;
            let similarity = match (&name, &regex) {
                (Some(name), _) => strsim::jaro_winkler(name, &beginning(&image.image_name)),
                (None, Some(regex)) if regex.is_match(&image.image_name) => 1.0,
                (None, _) => 0.0,
            };
            ranked.push((similarity, image));
        }
        ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Ok(ranked.into_iter().map(|(_, image)| image).collect())
    }
}
