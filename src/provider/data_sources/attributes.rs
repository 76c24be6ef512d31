//! Attributes that several data sources share.

use crate::terraform::{Attribute, Type};

/// The argument `region_id`. `purpose` begins the description.
pub fn region_id(purpose: &str) -> Attribute {
    let description =
        format!("{purpose}, for example `cn-hangzhou`. Default: the provider's `region`.");
    Attribute::optional_computed("region_id", Type::String, description)
}

/// An argument that selects entries by ID. `entries` names them in the description.
pub fn id_filter(name: &'static str, entries: &str) -> Attribute {
    let description = format!(
        "Only the {entries}. An empty list matches nothing. Duplicates count once. IDs that are not \
         found give a warning."
    );
    Attribute::optional(name, Type::String.list(), description)
}

/// The argument `name_regex`.
pub fn name_regex() -> Attribute {
    Attribute::optional(
        "name_regex",
        Type::String,
        "Only images in whose name this regular expression finds a match. Use `^` and `$` to match \
         whole names. At most 4096 characters. The syntax is that of RE2 as Rust's \
         [regex](https://docs.rs/regex/latest/regex/#syntax) crate has it: no look-around and no \
         backreferences. Other than in RE2, `\\Q…\\E`, `\\C` and octal escapes are errors, and so is a \
         `{` that begins no count, as in `a{` and `a{,2}`: write `\\{`. `\\d`, `\\s`, `\\w` and `\\b` \
         go by Unicode. In brackets, `[` begins an inner class, and `&&`, `--` and `~~` combine \
         classes: `[a&&b]` matches nothing.",
    )
}

/// The computed `id` of a data source that returns a list. A configuration that sets it
/// gets `argument` as a suggestion.
pub fn computed_id(argument: &'static str) -> Attribute {
    let description = "Digest of the region and the arguments.";
    Attribute::computed("id", Type::String, description).suggest(argument)
}

/// A list of one field of each object in another list. `values` begins the description.
pub fn projected_list(name: &'static str, values: &str) -> Attribute {
    let description = format!("The {values}, in the same order.");
    Attribute::computed(name, Type::String.list(), description)
}
