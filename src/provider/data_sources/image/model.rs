//! The block and its parsed arguments.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::version_group;
use crate::provider::data_sources::selection::SelectionFilter;
use crate::provider::fetched::Work;
use crate::terraform::{AttributePath, Diagnostic, Parser, Value};
use aliyun::rpc::region::RegionId;
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
    pub(super) name: Option<String>,
    pub(super) most_recent: bool,
}

/// The read of one block.
pub(super) struct Selection<'a> {
    pub(super) model: &'a ImageModel,
    pub(super) filter: &'a ImageFilter,
    pub(super) region: &'a RegionId,
    pub(super) work: &'a Work,
}

impl ImageModel {
    /// The arguments that select images. One of the first three is required.
    pub(super) fn arguments(&self) -> [(&'static str, &Value<String>); 5] {
        [
            ("image_id", &self.image_id),
            ("name", &self.name),
            ("name_regex", &self.name_regex),
            ("image_type", &self.image_type),
            ("platform", &self.platform),
        ]
    }

    /// The names of the arguments that are set.
    pub(super) fn set_arguments(&self) -> Vec<&'static str> {
        let arguments = self.arguments().into_iter();
        let set = arguments.filter(|(_, value)| !value.is_null());
        set.map(|(name, _)| name).collect()
    }

    /// Describes the arguments, as in `name "Ubuntu-22.04", platform "Linux"`.
    pub(super) fn criteria(&self) -> String {
        let arguments = self.arguments().into_iter();
        let set = arguments.filter_map(|(name, value)| Some((name, value.known()?)));
        let set = set.map(|(name, value)| format!("{name} {}", debug_quote(value)));
        set.collect::<Vec<_>>().join(", ")
    }

    /// The path of the first argument that is set, for diagnostics.
    pub(super) fn selector_path(&self) -> AttributePath {
        let first = self.set_arguments().into_iter().next();
        first.map_or_else(AttributePath::default, AttributePath::attribute)
    }

    /// Validates that a selector is set, and that none conflicts with `image_id`.
    pub(super) fn check_selectors(&self, parser: &mut Parser<'_>) {
        if self.arguments()[..3]
            .iter()
            .all(|(_, value)| value.is_null())
        {
            parser.reject(Diagnostic::error(
                "Missing \"image_id\", \"name\", or \"name_regex\"",
                "\"swas_image\" selects no image. Set \"image_id\", \"name\", or \"name_regex\".",
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
                    "\"image_id\" selects the image alone. Remove \"image_id\" or \"{other}\"."
                );
                parser.reject(Diagnostic::error(summary, detail).at(parser.path(other)));
            }
        }
    }

    /// Validates that `name_regex` matches `name`, and that a group in it captures versions.
    pub(super) fn check_regex(&self, regex: &Regex, parser: &mut Parser<'_>) {
        let path = parser.path("name_regex");
        if let Some(name) = self.name.known().filter(|name| !regex.is_match(name)) {
            let detail = format!(
                "\"name_regex\" {} does not match \"name\" {}, so that no image can match both. \
                 Correct one of them, or remove \"name_regex\".",
                debug_quote(regex.as_str()),
                debug_quote(name)
            );
            parser.reject(Diagnostic::invalid(&path, detail));
        }
        if self.most_recent.known() == Some(&true)
            && let Err(error) = version_group::check(regex, &path)
        {
            parser.reject(error);
        }
    }
}
