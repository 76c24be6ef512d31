//! The fields of objects in a list. A table describes each of them once.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::terraform::{Attribute, Number, Type};
use aliyun::rpc::number::ApiNumber;

/// A field of objects that describe a `T`.
pub struct Field<T> {
    name: &'static str,
    /// A sentence in Markdown.
    description: &'static str,
    getter: Getter<T>,
}

/// Returns the value of a field.
pub enum Getter<T> {
    Text(fn(&T) -> &str),
    Number(fn(&T) -> Option<ApiNumber>),
    Bool(fn(&T) -> Option<bool>),
    Texts(fn(&T) -> &[String]),
    Map(fn(&T) -> &BTreeMap<String, String>),
}

/// An entry of a response, with the fields that users see.
pub trait Entry: Sized + 'static {
    const FIELDS: &'static [Field<Self>];
}

/// The objects of a list.
#[derive(Debug)]
pub struct Objects<'a, E>(pub Vec<&'a E>);

struct Object<'a, E>(&'a E);

struct FieldValue<'a, E: 'static>(&'a Field<E>, &'a E);

pub const fn field<T>(
    name: &'static str,
    description: &'static str,
    getter: Getter<T>,
) -> Field<T> {
    Field {
        name,
        description,
        getter,
    }
}

/// A computed list of objects that describe an `E`.
pub fn list<E: Entry>(name: &'static str, description: &str) -> Attribute {
    let mut description = format!("{description}\n");
    for field in E::FIELDS {
        description = format!("{description}\n- `{}`: {}", field.name, field.description);
    }
    let fields = E::FIELDS.iter().map(|field| (field.name, field.ty()));
    Attribute::computed(name, Type::Object(fields.collect()).list(), description)
}

/// An optional argument that selects entries by the field of the same name.
pub fn argument<E: Entry>(name: &'static str) -> Attribute {
    let (ty, description) = described::<E>(name);
    Attribute::optional(name, ty, description)
}

/// The type and the description of a field. Empty if there is no such field, which the tests
/// of the pages would show.
pub fn described<E: Entry>(name: &str) -> (Type, &'static str) {
    let field = E::FIELDS.iter().find(|field| field.name == name);
    field.map_or((Type::String, ""), |field| (field.ty(), field.description))
}

impl<T> Field<T> {
    fn ty(&self) -> Type {
        match self.getter {
            Getter::Text(_) => Type::String,
            Getter::Number(_) => Type::Number,
            Getter::Bool(_) => Type::Bool,
            Getter::Texts(_) => Type::String.list(),
            Getter::Map(_) => Type::String.map(),
        }
    }
}

impl<E: Entry> Serialize for Objects<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|entry| Object(*entry)))
    }
}

impl<E: Entry> Serialize for Object<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = E::FIELDS.iter();
        serializer.collect_map(fields.map(|field| (field.name, FieldValue(field, self.0))))
    }
}

impl<E> Serialize for FieldValue<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(field, entry) = self;
        match field.getter {
            Getter::Text(get) => get(entry).serialize(serializer),
            Getter::Number(get) => get(entry).map(Number::from).serialize(serializer),
            Getter::Bool(get) => get(entry).serialize(serializer),
            Getter::Texts(get) => get(entry).serialize(serializer),
            Getter::Map(get) => get(entry).serialize(serializer),
        }
    }
}

impl From<ApiNumber> for Number {
    fn from(number: ApiNumber) -> Self {
        number.get().into()
    }
}
