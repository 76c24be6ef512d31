//! The data source `swas_image`: exactly one image.
//!
//! - [`choice`]: one of those that match
//! - [`no_match`]: what to say when none does

mod choice;
mod no_match;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::config::Configured;
use super::selection::{self, Arguments, Filters, Selection};
use super::{attributes, checks, list};
use crate::swas::{Image as Found, quoted};
use crate::terraform::{
    Attribute, AttributePath, DataSource, Diagnostic, Diagnostics, Parser, ReadError, Schema, Type,
    Unsettled, Value,
};

/// The most images that an error lists.
const MOST_CANDIDATES: usize = 10;

const DESCRIPTION: &str = "\
Exactly one image, for arguments that take one image ID.

No match, and more than one match, are errors that list up to 10 candidates. With
`most_recent = true`, the image with the highest version in its name is taken of
several that match. A version is a number with the dotted numbers that follow it:

- Numbers are compared one by one: `Ubuntu-22.04` is over `Ubuntu-20.04` is over
  `Ubuntu-9.10`. A number that is missing counts as 0: `v1.2` is the same as `v1.2.0`.
- Of several versions in a name, the first that differs decides:
  `WordPress-5.0-Ubuntu-18.04` is over `WordPress-4.8.1-Ubuntu-22.04`. A name that goes
  on with a further version is over one that does not: `Server-2012-R2` is over
  `Server-2012`.
- `alpha`, `beta`, `preview` and `rc` after a version come before the release:
  `v1.2` is over `v1.2-rc2` is over `v1.2-rc1` is over `v1.2-beta3`.
- A name without any number is under all others.
- Several images with the same highest version are an error, even so.

~> **A newer image may appear before any plan.** The official resource
`alicloud_simple_application_server_instance` wipes the system disk when its `image_id`
changes. Where a server is made of the newest image, [pin the
image](../guides/selecting-images.md#pin-the-image).";

#[derive(Debug)]
pub struct Image;

#[derive(Debug, Deserialize, Serialize)]
pub struct Block {
    region_id: Value<String>,
    image_id: Value<String>,
    name: Value<String>,
    name_regex: Value<String>,
    image_type: Value<String>,
    platform: Value<String>,
    most_recent: Value<bool>,
    id: Value<String>,
    image_name: Value<String>,
    description: Value<String>,
}

/// What the block asks for.
#[derive(Debug)]
pub struct Query {
    filters: Filters,
    image_id: Option<String>,
    name: Option<String>,
    most_recent: bool,
}

impl Block {
    /// What is looked for, as in `name "Ubuntu-22.04", platform "Linux"`.
    fn wanted(&self) -> String {
        [set(self.choosers()), set(self.kinds())]
            .concat()
            .join(", ")
    }

    /// The arguments of which at least one says which image it is.
    fn choosers(&self) -> [(&'static str, &Value<String>); 3] {
        [
            ("image_id", &self.image_id),
            ("name", &self.name),
            ("name_regex", &self.name_regex),
        ]
    }

    /// The arguments that say what kind of image it is.
    fn kinds(&self) -> [(&'static str, &Value<String>); 2] {
        [
            ("image_type", &self.image_type),
            ("platform", &self.platform),
        ]
    }

    /// Something says which image it is, and nothing says it once more.
    fn check_choice(&self, parser: &mut Parser<'_>) {
        if self.choosers().iter().all(|(_, value)| value.is_null()) {
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

    /// A name that the regular expression does not match matches no image.
    fn check_names(&self, parser: &mut Parser<'_>) {
        let (Some(name), Some(regex)) = (self.name.known(), self.name_regex.known()) else {
            return;
        };
        let path = parser.path("name_regex");
        // An invalid expression is an error already.
        if checks::regex(regex, &path).is_ok_and(|regex| !regex.is_match(name)) {
            let detail = format!(
                "\"name_regex\" is {} and does not match \"name\", which is {}: no image can \
                 match both. Correct one of them, or remove \"name_regex\".",
                quoted(regex),
                quoted(name)
            );
            parser.reject(Diagnostic::invalid(&path, detail));
        }
    }

    /// The argument to blame for the choice.
    fn chooser(&self) -> AttributePath {
        let mut choosers = self.choosers().into_iter();
        let chosen = choosers.find(|(_, value)| !value.is_null());
        chosen.map_or_else(AttributePath::default, |(argument, _)| {
            AttributePath::attribute(argument)
        })
    }
}

/// The arguments that are set, each with its value.
fn set<const N: usize>(arguments: [(&str, &Value<String>); N]) -> Vec<String> {
    arguments
        .into_iter()
        .filter_map(|(argument, value)| Some(format!("{argument} {}", quoted(value.known()?))))
        .collect()
}

impl DataSource for Image {
    type Configured = Configured;
    type Block = Block;
    type Query = Query;

    const TYPE_NAME: &'static str = "swas_image";

    fn schema() -> Schema {
        Schema {
            description: DESCRIPTION,
            attributes: vec![
                attributes::region_id("Region of the image"),
                Attribute::optional_computed(
                    "image_id",
                    Type::String,
                    "ID of the image. One of `image_id`, `name` and `name_regex` is required; \
                     `image_id` cannot be set together with `name`, `name_regex` or \
                     `most_recent = true`.",
                ),
                Attribute::optional_computed("name", Type::String, "Exact name of the image."),
                attributes::name_regex(),
                Attribute::optional_computed(
                    "image_type",
                    Type::String,
                    "Type of the image: `system` (an operating system), `app` (an application on \
                     one) or `custom` (the account's own).",
                ),
                Attribute::optional_computed(
                    "platform",
                    Type::String,
                    "Platform of the image: `Linux` or `Windows`.",
                ),
                Attribute::optional(
                    "most_recent",
                    Type::Bool,
                    "Of several images that match, take the one with the highest version in its \
                     name: `Ubuntu-22.04` over `Ubuntu-20.04` over `Ubuntu-9.10`. Several with \
                     the same version are an error all the same. Default: `false`.",
                ),
                Attribute::computed("id", Type::String, "ID of the image.").instead("image_id"),
                Attribute::computed("image_name", Type::String, "Name of the image.")
                    .instead("name"),
                Attribute::computed(
                    "description",
                    Type::String,
                    "What the image is for; often empty.",
                ),
            ],
            blocks: Vec::new(),
        }
    }

    fn parse(block: &Block, parser: &mut Parser<'_>) -> Result<Query, Unsettled> {
        let arguments = Arguments {
            region_id: &block.region_id,
            image_type: &block.image_type,
            platform: &block.platform,
            name_regex: &block.name_regex,
        };
        let filters = Filters::parse(arguments, parser);
        let image_id = parser.text("image_id", &block.image_id, checks::visible);
        let name = parser.text("name", &block.name, |text, _| Ok(text.to_owned()));
        let most_recent = parser.value("most_recent", &block.most_recent, |set, _| Ok(*set));
        block.check_choice(parser);
        block.check_names(parser);
        Ok(Query {
            filters: filters?,
            image_id: image_id?,
            name: name?,
            most_recent: most_recent?.unwrap_or_default(),
        })
    }

    async fn read(
        configured: &Configured,
        query: Query,
        block: Block,
        warnings: &mut Diagnostics,
    ) -> Result<Block, ReadError> {
        let filters = &query.filters;
        let ids = query.image_id.clone().map(|id| vec![id]);
        let selection = filters.select(configured, ids, warnings).await?;
        let Selection { region, images, .. } = &selection;
        let matching = images.iter().filter(|image| query.matches(image));
        let matching: Vec<_> = matching.collect();
        if matching.is_empty() {
            let all = query.all(configured, &selection, warnings).await;
            return Err(no_match::error(&block, &query, region, &all).into());
        }
        let image = choice::choose(&block, &query, region, &matching)?;
        Ok(Block {
            id: Value::Known(image.image_id.clone()),
            region_id: block.region_id.or(region.to_string()),
            image_id: block.image_id.or(image.image_id.clone()),
            name: block.name.or(image.image_name.clone()),
            image_type: block.image_type.or(image.image_type.to_string()),
            platform: block.platform.or(image.platform.to_string()),
            image_name: Value::Known(image.image_name.clone()),
            description: Value::Known(image.description.clone()),
            ..block
        })
    }
}

impl Query {
    /// Whether the image has the ID and the name that are asked for.
    fn matches(&self, image: &Found) -> bool {
        let (name, regex) = (self.name.as_ref(), self.filters.name_regex.as_ref());
        let id = self.image_id.as_ref();
        id.is_none_or(|id| image.image_id == *id)
            && name.is_none_or(|name| image.image_name == *name)
            && regex.is_none_or(|regex| regex.is_match(&image.image_name))
    }

    /// The images of the region, whatever their type and platform, as far as they
    /// can be known and matter. With an `image_id`, no others matter.
    async fn all(
        &self,
        configured: &Configured,
        selection: &Selection,
        warnings: &mut Diagnostics,
    ) -> Vec<Arc<Found>> {
        let mut others = selection.of_other_platforms.iter();
        let is_explained = others.any(|image| self.matches(image));
        if !is_explained && self.filters.is_of_one_type() {
            // Only some were asked for. Without the others the error still says
            // what is wrong.
            let ids = self.image_id.clone().map(|id| vec![id]);
            let all = selection::all(configured, &selection.region, ids, warnings).await;
            if let Ok(all) = all {
                return all;
            }
        }
        let others = selection.of_other_platforms.iter();
        selection.images.iter().chain(others).cloned().collect()
    }
}

/// Adds a line for each image.
fn list_images<'a>(text: &mut String, images: impl Iterator<Item = &'a Arc<Found>>) {
    let lines = images.map(|image| described(&image.image_name, image));
    list::append(text, lines, MOST_CANDIDATES);
}

/// The name, and the type, platform and ID of the image.
fn described(name: &str, image: &Found) -> String {
    let facts: [&str; 3] = [&image.image_type, &image.platform, &image.image_id];
    let facts = facts.into_iter().filter(|fact| !fact.is_empty());
    let facts: Vec<_> = facts.collect();
    format!("{name} ({})", facts.join(", "))
}
