//! Values as Terraform sends them: `MessagePack`, with every attribute and block
//! of the schema present.

use std::collections::BTreeMap;

use rmpv::Value;

use super::wire::tfplugin::schema::nested_block::NestingMode;
use super::wire::tfplugin::schema::{Block, NestedBlock};
use super::wire::tfplugin::{DynamicValue, Schema};

/// Extension code of an unknown value of which nothing is known.
const UNKNOWN: i8 = 0;

/// Extension code of an unknown value of which something is known.
const REFINED: i8 = 12;

/// Why there is no value.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// The value has no `MessagePack`.
    #[error("the value has no MessagePack")]
    Empty,
    /// The `MessagePack` is malformed.
    #[error("the value is no MessagePack: {0}")]
    Malformed(#[from] rmpv::decode::Error),
    /// Something stands behind the value.
    #[error("{0} bytes stand behind the value")]
    Trailing(usize),
    /// A schema came without a block.
    #[error("the schema has no block")]
    NoBlock,
    /// The schema has no attribute or block of this name.
    #[error("the schema has no {0:?}")]
    Name(String),
}

/// Encodes a value.
///
/// # Panics
///
/// Never: it writes to memory.
#[must_use]
pub fn dynamic(value: &Value) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, value).expect("writing to a vector cannot fail");
    DynamicValue {
        msgpack,
        json: Vec::new(),
    }
}

/// Decodes a value that is in `MessagePack`, as a provider's always are.
///
/// # Errors
///
/// When there is no `MessagePack`, or more than one value's.
pub fn decode(value: &DynamicValue) -> Result<Value, ValueError> {
    let mut bytes = &value.msgpack[..];
    if bytes.is_empty() {
        return Err(ValueError::Empty);
    }
    let decoded = rmpv::decode::read_value(&mut bytes)?;
    match bytes.len() {
        0 => Ok(decoded),
        rest => Err(ValueError::Trailing(rest)),
    }
}

/// An object with the given attributes and no others.
#[must_use]
pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let sorted: BTreeMap<&str, Value> = attributes.into_iter().collect();
    Value::Map(
        sorted
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
    )
}

/// A value that Terraform will know later.
#[must_use]
pub fn unknown() -> Value {
    Value::Ext(UNKNOWN, vec![0])
}

/// A value that Terraform will know later, but already knows not to be null.
#[must_use]
pub fn unknown_not_null() -> Value {
    // A map of one refinement: number 1, nullness, is false.
    Value::Ext(REFINED, vec![0x81, 0x01, 0xc2])
}

/// The configuration that Terraform sends when a user sets some arguments:
/// everything else is null, or for blocks empty. The same holds inside blocks.
///
/// # Errors
///
/// When the schema has none of a name set.
pub fn config_for(schema: &Schema, set: &[(&str, Value)]) -> Result<DynamicValue, ValueError> {
    let block = schema.block.as_ref().ok_or(ValueError::NoBlock)?;
    let set = set
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    Ok(dynamic(&fill(block, set)?))
}

fn fill(block: &Block, mut set: BTreeMap<String, Value>) -> Result<Value, ValueError> {
    let mut filled = BTreeMap::new();
    for attribute in &block.attributes {
        let value = set.remove(&attribute.name).unwrap_or(Value::Nil);
        filled.insert(attribute.name.as_str(), value);
    }
    for nested in &block.block_types {
        let value = match set.remove(&nested.type_name) {
            Some(value) => fill_nested(nested, value)?,
            None => absent(nested)?,
        };
        filled.insert(nested.type_name.as_str(), value);
    }
    match set.pop_first() {
        Some((name, _)) => Err(ValueError::Name(name)),
        None => Ok(object(filled)),
    }
}

/// What stands for a block that the user did not write.
fn absent(nested: &NestedBlock) -> Result<Value, ValueError> {
    Ok(match nested.nesting() {
        NestingMode::List | NestingMode::Set => Value::Array(Vec::new()),
        NestingMode::Map => Value::Map(Vec::new()),
        NestingMode::Group => fill(content(nested)?, BTreeMap::new())?,
        NestingMode::Single | NestingMode::Invalid => Value::Nil,
    })
}

/// Fills each block inside a value that stands for blocks of one type. Values
/// of another form are left as they are: tests send such, too.
fn fill_nested(nested: &NestedBlock, value: Value) -> Result<Value, ValueError> {
    let block = content(nested)?;
    match (nested.nesting(), value) {
        (NestingMode::List | NestingMode::Set, Value::Array(blocks)) => blocks
            .into_iter()
            .map(|value| fill_value(block, value))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        (NestingMode::Map, Value::Map(blocks)) => blocks
            .into_iter()
            .map(|(key, value)| Ok((key, fill_value(block, value)?)))
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (NestingMode::Single | NestingMode::Group, value) => fill_value(block, value),
        (_, value) => Ok(value),
    }
}

fn fill_value(block: &Block, value: Value) -> Result<Value, ValueError> {
    match value {
        Value::Map(entries) if entries.iter().all(|(key, _)| key.is_str()) => {
            let set = entries
                .into_iter()
                .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value)))
                .collect();
            fill(block, set)
        }
        other => Ok(other),
    }
}

fn content(nested: &NestedBlock) -> Result<&Block, ValueError> {
    nested.block.as_ref().ok_or(ValueError::NoBlock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin_client::wire::tfplugin::schema::Attribute;

    fn block(attributes: &[&str], block_types: Vec<NestedBlock>) -> Block {
        let attributes = attributes
            .iter()
            .map(|name| Attribute {
                name: (*name).to_owned(),
                ..Attribute::default()
            })
            .collect();
        Block {
            attributes,
            block_types,
            ..Block::default()
        }
    }

    fn nested(name: &str, nesting: NestingMode, block: Block) -> NestedBlock {
        NestedBlock {
            type_name: name.to_owned(),
            nesting: nesting.into(),
            block: Some(block),
            ..NestedBlock::default()
        }
    }

    fn schema() -> Schema {
        let inner = || block(&["host", "port"], vec![]);
        let block = block(
            &["region", "profile"],
            vec![
                nested("list", NestingMode::List, inner()),
                nested("set", NestingMode::Set, inner()),
                nested("map", NestingMode::Map, inner()),
                nested("single", NestingMode::Single, inner()),
                nested("group", NestingMode::Group, inner()),
            ],
        );
        Schema {
            version: 0,
            block: Some(block),
        }
    }

    fn filled(set: &[(&str, Value)]) -> Value {
        decode(&config_for(&schema(), set).unwrap()).unwrap()
    }

    #[test]
    fn names_everything_that_is_not_set() {
        assert_eq!(
            filled(&[]),
            object([
                ("region", Value::Nil),
                ("profile", Value::Nil),
                ("list", Value::Array(vec![])),
                ("set", Value::Array(vec![])),
                ("map", Value::Map(vec![])),
                ("single", Value::Nil),
                (
                    "group",
                    object([("host", Value::Nil), ("port", Value::Nil)])
                ),
            ])
        );
    }

    #[test]
    fn keeps_what_is_set() {
        let config = filled(&[("region", "cn-hangzhou".into()), ("profile", unknown())]);
        assert_eq!(
            (&config["region"], &config["profile"]),
            (&"cn-hangzhou".into(), &unknown())
        );
    }

    #[test]
    fn fills_every_block_that_is_set() {
        let given = || object([("host", "a".into())]);
        let whole = object([("host", "a".into()), ("port", Value::Nil)]);
        let keyed = |value| Value::Map(vec![("key".into(), value)]);
        let cases = [
            (
                "list",
                Value::Array(vec![given()]),
                Value::Array(vec![whole.clone()]),
            ),
            (
                "set",
                Value::Array(vec![given()]),
                Value::Array(vec![whole.clone()]),
            ),
            ("map", keyed(given()), keyed(whole.clone())),
            ("single", given(), whole.clone()),
            ("group", given(), whole.clone()),
            ("list", unknown(), unknown()),
            ("single", Value::Nil, Value::Nil),
        ];
        for (name, set, expected) in cases {
            assert_eq!(
                filled(&[(name, set.clone())])[name],
                expected,
                "{name}: {set}"
            );
        }
    }

    #[test]
    fn refuses_names_that_the_schema_lacks() {
        let typo = object([("hots", "a".into())]);
        let cases = [("regoin", Value::Nil), ("single", typo)];
        for (name, value) in cases {
            let error = config_for(&schema(), &[(name, value)]).unwrap_err();
            assert!(matches!(error, ValueError::Name(_)), "{name}: {error}");
        }
    }

    #[test]
    fn unknown_values_have_the_bytes_that_terraform_writes() {
        assert_eq!(dynamic(&unknown()).msgpack, [0xd4, 0x00, 0x00]);
        assert_eq!(
            dynamic(&unknown_not_null()).msgpack,
            [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2]
        );
    }

    #[test]
    fn decodes_one_whole_value_and_nothing_else() {
        let value = |msgpack: &[u8]| DynamicValue {
            msgpack: msgpack.to_vec(),
            json: b"null".to_vec(),
        };
        assert!(matches!(decode(&value(&[])), Err(ValueError::Empty)));
        assert!(matches!(
            decode(&value(&[0x81])),
            Err(ValueError::Malformed(_))
        ));
        assert!(matches!(
            decode(&value(&[0xc0, 0xc0])),
            Err(ValueError::Trailing(1))
        ));
        assert!(matches!(decode(&value(&[0xc0])), Ok(Value::Nil)));
    }
}
