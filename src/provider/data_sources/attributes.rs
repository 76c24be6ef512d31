//! Attributes that several data sources share.

use crate::terraform::{Attribute, Type};

/// The argument `region_id`. `objects` are those that the data source returns.
pub fn region_id(objects: &str) -> Attribute {
    let description = format!("Region of the {objects}. Defaults to the provider's `region`.");
    Attribute::optional_computed("region_id", Type::String, description)
}

/// An argument that selects entries by ID.
pub fn id_filter(name: &'static str, objects: &str) -> Attribute {
    let description = format!(
        "IDs of the {objects}, in any number. An empty list matches nothing and sends no request. \
         IDs that are not found cause one warning."
    );
    Attribute::optional(name, Type::String.list(), description)
}

/// The argument `name_regex`.
pub fn name_regex() -> Attribute {
    Attribute::optional(
        "name_regex",
        Type::String,
        "Regular expression that matches a part of the name, or the whole name between `^` and \
         `$`. At most 4096 characters, in the [syntax of Rust's regex \
         crate](https://docs.rs/regex/latest/regex/#syntax).",
    )
}

/// The computed `id` of a data source that returns a list. A configuration that sets it
/// gets `argument` as a suggestion.
pub fn computed_id(argument: &'static str) -> Attribute {
    let description = "Digest of the region and the arguments.";
    Attribute::computed("id", Type::String, description).suggest(argument)
}

/// A list of one field of each object in the list `objects`.
pub fn projected_list(name: &'static str, values: &str, objects: &str) -> Attribute {
    let description = format!("{values} of `{objects}`, in the same order.");
    Attribute::computed(name, Type::String.list(), description)
}
