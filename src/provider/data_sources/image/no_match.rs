//! The error if no image matches. Lists images of another platform that match, or else the
//! most similar ones.

use std::sync::Arc;

use regex::Regex;

use super::append_images;
use super::model::Selection;
use crate::provider::glob;
use crate::provider::list;
use crate::provider::validators;
use crate::swas::operations::images::model::Image;
use crate::terraform::{AttributePath, Diagnostic};
use aliyun::text::debug_quote;

/// The maximum number of characters to compare for the similarity of names: the cost is
/// quadratic.
const MAX_COMPARED_CHARS: usize = 64;

impl Selection<'_> {
    /// The error if no image matches. `images` has those of the requested type.
    ///
    /// # Errors
    ///
    /// If the read ends meanwhile.
    pub(super) fn no_match(
        &self,
        of_other_platforms: &[Arc<Image>],
        images: Vec<Arc<Image>>,
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
        let mut arguments = self.model.set_arguments();
        if !self.model.image_id.is_null() {
            arguments.retain(|name| *name != "platform");
            let another = if arguments.contains(&"image_type") {
                "type, region"
            } else {
                "region"
            };
            arguments.push("region_id");
            detail = format!(
                "{detail} The image was withdrawn, or belongs to another {another} or account. \
                 Correct {}. If the ID is a name, set \"name\" instead of \"image_id\".",
                list::any_of(&arguments)
            );
            return Ok(Diagnostic::error("Image not found", detail).at(self.model.selector_path()));
        }
        if images.is_empty() {
            detail = format!("{detail} The region has no {}.", self.filter.common.kind());
        } else {
            detail.push_str(" The most similar images:");
            append_images(&mut detail, &self.most_similar_first(images)?);
        }
        detail = format!("{detail}\nCorrect {}.", list::any_of(&arguments));
        let regex = self.filter.common.name_regex.as_ref().map(Regex::as_str);
        if let Some((glob, regex)) = regex.and_then(|glob| Some((glob, glob::to_regex(glob)?))) {
            let (glob, regex) = (debug_quote(glob), debug_quote(&regex));
            detail = format!("{detail} If {glob} is a glob, write {regex}.");
        }
        Ok(Diagnostic::error("No image matches", detail).at(self.model.selector_path()))
    }

    /// Sorts images by the similarity of their names to the requested one.
    fn most_similar_first(&self, images: Vec<Arc<Image>>) -> Result<Vec<Arc<Image>>, Diagnostic> {
        let beginning = |text: &str| {
            let text = text.to_lowercase();
            text.chars().take(MAX_COMPARED_CHARS).collect::<String>()
        };
        let name = self.filter.name.as_deref().map(beginning);
        let regex = self.filter.common.name_regex.as_ref();
        let regex = regex.and_then(validators::ignoring_case);
        let mut ranked = Vec::new();
        for image in images {
            self.work.check()?;
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
