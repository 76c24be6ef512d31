//! The schemas of blocks.

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
    fn into_json(self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::List(element) => json!(["list", element.into_json()]),
            Self::Map(element) => json!(["map", element.into_json()]),
            Self::Object(attributes) => {
                let attributes = attributes.into_iter();
                let attributes: Map<_, _> = attributes
                    .map(|(name, ty)| (name.to_owned(), ty.into_json()))
                    .collect();
                json!(["object", attributes])
            }
        }
    }
}

/// An argument or a computed attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub(super) message: tfplugin::schema::Attribute,
    /// The argument to suggest if a configuration sets this computed attribute.
    pub(super) suggestion: Option<&'static str>,
}

impl Attribute {
    /// An optional argument.
    #[must_use]
    pub fn optional(name: &'static str, ty: Type, description: impl Into<String>) -> Self {
        Self::new(name, ty, description.into(), true, false)
    }

    /// A computed attribute, which only the provider sets.
    #[must_use]
    pub(crate) fn computed(name: &'static str, ty: Type, description: impl Into<String>) -> Self {
        Self::new(name, ty, description.into(), false, true)
    }

    /// An optional argument that the provider sets if the configuration does not.
    #[must_use]
    pub(crate) fn optional_computed(
        name: &'static str,
        ty: Type,
        description: impl Into<String>,
    ) -> Self {
        Self::new(name, ty, description.into(), true, true)
    }

    fn new(name: &str, ty: Type, description: String, optional: bool, computed: bool) -> Self {
        let message = tfplugin::schema::Attribute {
            name: name.to_owned(),
            r#type: ty.into_json().to_string().into_bytes(),
            description,
            optional,
            computed,
            description_kind: tfplugin::StringKind::Markdown.into(),
            ..Default::default()
        };
        Self {
            message,
            suggestion: None,
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
        self.message.sensitive = true;
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
            block: Some(schema.into()),
            ..Self::default()
        }
    }
}

impl From<&Schema> for tfplugin::schema::Block {
    fn from(schema: &Schema) -> Self {
        Self {
            attributes: schema
                .attributes
                .iter()
                .map(|it| it.message.clone())
                .collect(),
            block_types: schema.blocks.iter().map(Into::into).collect(),
            description: schema.description.to_owned(),
            description_kind: tfplugin::StringKind::Markdown.into(),
            ..Self::default()
        }
    }
}

impl From<&NestedBlock> for tfplugin::schema::NestedBlock {
    fn from(nested: &NestedBlock) -> Self {
        Self {
            type_name: nested.name.to_owned(),
            block: Some((&nested.block).into()),
            nesting: tfplugin::schema::nested_block::NestingMode::List.into(),
            max_items: nested.max_items.into(),
            ..Self::default()
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
            assert_eq!(ty.into_json().to_string(), expected);
        }
    }
}
