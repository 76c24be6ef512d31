//! Values as they travel, MessagePack or JSON from some clients, to structs.

use std::borrow::Cow;
use std::io::Cursor;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_path_to_error::{Segment, Track};

use super::diagnostics::Diagnostic;
use super::dynamic_value::DynamicValue;
use super::path::AttributePath;

/// A value that does not have the form that the schema promises.
///
/// It tells where and never what: the value may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value at \"{path}\" does not have the form that the schema promises")]
pub struct DecodeError {
    /// Where in the block.
    pub path: AttributePath,
}

impl DecodeError {
    fn at_root() -> Self {
        Self {
            path: AttributePath::default(),
        }
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(DecodeError { path }: DecodeError) -> Self {
        let place = if path.is_root() {
            "the block".to_owned()
        } else {
            format!("\"{path}\"")
        };
        Self::error(
            "Malformed value",
            format!(
                "Terraform sent a value for {place} that does not fit this provider's schema. \
                 Run \"terraform init -upgrade\" so that Terraform and the provider agree on \
                 the schema. If that does not help, please report it with the versions of both."
            ),
        )
        .at(path)
    }
}

/// A value's MessagePack. One that comes as JSON is rewritten, so that every kind of
/// block is read from one format: with decoders for two, the program would be larger.
///
/// # Errors
///
/// When it is JSON and malformed.
pub fn msgpack(value: &DynamicValue) -> Result<Cow<'_, [u8]>, DecodeError> {
    let json = match value {
        DynamicValue::Encoded { msgpack, json } if msgpack.is_empty() => json,
        DynamicValue::Encoded { msgpack, .. } => return Ok(Cow::Borrowed(msgpack)),
        DynamicValue::State(state) => {
            let msgpack = state.to_msgpack().map_err(|_| DecodeError::at_root())?;
            return Ok(Cow::Owned(msgpack));
        }
    };
    let mut json = serde_json::Deserializer::from_slice(json);
    let mut msgpack = Vec::new();
    let mut writer = rmp_serde::Serializer::new(&mut msgpack);
    serde_transcode::transcode(&mut json, &mut writer).map_err(|_| DecodeError::at_root())?;
    json.end().map_err(|_| DecodeError::at_root())?;
    Ok(Cow::Owned(msgpack))
}

/// Reads a block's MessagePack into `T`.
///
/// # Errors
///
/// When it is not a block of `T`'s form, whole and with nothing after it.
pub fn decode<T: DeserializeOwned>(msgpack: &[u8]) -> Result<T, DecodeError> {
    decode_by(PhantomData, msgpack)
}

/// Reads a block's MessagePack in the way of a seed, under the same conditions.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_by<'de, S: DeserializeSeed<'de>>(
    seed: S,
    msgpack: &'de [u8],
) -> Result<S::Value, DecodeError> {
    let mut deserializer = rmp_serde::Deserializer::new(Cursor::new(msgpack));
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    let decoded = seed.deserialize(tracked).map_err(|_| {
        let mut path = AttributePath::default();
        for segment in &track.path() {
            path = match segment {
                Segment::Seq { index } => path.then_index(*index),
                Segment::Map { key } => path.then_attribute(key),
                Segment::Enum { .. } | Segment::Unknown => break,
            };
        }
        DecodeError { path }
    })?;
    let at_end = deserializer.position() == msgpack.len() as u64;
    at_end.then_some(decoded).ok_or_else(DecodeError::at_root)
}

/// A whole block of which nothing is known yet.
pub fn unknown() -> DynamicValue {
    // As Terraform writes it: extension 0, with one byte that says nothing.
    DynamicValue::of_msgpack([0xd4, 0, 0])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::{DecodeError, DeserializeOwned, Diagnostic, DynamicValue, unknown};
    use crate::terraform::dynamic_value::State;
    use crate::terraform::value::{Number, Value};

    /// Every shape that a schema can ask for.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Block {
        text: Value<String>,
        number: Value<Number>,
        flag: Value<bool>,
        list: Value<Vec<Value<String>>>,
        blocks: Value<Vec<Inner>>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        text: Value<String>,
    }

    fn decode<T: DeserializeOwned>(value: &DynamicValue) -> Result<T, DecodeError> {
        super::decode(&super::msgpack(value)?)
    }

    fn msgpack(bytes: &[u8]) -> DynamicValue {
        DynamicValue::of_msgpack(bytes)
    }

    fn encode(block: &Block) -> DynamicValue {
        DynamicValue::State(State::new(block.clone()).unwrap())
    }

    fn json(text: impl AsRef<[u8]>) -> DynamicValue {
        DynamicValue::of_json(text.as_ref())
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
            blocks in value(prop::collection::vec(
                value(".*").prop_map(|text| Inner { text }), 0..5)),
        ) -> Block {
            Block { text, number, flag, list, blocks }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(block in block()) {
            let encoded = encode(&block);
            prop_assert_eq!(decode::<Block>(&encoded).unwrap(), block);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Block>(&msgpack(&bytes));
            let _ = decode::<Block>(&json(&bytes));
        }

        #[test]
        fn damaged_msgpack_never_panics(
            block in block(),
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = super::msgpack(&encode(&block)).unwrap().into_owned();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = decode::<Block>(&msgpack(&bytes));
        }
    }

    #[test]
    fn every_extension_is_unknown() {
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
    fn unknown_is_written_as_terraform_writes_it() {
        let written = State::new(Value::<()>::Unknown).unwrap();
        assert_eq!(unknown(), DynamicValue::State(written));
    }

    #[test]
    fn numbers_come_as_integer_float_or_text() {
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
            let whole = decoded.known().unwrap().as_whole();
            assert_eq!(whole, expected, "{bytes:?}");
        }
    }

    #[test]
    fn json_is_read_when_there_is_no_msgpack() {
        let text = r#"{"text": null, "number": 1, "flag": true, "list": ["a", null],
            "blocks": [{"text": "b"}], "more": [1]}"#;
        let expected = Block {
            text: Value::Null,
            number: Value::Known(1.0.into()),
            flag: Value::Known(true),
            list: Value::Known(vec![Value::Known("a".to_owned()), Value::Null]),
            blocks: Value::Known(vec![Inner {
                text: Value::Known("b".to_owned()),
            }]),
        };
        assert_eq!(decode::<Block>(&json(text)).unwrap(), expected);
    }

    #[test]
    fn a_malformed_value_is_found_by_its_path_and_not_shown() {
        let secret = "swordfish";
        for (text, path) in [
            (r#"{"text": ["swordfish"], "more": {}}"#, "text"),
            (r#"{"list": ["a", {"swordfish": 1}]}"#, "list[1]"),
            (
                r#"{"blocks": [{"text": {"swordfish": true}}]}"#,
                "blocks[0].text",
            ),
            (r#"["swordfish"]"#, ""),
            ("swordfish", ""),
            ("", ""),
        ] {
            let error = decode::<Block>(&json(text)).unwrap_err();
            assert_eq!(error.path.to_string(), path, "{text}");
            let shown = format!("{error} {:?}", Diagnostic::from(error.clone()));
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn something_after_the_block_is_an_error() {
        assert!(decode::<Value<bool>>(&msgpack(&[0xc3, 0xc3])).is_err());
        assert!(decode::<Value<bool>>(&json("true true")).is_err());
    }
}
