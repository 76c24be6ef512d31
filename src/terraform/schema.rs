//! The schemas of blocks.

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
    /// Values of one type, in order.
    List(Box<Type>),
    /// Values of one type by key.
    Map(Box<Type>),
    /// Attributes, each with its own type.
    Object(Vec<(&'static str, Type)>),
}

impl Type {
    /// Returns the type of lists of this type.
    #[must_use]
    pub(crate) fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// Returns the type of maps to this type.
    #[must_use]
    pub(crate) fn map(self) -> Self {
        Self::Map(Box::new(self))
    }

    /// Converts the type into the JSON of Terraform's type system.
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
                    .map(|(name, ty)| ((*name).to_owned(), ty.to_json()))
                    .collect();
                json!(["object", attributes])
            }
        }
    }
}

/// An argument or a computed attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub(super) name: &'static str,
    ty: Type,
    /// `true` if the configuration may set the attribute.
    pub(super) optional: bool,
    /// `true` if the provider may set the attribute.
    computed: bool,
    sensitive: bool,
    /// The argument to suggest if a configuration sets this computed attribute.
    pub(super) suggestion: Option<&'static str>,
    description: Cow<'static, str>,
}

impl Attribute {
    /// An optional argument.
    #[must_use]
    pub fn optional(
        name: &'static str,
        ty: Type,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name,
            ty,
            optional: true,
            computed: false,
            sensitive: false,
            suggestion: None,
            description: description.into(),
        }
    }

    /// A computed attribute, which only the provider sets.
    #[must_use]
    pub(crate) fn computed(
        name: &'static str,
        ty: Type,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            optional: false,
            ..Self::optional_computed(name, ty, description)
        }
    }

    /// An optional argument that the provider sets if the configuration does not.
    #[must_use]
    pub(crate) fn optional_computed(
        name: &'static str,
        ty: Type,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            computed: true,
            ..Self::optional(name, ty, description)
        }
    }

    /// Sets the argument of the same block to suggest if a configuration sets this
    /// computed attribute.
    #[must_use]
    pub(crate) fn suggest(mut self, argument: &'static str) -> Self {
        self.suggestion = Some(argument);
        self
    }

    /// Marks the attribute as sensitive: Terraform redacts its value in output.
    #[must_use]
    pub(crate) fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// A list of nested blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedBlock {
    /// The type name in the configuration.
    pub name: &'static str,
    /// The schema of each block.
    pub block: Schema,
    /// The maximum number of blocks.
    pub max_items: u32,
}

/// The schema of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The description of the block, in Markdown.
    pub description: &'static str,
    /// The arguments and computed attributes.
    pub attributes: Vec<Attribute>,
    /// The nested blocks.
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
        Self {
            name: attribute.name.to_owned(),
            r#type: attribute.ty.to_json().to_string().into_bytes(),
            description: attribute.description.clone().into_owned(),
            required: false,
            optional: attribute.optional,
            computed: attribute.computed,
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
    fn type_converts_to_the_json_of_terraform() {
        for (ty, expected) in [
            (Type::String, r#""string""#),
            (Type::Number, r#""number""#),
            (Type::Bool.list(), r#"["list","bool"]"#),
            (Type::String.map(), r#"["map","string"]"#),
            (
                Type::Object(vec![("a", Type::String), ("b", Type::Bool.list())]).list(),
                r#"["list",["object",{"a":"string","b":["list","bool"]}]]"#,
            ),
        ] {
            assert_eq!(ty.to_json().to_string(), expected);
        }
    }
}
