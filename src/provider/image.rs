//! The data source `swas_image`: exactly one image.

use std::fmt::Write;
use std::sync::Arc;

use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::config::Configured;
use super::selection::{self, Arguments, Filters, Selection};
use super::version::Versions;
use super::{checks, list};
use crate::swas::{Image as Found, RegionId};
use crate::terraform::{
    Attribute, AttributePath, DataSource, Diagnostic, Diagnostics, Parser, ReadError, Schema, Type,
    Unsettled, Value,
};

/// The most images that an error lists.
const MOST_CANDIDATES: usize = 10;

/// So many characters of names are compared to find those that come closest: the
/// effort grows with the square.
const COMPARED: usize = 64;

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
                ("most_recent", self.most_recent.known().is_some()),
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
        .filter_map(|(argument, value)| Some(format!("{argument} {:?}", value.known()?)))
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
                Attribute::optional_computed(
                    "region_id",
                    Type::String,
                    "Region of the image, for example `cn-hangzhou`. Default: the provider's \
                     `region`.",
                ),
                Attribute::optional_computed(
                    "image_id",
                    Type::String,
                    "ID of the image. One of `image_id`, `name` and `name_regex` is required; \
                     `image_id` cannot be set together with `name`, `name_regex` or \
                     `most_recent`.",
                ),
                Attribute::optional_computed("name", Type::String, "Exact name of the image."),
                selection::name_regex(),
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
        let name = parser.text("name", &block.name, checks::not_blank);
        let most_recent = parser.value("most_recent", &block.most_recent, |set, _| Ok(*set));
        block.check_choice(parser);
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
        let Selection { region, images, .. } = filters.select(configured, ids, warnings).await?;
        let (matching, others): (Vec<_>, Vec<_>) =
            images.into_iter().partition(|image| query.matches(image));
        if matching.is_empty() {
            let others = match query.image_id {
                // Only this one was asked for, so that the others are not known
                // yet. Without them the error still says what is wrong.
                Some(_) => match filters.select(configured, None, warnings).await {
                    Ok(all) => all.images,
                    Err(_) => Vec::new(),
                },
                None => others,
            };
            return Err(no_match(&block, &query, &region, others).into());
        }
        let image = choose(&block, &query, &region, matching)?;
        Ok(Block {
            id: Value::Known(image.image_id.clone()),
            region_id: block.region_id.or(region.to_string()),
            image_id: block.image_id.or(image.image_id.clone()),
            name: block.name.or(image.image_name.clone()),
            image_type: block.image_type.or(image.image_type.clone()),
            platform: block.platform.or(image.platform.clone()),
            image_name: Value::Known(image.image_name.clone()),
            description: Value::Known(image.description.clone()),
            ..block
        })
    }
}

impl Query {
    fn matches(&self, image: &Found) -> bool {
        let (name, regex) = (self.name.as_ref(), self.filters.name_regex.as_ref());
        name.is_none_or(|name| image.image_name == *name)
            && regex.is_none_or(|regex| regex.is_match(&image.image_name))
    }
}

/// The one image, or the newest if that is what is asked for.
fn choose(
    block: &Block,
    query: &Query,
    region: &RegionId,
    mut images: Vec<Arc<Found>>,
) -> Result<Arc<Found>, Diagnostic> {
    let matching = images.len();
    if query.most_recent {
        images = newest(images);
    }
    match <[Arc<Found>; 1]>::try_from(images) {
        Ok([image]) => Ok(image),
        Err(images) => {
            let (summary, mut detail) = if query.most_recent {
                let detail = format!(
                    "In region {region}, {matching} images match {}, and these have the same \
                     highest version in their names:",
                    block.wanted()
                );
                ("Several images are the most recent", detail)
            } else {
                let detail = format!(
                    "In region {region}, {matching} images match {}:",
                    block.wanted()
                );
                ("More than one image matches", detail)
            };
            list_images(&mut detail, &images);
            detail.push_str(if query.most_recent {
                "\nNarrow the choice, for example with \"name\" or \"name_regex\"."
            } else {
                "\nNarrow the choice, for example with \"name\", or set \"most_recent\" to true to \
                 take the highest version."
            });
            Err(Diagnostic::error(summary, detail).at(block.chooser()))
        }
    }
}

/// Those with the highest version in their names.
fn newest(mut images: Vec<Arc<Found>>) -> Vec<Arc<Found>> {
    let names = images.iter().map(|image| image.image_name.as_str());
    if let Some(highest) = names.max_by_key(|name| Versions::of(name)) {
        let highest = highest.to_owned();
        let highest = Versions::of(&highest);
        images.retain(|image| Versions::of(&image.image_name) == highest);
    }
    images
}

/// The error for no match, with the images that come closest.
fn no_match(
    block: &Block,
    query: &Query,
    region: &RegionId,
    others: Vec<Arc<Found>>,
) -> Diagnostic {
    let mut detail = format!(
        "Region {region} has no image that matches {}.",
        block.wanted()
    );
    if !others.is_empty() {
        let anyhow_cased = query.filters.name_regex.as_ref().and_then(|regex| {
            let mut anyhow_cased = RegexBuilder::new(regex.as_str());
            // It may be too big where the one with cases is not.
            anyhow_cased.case_insensitive(true).build().ok()
        });
        let likeness = |image: &Found| match (&query.image_id, &query.name) {
            (Some(id), _) => alike(id, &image.image_id),
            (None, Some(name)) => alike(name, &image.image_name),
            (None, None) => match &anyhow_cased {
                Some(regex) if regex.is_match(&image.image_name) => 1.0,
                _ => 0.0,
            },
        };
        let mut by_likeness: Vec<_> = others
            .into_iter()
            .map(|image| (likeness(&image), image))
            .collect();
        by_likeness.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let closest = by_likeness.into_iter().map(|(_, image)| image);
        let others: Vec<_> = closest.collect();
        let kinds = set(block.kinds());
        if kinds.is_empty() {
            detail.push_str(" It has:");
        } else {
            // Writing to a string cannot fail.
            let _ = write!(detail, " With {}, it has:", kinds.join(" and "));
        }
        list_images(&mut detail, &others);
    }
    Diagnostic::error("No image matches", detail).at(block.chooser())
}

/// How alike two names are, from 0 to 1, as far as their beginnings tell.
fn alike(one: &str, other: &str) -> f64 {
    let beginning = |text: &str| text.chars().take(COMPARED).collect::<String>();
    strsim::jaro_winkler(&beginning(one), &beginning(other))
}

fn list_images(text: &mut String, images: &[Arc<Found>]) {
    let lines = images
        .iter()
        .map(|image| format!("{} ({})", image.image_name, image.image_id));
    list::append(text, lines, MOST_CANDIDATES);
}
