//! Attributes that several data sources have, each with what differs in it.

use crate::terraform::{Attribute, Type};

/// The region that is read; the description begins with whose it is.
pub fn region_id(whose: &str) -> Attribute {
    let description =
        format!("{whose}, for example `cn-hangzhou`. Default: the provider's `region`.");
    Attribute::optional_computed("region_id", Type::String, description)
}

/// The IDs of all that is wanted.
pub fn id_filter(name: &'static str, which: &str) -> Attribute {
    let description = format!(
        "Only the {which}. An empty list matches nothing. Duplicates count once. IDs that are not \
         found give a warning."
    );
    Attribute::optional(name, Type::String.list(), description)
}

/// What the names of images have to match.
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

/// The `id` of a block that stands for many things. Whoever sets it means
/// `argument`.
pub fn computed_id(argument: &'static str) -> Attribute {
    let description = "Digest of the region and the arguments.";
    Attribute::computed("id", Type::String, description).suggest(argument)
}

/// One field of each object of a list.
pub fn projected_list(name: &'static str, what: &str) -> Attribute {
    let description = format!("The {what}, in the same order.");
    Attribute::computed(name, Type::String.list(), description)
}
