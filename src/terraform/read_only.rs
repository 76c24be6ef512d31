//! Attributes that only the provider sets, and that a configuration sets all the
//! same. Terraform lets that pass, and what was set would be lost in silence.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::diagnostics::Diagnostic;
use super::encoding::{self, DecodeError};
use super::path::AttributePath;
use super::schema::{Attribute, Schema};
use super::value::Value;

/// One mistake for each such attribute of a block in MessagePack, also in nested
/// blocks.
///
/// # Errors
///
/// When the value is no block.
pub(super) fn mistakes(schema: &Schema, block: &[u8]) -> Result<Vec<Diagnostic>, DecodeError> {
    let mut mistakes = Vec::new();
    let walk = Walk {
        schema,
        path: &AttributePath::default(),
        mistakes: &mut mistakes,
    };
    encoding::decode_by(walk, block)?;
    Ok(mistakes)
}

fn mistake(attribute: &Attribute, path: AttributePath) -> Diagnostic {
    let name = attribute.name();
    let mut detail = format!("\"{path}\" is only read: the provider sets it. Remove it.");
    if let Some(argument) = attribute.meant() {
        detail = format!("{detail} Did you mean \"{argument}\"?");
    }
    Diagnostic::error(format!("\"{name}\" cannot be set"), detail).at(path)
}

/// The way through a block, or through the list of blocks of one name.
struct Walk<'a> {
    schema: &'a Schema,
    path: &'a AttributePath,
    mistakes: &'a mut Vec<Diagnostic>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a block")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = entries.next_key::<String>()? {
            let path = self.path.clone().then_attribute(&*name);
            let mut blocks = self.schema.blocks.iter();
            if let Some(nested) = blocks.find(|nested| nested.name == name) {
                entries.next_value_seed(Walk {
                    schema: &nested.block,
                    path: &path,
                    mistakes: self.mistakes,
                })?;
                continue;
            }
            let value: Value<IgnoredAny> = entries.next_value()?;
            let mut attributes = self.schema.attributes.iter();
            let attribute = attributes.find(|attribute| attribute.name() == name);
            if let Some(attribute) = attribute.filter(|one| one.is_read_only())
                && !value.is_null()
            {
                self.mistakes.push(mistake(attribute, path));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut blocks: A) -> Result<(), A::Error> {
        for index in 0.. {
            let path = self.path.clone().then_index(index);
            let walk = Walk {
                schema: self.schema,
                path: &path,
                mistakes: self.mistakes,
            };
            if blocks.next_element_seed(walk)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    /// Not known yet.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, unknown: D) -> Result<(), D::Error> {
        unknown.deserialize_any(IgnoredAny).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::dynamic_value::DynamicValue;
    use super::super::schema::{NestedBlock, Type};
    use super::*;

    fn schema() -> Schema {
        let attributes = vec![
            Attribute::optional("image_ids", Type::String.list(), "Set."),
            Attribute::optional_computed("region_id", Type::String, "Set or read."),
            Attribute::computed("ids", Type::String.list(), "Read.").instead("image_ids"),
            Attribute::computed("count", Type::Number, "Read."),
        ];
        let inner = Schema {
            attributes: attributes.clone(),
            ..Schema::default()
        };
        Schema {
            attributes,
            blocks: vec![NestedBlock {
                name: "filter",
                block: inner,
                at_most: 2,
            }],
            ..Schema::default()
        }
    }

    fn found(json: &str) -> Vec<String> {
        let block = DynamicValue::of_json(json);
        let msgpack = encoding::msgpack(&block).unwrap();
        let mistakes = mistakes(&schema(), &msgpack).unwrap().into_iter();
        mistakes.map(|mistake| mistake.path.to_string()).collect()
    }

    #[test]
    fn what_is_only_read_may_not_be_set_at_any_depth() {
        for (block, expected) in [
            ("{}", &[][..]),
            (
                r#"{"image_ids": ["a"], "region_id": "b", "ids": null}"#,
                &[],
            ),
            (r#"{"ids": ["a"], "count": 0}"#, &["ids", "count"]),
            (r#"{"ids": []}"#, &["ids"]),
            (r#"{"filter": null}"#, &[]),
            (
                r#"{"filter": [{"ids": null}, {"count": 1}]}"#,
                &["filter[1].count"],
            ),
        ] {
            assert_eq!(found(block), expected, "{block}");
        }
    }

    #[test]
    fn what_is_not_known_yet_is_set() {
        // {"ids": unknown, "filter": unknown}
        let block = b"\x82\xa3ids\xd4\0\0\xa6filter\xd4\0\0";
        let mistakes = mistakes(&schema(), block).unwrap();
        let [mistake] = &mistakes[..] else {
            panic!("{mistakes:?}")
        };
        assert_eq!(mistake.path, AttributePath::attribute("ids"));
        assert!(mistake.detail.ends_with("Did you mean \"image_ids\"?"));
    }
}
