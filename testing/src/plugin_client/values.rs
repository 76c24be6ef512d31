//! Conversion between JSON and Terraform's values, which are `MessagePack` with every
//! attribute and block of the schema.

use std::collections::BTreeMap;

use rmpv::Value;
use serde_json::{Map, Value as Json};

use super::wire::tfplugin::schema::Block;
use super::wire::tfplugin::{DynamicValue, Schema};

/// The JSON representation of an unknown value.
pub const UNKNOWN: &str = "(known after apply)";

/// The JSON representation of an unknown value that is not null.
pub const UNKNOWN_NOT_NULL: &str = "(known after apply, and not null)";

/// An error while converting a value.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// The value is missing or not valid `MessagePack`.
    #[error("the value is no MessagePack: {0}")]
    Malformed(#[from] rmpv::decode::Error),
    /// The value has no representation in JSON.
    #[error("the value has no form in JSON: {0}")]
    NoJson(Value),
    /// The value is followed by more bytes.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// The schema has no block.
    #[error("the schema has no block")]
    NoBlock,
    /// The schema has no attribute or block of this name.
    #[error("the schema has no {0:?}")]
    Name(String),
}

/// Encodes a value.
pub fn encode(json: &Json) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, &value(json)).expect("writing to memory cannot fail");
    DynamicValue {
        msgpack,
        json: Vec::new(),
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => (*value).into(),
        // Terraform encodes whole numbers as integers.
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Json::String(text) if text == UNKNOWN => Value::Ext(0, vec![0]),
        // Extension 12 with a map of one refinement: 1, nullness, is false.
        Json::String(text) if text == UNKNOWN_NOT_NULL => Value::Ext(12, vec![0x81, 0x01, 0xc2]),
        Json::String(text) => text.as_str().into(),
        Json::Array(values) => Value::Array(values.iter().map(value).collect()),
        Json::Object(entries) => {
            let entries = entries.iter();
            Value::Map(
                entries
                    .map(|(name, json)| (name.as_str().into(), value(json)))
                    .collect(),
            )
        }
    }
}

/// Decodes a value. Providers always send `MessagePack`.
pub fn decode(value: &DynamicValue) -> Result<Json, ValueError> {
    let mut bytes = &value.msgpack[..];
    let decoded = rmpv::decode::read_value(&mut bytes)?;
    match bytes.len() {
        0 => json(decoded),
        rest => Err(ValueError::Trailing(rest)),
    }
}

fn json(value: Value) -> Result<Json, ValueError> {
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Boolean(value) => value.into(),
        Value::Integer(number) if number.is_i64() => number.as_i64().into(),
        Value::F64(number) => number.into(),
        Value::String(text) if text.is_str() => text.as_str().into(),
        Value::Ext(0, _) => UNKNOWN.into(),
        Value::Array(values) => values.into_iter().map(json).collect::<Result<_, _>>()?,
        Value::Map(entries) => {
            let mut object = Map::new();
            for (name, value) in entries {
                let Some(name) = name.as_str() else {
                    return Err(ValueError::NoJson(name));
                };
                object.insert(name.to_owned(), json(value)?);
            }
            object.into()
        }
        other => return Err(ValueError::NoJson(other)),
    })
}

/// Encodes a configuration as Terraform does: attributes that `set` omits are null and
/// blocks are empty lists, also in nested blocks.
pub fn config_for(schema: &Schema, set: &Json) -> Result<DynamicValue, ValueError> {
    let block = schema.block.as_ref().ok_or(ValueError::NoBlock)?;
    Ok(encode(&complete(block, set)?))
}

/// Adds the attributes and blocks that `set` omits. Values that are not objects stay
/// as they are, for tests of invalid configurations.
fn complete(block: &Block, set: &Json) -> Result<Json, ValueError> {
    let Json::Object(set) = set else {
        return Ok(set.clone());
    };
    let mut completed: BTreeMap<&str, Json> = BTreeMap::new();
    for attribute in &block.attributes {
        completed.insert(&attribute.name, Json::Null);
    }
    for nested in &block.block_types {
        completed.insert(&nested.type_name, Json::Array(Vec::new()));
    }
    for (name, value) in set {
        let Some(entry) = completed.get_mut(name.as_str()) else {
            return Err(ValueError::Name(name.clone()));
        };
        let nested = block.block_types.iter().find(|one| one.type_name == *name);
        *entry = match (nested, value) {
            (Some(nested), Json::Array(blocks)) => {
                let block = nested.block.as_ref().ok_or(ValueError::NoBlock)?;
                let blocks = blocks.iter().map(|set| complete(block, set));
                blocks.collect::<Result<_, _>>()?
            }
            _ => value.clone(),
        };
    }
    Ok(completed
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plugin_client::wire::tfplugin::schema::{Attribute, NestedBlock};

    fn schema() -> Schema {
        let attribute = |name: &str| Attribute {
            name: name.to_owned(),
            ..Attribute::default()
        };
        let inner = Block {
            attributes: ["host", "port"].map(attribute).into(),
            ..Block::default()
        };
        let nested = NestedBlock {
            type_name: "list".to_owned(),
            block: Some(inner),
            ..NestedBlock::default()
        };
        let block = Block {
            attributes: ["region", "profile"].map(attribute).into(),
            block_types: vec![nested],
            ..Block::default()
        };
        Schema {
            version: 0,
            block: Some(block),
        }
    }

    #[test]
    fn config_completes_omitted_attributes_and_blocks() {
        for (set, expected) in [
            (
                json!({}),
                json!({"region": null, "profile": null, "list": []}),
            ),
            (
                json!({"region": "a", "profile": UNKNOWN, "list": [{"host": "b"}]}),
                json!({"region": "a", "profile": UNKNOWN, "list": [{"host": "b", "port": null}]}),
            ),
            (
                json!({"region": [1, 0.5, true], "list": UNKNOWN}),
                json!({"region": [1, 0.5, true], "profile": null, "list": UNKNOWN}),
            ),
        ] {
            let config = config_for(&schema(), &set).unwrap();
            assert_eq!(decode(&config).unwrap(), expected);
        }
    }

    #[test]
    fn config_rejects_names_missing_from_the_schema() {
        for set in [json!({"regoin": null}), json!({"list": [{"hots": "a"}]})] {
            let error = config_for(&schema(), &set).unwrap_err();
            assert!(matches!(error, ValueError::Name(_)), "{set}: {error}");
        }
    }

    #[test]
    fn unknown_values_are_encoded_as_terraform_does() {
        assert_eq!(encode(&UNKNOWN.into()).msgpack, [0xd4, 0x00, 0x00]);
        let bytes = [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2];
        assert_eq!(encode(&UNKNOWN_NOT_NULL.into()).msgpack, bytes);
    }

    #[test]
    fn decode_requires_exactly_one_value() {
        let decode = |msgpack: &[u8]| {
            decode(&DynamicValue {
                msgpack: msgpack.to_vec(),
                json: b"null".to_vec(),
            })
        };
        assert!(matches!(decode(&[]), Err(ValueError::Malformed(_))));
        assert!(matches!(decode(&[0x81]), Err(ValueError::Malformed(_))));
        assert!(matches!(
            decode(&[0xc0, 0xc0]),
            Err(ValueError::Trailing(1))
        ));
        assert!(matches!(decode(&[0xc0]), Ok(Json::Null)));
    }
}
