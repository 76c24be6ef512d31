//! Which arguments and attributes a block has.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::proto::tfplugin;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// An integer or a fraction.
    Number,
    /// `true` or `false`.
    Bool,
    /// Values of one type in an order.
    List(Box<Type>),
    /// Values of one type under keys of the user's choice.
    Map(Box<Type>),
    /// A value of its own type under each name.
    Object(Vec<(&'static str, Type)>),
}

impl Type {
    /// A list of these.
    #[must_use]
    pub(crate) fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// A map to these.
    #[must_use]
    pub(crate) fn map(self) -> Self {
        Self::Map(Box::new(self))
    }

    /// The JSON form that Terraform's type system defines.
    fn to_json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(attributes) => {
                let attributes: Map<_, _> = attributes
                    .iter()
                    .map(|(name, of)| ((*name).to_owned(), of.to_json()))
                    .collect();
                json!(["object", attributes])
            }
        }
    }
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Optional,
    Computed,
    OptionalComputed,
}

/// An argument that users set, or an attribute that they read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    name: &'static str,
    of: Type,
    source: Source,
    sensitive: bool,
    instead: Option<&'static str>,
    description: Cow<'static, str>,
}

impl Attribute {
    fn new(
        name: &'static str,
        of: Type,
        source: Source,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name,
            of,
            source,
            sensitive: false,
            instead: None,
            description: description.into(),
        }
    }

    /// The name in the configuration.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether only the provider sets it.
    pub(super) fn is_read_only(&self) -> bool {
        self.source == Source::Computed
    }

    /// The argument that somebody may mean who sets this attribute.
    pub(super) fn suggestion(&self) -> Option<&'static str> {
        self.instead
    }

    /// An argument that may be set and stays null otherwise.
    #[must_use]
    pub fn optional(
        name: &'static str,
        of: Type,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(name, of, Source::Optional, description)
    }

    /// An attribute that only the provider sets.
    #[must_use]
    pub(crate) fn computed(
        name: &'static str,
        of: Type,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(name, of, Source::Computed, description)
    }

    /// An argument that may be set and that the provider sets otherwise.
    #[must_use]
    pub(crate) fn optional_computed(
        name: &'static str,
        of: Type,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(name, of, Source::OptionalComputed, description)
    }

    /// Names the argument of the same block that somebody may mean who sets this
    /// attribute, which only the provider sets.
    #[must_use]
    pub(crate) fn suggest(mut self, argument: &'static str) -> Self {
        self.instead = Some(argument);
        self
    }

    /// Never shown to users in plain text.
    #[must_use]
    pub(crate) fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// A block inside a block, any number of times up to a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedBlock {
    /// The name in the configuration.
    pub name: &'static str,
    /// What it holds.
    pub block: Schema,
    /// How often it may stand there at most.
    pub max_items: u32,
}

/// What a block holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// What the block is for, in Markdown.
    pub description: &'static str,
    /// Its arguments and attributes.
    pub attributes: Vec<Attribute>,
    /// The blocks in it.
    pub blocks: Vec<NestedBlock>,
}

impl From<&Schema> for tfplugin::Schema {
    fn from(schema: &Schema) -> Self {
        Self {
            version: 0,
            block: Some(schema.into()),
        }
    }
}

impl From<&Schema> for tfplugin::schema::Block {
    fn from(schema: &Schema) -> Self {
        Self {
            version: 0,
            attributes: schema.attributes.iter().map(Into::into).collect(),
            block_types: schema.blocks.iter().map(Into::into).collect(),
            description: schema.description.to_owned(),
            description_kind: tfplugin::StringKind::Markdown.into(),
            deprecated: false,
        }
    }
}

impl From<&Attribute> for tfplugin::schema::Attribute {
    fn from(attribute: &Attribute) -> Self {
        use Source::{Computed, Optional, OptionalComputed};
        Self {
            name: attribute.name.to_owned(),
            r#type: attribute.of.to_json().to_string().into_bytes(),
            description: attribute.description.clone().into_owned(),
            // No argument is one that somebody has to set.
            required: false,
            optional: matches!(attribute.source, Optional | OptionalComputed),
            computed: matches!(attribute.source, Computed | OptionalComputed),
            sensitive: attribute.sensitive,
            description_kind: tfplugin::StringKind::Markdown.into(),
            deprecated: false,
        }
    }
}

impl From<&NestedBlock> for tfplugin::schema::NestedBlock {
    fn from(nested: &NestedBlock) -> Self {
        Self {
            type_name: nested.name.to_owned(),
            block: Some((&nested.block).into()),
            nesting: tfplugin::schema::nested_block::NestingMode::List.into(),
            min_items: 0,
            max_items: nested.max_items.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_terraforms_json_form() {
        for (of, expected) in [
            (Type::String, r#""string""#),
            (Type::Number, r#""number""#),
            (Type::Bool.list(), r#"["list","bool"]"#),
            (Type::String.map(), r#"["map","string"]"#),
            (
                Type::Object(vec![("a", Type::String), ("b", Type::Bool.list())]).list(),
                r#"["list",["object",{"a":"string","b":["list","bool"]}]]"#,
            ),
        ] {
            assert_eq!(of.to_json().to_string(), expected);
        }
    }
}
