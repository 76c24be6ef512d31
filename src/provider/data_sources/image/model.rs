//! The block and its parsed arguments.

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::provider::data_sources::selection::SelectionFilter;
use crate::swas::operations::images::model::Image;
use crate::terraform::{AttributePath, Diagnostic, Parser, Value};
use aliyun::text::debug_quote;

#[derive(Debug, Deserialize, Serialize)]
pub struct ImageModel {
    pub(super) region_id: Value<String>,
    pub(super) image_id: Value<String>,
    pub(super) name: Value<String>,
    pub(super) name_regex: Value<String>,
    pub(super) image_type: Value<String>,
    pub(super) platform: Value<String>,
    pub(super) most_recent: Value<bool>,
    pub(super) id: Value<String>,
    pub(super) image_name: Value<String>,
    pub(super) description: Value<String>,
}

/// The parsed arguments.
#[derive(Debug)]
pub struct ImageFilter {
    pub(super) common: SelectionFilter,
    pub(super) name_regex: Option<Regex>,
    pub(super) image_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) most_recent: bool,
}

impl ImageModel {
    /// Describes the arguments, as in `name "Ubuntu-22.04", platform "Linux"`.
    pub(super) fn criteria(&self) -> String {
        [describe_set(self.selectors()), describe_set(self.filters())]
            .concat()
            .join(", ")
    }

    /// The arguments that identify the image. At least one is required.
    pub(super) fn selectors(&self) -> [(&'static str, &Value<String>); 3] {
        [
            ("image_id", &self.image_id),
            ("name", &self.name),
            ("name_regex", &self.name_regex),
        ]
    }

    /// The arguments that restrict the type and the platform.
    pub(super) fn filters(&self) -> [(&'static str, &Value<String>); 2] {
        [
            ("image_type", &self.image_type),
            ("platform", &self.platform),
        ]
    }

    /// Validates that a selector is set, and that none conflicts with `image_id`.
    pub(super) fn check_selectors(&self, parser: &mut Parser<'_>) {
        if self.selectors().iter().all(|(_, value)| value.is_null()) {
            parser.reject(Diagnostic::error(
                "Missing \"image_id\", \"name\" or \"name_regex\"",
                "Nothing says which image it shall be. Set at least one of the three.",
            ));
        }
        if self.image_id.known().is_some() {
            let others = [
                ("name", self.name.known().is_some()),
                ("name_regex", self.name_regex.known().is_some()),
                ("most_recent", self.most_recent.known() == Some(&true)),
            ];
            for (other, _) in others.into_iter().filter(|(_, is_set)| *is_set) {
                let summary = format!("Conflict of \"{other}\" with \"image_id\"");
                let detail = format!(
                    "\"image_id\" names one image already. Remove it, or remove \"{other}\"."
                );
                parser.reject(Diagnostic::error(summary, detail).at(parser.path(other)));
            }
        }
    }

    /// Validates that the regular expression matches `name`: otherwise no image can match
    /// both.
    pub(super) fn check_name_against_regex(&self, regex: &Regex, parser: &mut Parser<'_>) {
        if let Some(name) = self.name.known().filter(|name| !regex.is_match(name)) {
            let path = parser.path("name_regex");
            let detail = format!(
                "\"name_regex\" is {} and does not match \"name\", which is {}: no image can \
                 match both. Correct one of them, or remove \"name_regex\".",
                debug_quote(regex.as_str()),
                debug_quote(name)
            );
            parser.reject(Diagnostic::invalid(&path, detail));
        }
    }

    /// The path of the first selector that is set, for diagnostics.
    pub(super) fn selector_path(&self) -> AttributePath {
        let mut selectors = self.selectors().into_iter();
        let first = selectors.find(|(_, value)| !value.is_null());
        first.map_or_else(AttributePath::default, |(argument, _)| {
            AttributePath::attribute(argument)
        })
    }
}

/// Describes the arguments that are set, each with its value.
pub(super) fn describe_set<const N: usize>(arguments: [(&str, &Value<String>); N]) -> Vec<String> {
    arguments
        .into_iter()
        .filter_map(|(argument, value)| Some(format!("{argument} {}", debug_quote(value.known()?))))
        .collect()
}

impl ImageFilter {
    /// Returns whether the ID and the name of the image match.
    pub(super) fn matches(&self, image: &Image) -> bool {
        let (name, regex) = (self.name.as_ref(), self.name_regex.as_ref());
        let id = self.image_id.as_ref();
        id.is_none_or(|id| image.image_id == *id)
            && name.is_none_or(|name| image.image_name == *name)
            && regex.is_none_or(|regex| regex.is_match(&image.image_name))
    }
}
