//! Values as Terraform sends them, before they are matched against a model.

use std::fmt;
use std::io::Cursor;
use std::iter;

use serde::de::value::{
    self, MapAccessDeserializer, MapDeserializer, SeqDeserializer, StrDeserializer,
};
use serde::de::{
    DeserializeOwned, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_bytes::ByteBuf;
use serde_path_to_error::Segment;

use super::diagnostics::Diagnostic;
use super::dynamic_value::DynamicValue;
use super::path::AttributePath;

/// The maximum nesting depth of values, which is that of `serde_json`.
const MAX_DEPTH: usize = 128;

/// A value that was decoded from MessagePack or JSON. It may be a secret, and therefore
/// does not implement `Debug`.
///
/// Models are deserialized from this type and not from the two formats, so that each model
/// needs code for one simple format only. This makes the program 0.27 MiB smaller.
pub enum RawValue {
    Null,
    /// Unknown until apply.
    Unknown,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<RawValue>),
    /// A block, an object or a map. A duplicate name is an error when it is deserialized.
    Block(Vec<(String, RawValue)>),
}

impl RawValue {
    /// Parses the value in a message.
    ///
    /// # Errors
    ///
    /// If the value is not valid MessagePack or JSON, or has trailing bytes. The error does
    /// not say where.
    pub fn parse(value: &DynamicValue) -> Result<Self, Diagnostic> {
        let DynamicValue { msgpack, json } = value;
        let parsed = if msgpack.is_empty() {
            serde_json::from_slice(json).ok()
        } else {
            Self::from_msgpack(msgpack)
        };
        parsed.ok_or_else(|| malformed_value(AttributePath::default()))
    }

    fn from_msgpack(msgpack: &[u8]) -> Option<Self> {
        let mut deserializer = rmp_serde::Deserializer::new(Cursor::new(msgpack));
        deserializer.set_max_depth(MAX_DEPTH);
        let value = Self::deserialize(&mut deserializer).ok()?;
        (deserializer.position() == msgpack.len() as u64).then_some(value)
    }

    /// Deserializes a `T`.
    ///
    /// # Errors
    ///
    /// If the value does not have the structure of a `T`.
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, Diagnostic> {
        serde_path_to_error::deserialize(self).map_err(|error| {
            let path = AttributePath::default();
            malformed_value(error.path().iter().fold(path, |path, step| match step {
                Segment::Seq { index } => path.at_index(*index),
                Segment::Map { key } => path.at_name(key),
                Segment::Enum { .. } | Segment::Unknown => path,
            }))
        })
    }
}

/// The error of a value that does not match its schema. Holds the path but not the value, nor
/// serde's message, which may quote it: it may be a secret.
fn malformed_value(path: AttributePath) -> Diagnostic {
    let subject = if path.is_root() {
        "the block".to_owned()
    } else {
        format!("\"{path}\"")
    };
    let detail = format!(
        "Terraform sent a value for {subject} that does not fit this provider's schema. \
         Run \"terraform init -upgrade\" so that Terraform and the provider agree on \
         the schema. If that does not help, please report it with the versions of both."
    );
    Diagnostic::error("Malformed value", detail).at(path)
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawValueVisitor)
    }
}

struct RawValueVisitor;

impl<'de> Visitor<'de> for RawValueVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<RawValue, E> {
        Ok(RawValue::Null)
    }

    /// Deserializes a MessagePack extension, which stands for an unknown value. Its code
    /// and content are refinements, such as a known prefix, which are not used here.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<RawValue, D::Error> {
        <(i8, ByteBuf)>::deserialize(inner)?;
        Ok(RawValue::Unknown)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<RawValue, E> {
        Ok(RawValue::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "a `Number` is an `f64`")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<RawValue, E> {
        Ok(RawValue::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "a `Number` is an `f64`")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<RawValue, E> {
        Ok(RawValue::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<RawValue, E> {
        Ok(RawValue::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawValue, E> {
        Ok(RawValue::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<RawValue, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(RawValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<RawValue, A::Error> {
        let mut block = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            block.push(entry);
        }
        Ok(RawValue::Block(block))
    }
}

/// The only enum of models is [`Value`](super::value::Value). For other types, unknown is
/// an error.
impl<'de> Deserializer<'de> for RawValue {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Unknown => Err(value::Error::custom("unknown")),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Number(number) => visitor.visit_f64(number),
            Self::Text(text) => visitor.visit_string(text),
            Self::List(list) => visitor.visit_seq(SeqDeserializer::new(list.into_iter())),
            Self::Block(entries) => visitor.visit_map(MapDeserializer::new(entries.into_iter())),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        match self {
            Self::Null => visitor.visit_enum(StrDeserializer::new("Null")),
            Self::Unknown => visitor.visit_enum(StrDeserializer::new("Unknown")),
            _ => {
                let variant = MapDeserializer::new(iter::once(("Known", self)));
                visitor.visit_enum(MapAccessDeserializer::new(variant))
            }
        }
    }

    /// Rejects lists, from which serde would deserialize a struct field by field.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        match self {
            Self::Block(_) => self.deserialize_any(visitor),
            _ => Err(value::Error::custom("no block")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map identifier
    }
}

impl IntoDeserializer<'_> for RawValue {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::{DeserializeOwned, Diagnostic, DynamicValue, RawValue};
    use crate::terraform::value::{Number, Value};

    /// A model with every type of a schema.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct TestBlock {
        text: Value<String>,
        number: Value<Number>,
        flag: Value<bool>,
        list: Value<Vec<Value<String>>>,
        map: Value<BTreeMap<String, Value<String>>>,
        blocks: Value<Vec<Inner>>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        text: Value<String>,
    }

    fn decode<T: DeserializeOwned>(value: &DynamicValue) -> Result<T, Diagnostic> {
        RawValue::parse(value)?.decode()
    }

    fn msgpack(bytes: &[u8]) -> DynamicValue {
        DynamicValue::from_msgpack(bytes)
    }

    fn encode(block: &TestBlock) -> DynamicValue {
        DynamicValue::encode(block).unwrap()
    }

    fn json(text: impl AsRef<[u8]>) -> DynamicValue {
        DynamicValue::from_json(text.as_ref())
    }

    fn value<S: Strategy>(known: S) -> impl Strategy<Value = Value<S::Value>>
    where
        S::Value: Clone,
    {
        prop_oneof![
            1 => Just(Value::Null),
            1 => Just(Value::Unknown),
            4 => known.prop_map(Value::Known),
        ]
    }

    fn number() -> impl Strategy<Value = Number> {
        prop_oneof![
            any::<i32>().prop_map(|n| Number::from(f64::from(n))),
            prop::num::f64::NORMAL.prop_map(Number::from),
        ]
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            ".*",
            ".{0,70}",
            prop::collection::vec(any::<char>(), 0..300)
                .prop_map(|chars| chars.into_iter().collect::<String>())
        ]
    }

    prop_compose! {
        fn block()(
            text in value(text()),
            number in value(number()),
            flag in value(any::<bool>()),
            list in value(prop::collection::vec(value(".*"), 0..20)),
            map in value(prop::collection::btree_map(".*", value(".*"), 0..20)),
            blocks in value(prop::collection::vec(
                value(".*").prop_map(|text| Inner { text }), 0..5)),
        ) -> TestBlock {
            TestBlock { text, number, flag, list, map, blocks }
        }
    }

    proptest! {
        #[test]
        fn encoded_model_decodes_to_itself(block in block()) {
            let encoded = encode(&block);
            prop_assert_eq!(decode::<TestBlock>(&encoded).unwrap(), block);
        }

        #[test]
        fn decoding_arbitrary_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<TestBlock>(&msgpack(&bytes));
            let _ = decode::<TestBlock>(&json(&bytes));
        }

        #[test]
        fn decoding_damaged_msgpack_never_panics(
            block in block(),
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = encode(&block).msgpack;
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = decode::<TestBlock>(&msgpack(&bytes));
        }
    }

    #[test]
    fn msgpack_extension_decodes_as_unknown() {
        for bytes in [
            &[0xd4, 0, 0][..],                // fixext 1
            &[0xd5, 12, 0x81, 0x01],          // fixext 2
            &[0xd6, 12, 1, 2, 3, 4],          // fixext 4
            &[0xc7, 0, 12],                   // ext 8, empty
            &[0xc7, 3, 12, 0x81, 0x01, 0xc2], // ext 8, refined: not null
            &[0xc8, 0, 1, 99, 7],             // ext 16, a code of the future
            &[0xc9, 0, 0, 0, 1, 0xff, 7],     // ext 32
        ] {
            let decoded: Value<String> = decode(&msgpack(bytes)).unwrap();
            assert_eq!(decoded, Value::Unknown, "{bytes:?}");
            let decoded: Value<Vec<Inner>> = decode(&msgpack(bytes)).unwrap();
            assert_eq!(decoded, Value::Unknown, "{bytes:?}");
        }
    }

    #[test]
    fn number_decodes_from_integer_float_or_text() {
        for (bytes, expected) in [
            (&[0x07][..], Some(7)),
            (&[0xcd, 0x27, 0x10], Some(10_000)),
            (&[0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0], Some(7)),
            (&[0xa1, b'7'], Some(7)),
            (&[0xa3, b'1', b'e', b'3'], Some(1000)),
            (&[0xff], None),
            (&[0xa3, b'0', b'.', b'5'], None),
        ] {
            let decoded: Value<Number> = decode(&msgpack(bytes)).unwrap();
            let integer = decoded.known().unwrap().as_integer();
            assert_eq!(integer, expected, "{bytes:?}");
        }
    }

    #[test]
    fn json_is_decoded_if_there_is_no_msgpack() {
        let text = r#"{"text": null, "number": 1, "flag": true, "list": ["a", null],
            "map": {"b": "c", "a": null}, "blocks": [{"text": "b"}], "more": [1]}"#;
        let expected = TestBlock {
            text: Value::Null,
            number: Value::Known(1.0.into()),
            flag: Value::Known(true),
            list: Value::Known(vec![Value::Known("a".to_owned()), Value::Null]),
            map: Value::Known(BTreeMap::from([
                ("a".to_owned(), Value::Null),
                ("b".to_owned(), Value::Known("c".to_owned())),
            ])),
            blocks: Value::Known(vec![Inner {
                text: Value::Known("b".to_owned()),
            }]),
        };
        assert_eq!(decode::<TestBlock>(&json(text)).unwrap(), expected);
    }

    #[test]
    fn malformed_value_error_has_its_path_and_redacts_the_value() {
        let secret = "swordfish";
        for (text, path) in [
            (r#"{"text": ["swordfish"], "more": {}}"#, "text"),
            (r#"{"list": ["a", {"swordfish": 1}]}"#, "list[1]"),
            (r#"{"map": {"a": ["swordfish"]}}"#, "map.a"),
            (
                r#"{"blocks": [{"text": {"swordfish": true}}]}"#,
                "blocks[0].text",
            ),
            (r#"["swordfish"]"#, ""),
            (r#"["swordfish", null, null, null, null]"#, ""),
            (r#"{"blocks": [["swordfish"]]}"#, "blocks[0]"),
            (r#"{"blocks": "swordfish"}"#, "blocks"),
            (r#"{"blocks": [null]}"#, "blocks[0]"),
            (r#"{"text": "swordfish", "text": null}"#, ""),
            (r#"{"text": "swordfish"}"#, ""),
            (r#"{"blocks": [{"other": "swordfish"}]}"#, "blocks[0]"),
            ("{}", ""),
            ("null", ""),
            ("swordfish", ""),
            ("", ""),
        ] {
            let error = decode::<TestBlock>(&json(text)).unwrap_err();
            assert_eq!(error.path.to_string(), path, "{text}");
            let shown = format!("{error:?}");
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn unknown_in_place_of_a_block_is_an_error() {
        let error = decode::<TestBlock>(&DynamicValue::unknown()).unwrap_err();
        assert!(error.path.is_root());
        // [unknown]
        let blocks = msgpack(b"\x91\xd4\0\0");
        let error = decode::<Value<Vec<Inner>>>(&blocks).unwrap_err();
        assert_eq!(error.path.to_string(), "[0]");
        let optional = decode::<Value<Vec<Option<bool>>>>(&blocks);
        assert_eq!(optional.unwrap_err(), error);
    }

    #[test]
    fn attribute_that_the_model_lacks_is_ignored() {
        // {"text": null, "more": unknown}
        let block = msgpack(b"\x82\xa4text\xc0\xa4more\xd4\0\0");
        let inner = Inner { text: Value::Null };
        assert_eq!(decode::<Inner>(&block).unwrap(), inner);
    }

    #[test]
    fn malformed_msgpack_error_has_its_path() {
        // [{"text": 1}]
        let blocks = msgpack(b"\x91\x81\xa4text\x01");
        let error = decode::<Value<Vec<Inner>>>(&blocks).unwrap_err();
        assert_eq!(error.path.to_string(), "[0].text");
    }

    #[test]
    fn nesting_beyond_the_depth_limit_is_an_error() {
        for (depth, is_valid) in [(127, true), (128, false), (100_000, false)] {
            let lists = [[0x91].repeat(depth), vec![0xc0]].concat();
            assert_eq!(
                RawValue::parse(&msgpack(&lists)).is_ok(),
                is_valid,
                "{depth}"
            );
            let lists = ["[".repeat(depth), "]".repeat(depth)].concat();
            assert_eq!(RawValue::parse(&json(lists)).is_ok(), is_valid, "{depth}");
        }
    }

    #[test]
    fn trailing_bytes_are_an_error() {
        assert!(decode::<Value<bool>>(&msgpack(&[0xc3, 0xc3])).is_err());
        assert!(decode::<Value<bool>>(&json("true true")).is_err());
    }
}
