//! The choice among several images that match.

use std::collections::HashSet;
use std::fmt::Write;
use std::slice;
use std::sync::Arc;

use regex::Regex;

use super::append_images;
use super::model::{ImageModel, Selection};
use super::newest::newest;
use super::version::Version;
use super::{MAX_CANDIDATES, version_group};
use crate::provider::list;
use crate::swas::operations::images::model::{Image, ImageType, PLATFORMS};
use crate::terraform::Diagnostic;
use aliyun::text::debug_quote;

/// The maximum number of differences in the error about an ambiguous choice.
const MAX_DIFFERENCES: usize = 5;

impl Selection<'_> {
    /// Selects the only image or, with `most_recent`, the newest one.
    ///
    /// # Errors
    ///
    /// If several images match, and `most_recent` is not set or the versions in the names do
    /// not determine the newest one. If the read ends meanwhile.
    pub(super) fn choose<'a>(&self, images: &'a [Arc<Image>]) -> Result<&'a Image, Diagnostic> {
        let Self { model, filter, .. } = self;
        if let ([image], false) = (images, filter.most_recent) {
            return Ok(image);
        }
        let candidates = self.candidates(images)?;
        let newest = newest(&candidates, self.work)?;
        let problem = format!(
            "Selecting an image in {} failed: {} images match {}",
            self.region,
            images.len(),
            model.criteria()
        );
        let (summary, detail) = match (&newest[..], filter.most_recent) {
            ([(newest, _)], true) => return Ok(newest),
            (newest, true) => (
                "Several images are the most recent",
                problem + &self.ambiguity(newest),
            ),
            (newest, false) => {
                let mut detail = problem + ":";
                append_images(&mut detail, images);
                let images: Vec<_> = images.iter().collect();
                detail = format!("{detail}\n{}", advice(model, &images));
                if newest.len() == 1 {
                    detail.push_str(" To select the highest version, set \"most_recent\" to true.");
                }
                ("More than one image matches", detail)
            }
        };
        Err(Diagnostic::error(summary, detail).at(model.selector_path()))
    }

    /// The group `version` of `name_regex`, if versions are compared by it.
    fn version_group(&self) -> Option<&Regex> {
        let regex = self.filter.common.name_regex.as_ref();
        regex.filter(|regex| self.filter.most_recent && version_group::is_in(regex))
    }

    /// Parses the versions of the images.
    fn candidates<'a>(
        &self,
        images: &'a [Arc<Image>],
    ) -> Result<Vec<(&'a Arc<Image>, Version)>, Diagnostic> {
        let candidates = images.iter().map(|image| {
            self.work.check()?;
            let version = match self.version_group() {
                Some(regex) => {
                    let part = version_group::captured(regex, image)?;
                    Version::parse_part(part, &image.image_name)
                }
                None => Version::parse(&image.image_name),
            };
            Ok((image, version))
        });
        candidates.collect()
    }

    /// Explains why the versions do not determine the newest image, and how to select each of
    /// the candidates.
    fn ambiguity(&self, newest: &[&(&Arc<Image>, Version)]) -> String {
        let versions: Vec<_> = newest.iter().map(|(_, version)| version).collect();
        let images: Vec<_> = newest.iter().map(|(image, _)| *image).collect();
        let compared = match self.version_group() {
            Some(_) => "texts of the group \"version\"",
            None => "names",
        };
        let mut text = format!(
            ", and their {compared} do not determine the newest, because they {}:",
            describe_difference(&versions)
        );
        append_images(&mut text, images.iter().copied());
        text.push('\n');
        let names: HashSet<_> = images.iter().map(|image| &image.image_name).collect();
        if names.len() < images.len() {
            return text + &advice(self.model, &images);
        }
        text.push_str(
            "Select one product with \"name_regex\", or capture the text to compare in a group \
             \"version\". To select a single image, use one of:",
        );
        let regexes = images.iter().map(|image| exact_regex(&image.image_name));
        list::append(&mut text, regexes, MAX_CANDIDATES);
        text
    }
}

/// Describes the first difference of the versions.
fn describe_difference(versions: &[&Version]) -> String {
    let mut differences = Vec::new();
    for text in Version::first_difference(versions) {
        let text = text.map_or_else(|| "the end".to_owned(), debug_quote);
        if !differences.contains(&text) {
            differences.push(text);
        }
    }
    if differences.len() < 2 {
        return "have the same version".to_owned();
    }
    if differences.len() > MAX_DIFFERENCES {
        differences.truncate(MAX_DIFFERENCES);
        differences.push("others".to_owned());
    }
    let last = differences.pop().unwrap_or_default();
    format!("first differ in {} and {last}", differences.join(", "))
}

/// A line of configuration that sets `name_regex` to match exactly this name.
fn exact_regex(name: &str) -> String {
    let mut regex = String::new();
    for c in regex::escape(name).replace(r"\-", "-").chars() {
        if c != ' ' && (c.is_control() || c.is_whitespace()) {
            // Writing to a string cannot fail.
            let _ = write!(regex, r"\x{{{:x}}}", u32::from(c));
        } else {
            regex.push(c);
        }
    }
    // Terraform has the same escape character.
    let quoted = regex.replace('\\', r"\\").replace('"', r#"\""#);
    format!("name_regex = \"^{quoted}$\"")
}

/// An argument, and the value of it that selects an image. `None` if no value does.
type Argument = (&'static str, fn(&Image) -> Option<&str>);

const ARGUMENTS: [Argument; 3] = [
    ("image_type", |image| {
        let known = ImageType::ALL.map(ImageType::as_str);
        Some(&*image.image_type).filter(|it| known.contains(it))
    }),
    ("platform", |image| {
        Some(&*image.platform).filter(|it| PLATFORMS.contains(it))
    }),
    ("name", |image| {
        Some(&*image.image_name).filter(|it| !it.trim().is_empty())
    }),
];

/// Advises which arguments distinguish the images.
fn advice(model: &ImageModel, images: &[&Arc<Image>]) -> String {
    let set = model.set_arguments();
    let is_usable = |(name, value): &&Argument| {
        let differs = |pair: &[&Arc<Image>]| value(pair[0]) != value(pair[1]);
        !set.contains(name)
            && images.iter().all(|image| value(image).is_some())
            && images.windows(2).any(differs)
    };
    let usable: Vec<_> = ARGUMENTS.iter().filter(is_usable).collect();
    let distinguish = |arguments: &&[&Argument]| {
        let mut seen = HashSet::new();
        images.iter().all(|image| {
            let values = arguments.iter().map(|(_, value)| value(image));
            seen.insert(values.collect::<Vec<_>>())
        })
    };
    let mut sets = usable.iter().map(slice::from_ref).chain([&usable[..]]);
    match sets.find(distinguish) {
        Some([("name", _)]) => "Set \"name\", or narrow \"name_regex\".".to_owned(),
        Some(arguments) => {
            let names = arguments.iter().map(|(name, _)| debug_quote(name));
            format!("Set {}.", names.collect::<Vec<_>>().join(" and "))
        }
        None => {
            let others = set.into_iter().filter(|name| name.starts_with("name"));
            let others = others.chain(model.most_recent.known().map(|_| "most_recent"));
            let others: Vec<_> = others.map(debug_quote).collect();
            format!(
                "Only their IDs distinguish all of them. Replace {} with \"image_id\".",
                others.join(" and ")
            )
        }
    }
}
