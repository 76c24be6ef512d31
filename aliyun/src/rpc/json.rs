//! JSON from outside, which may hold secrets.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;
use serde_path_to_error::Track;

use crate::rpc::strict::{LONG_TEXT, StrictObject};

/// JSON that is not what it should be.
///
/// It tells where and never what: the value itself comes from outside and may
/// be a secret, or repeat one that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no JSON from here on, counted from 1.
    NotJson {
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error in bytes, from 1.
        column: usize,
        /// It ends there, and could go on to be some.
        is_cut_short: bool,
    },
    /// It is JSON of another form, which the sentence tells. It speaks of the
    /// whole as "it".
    Unexpected(String),
}

/// Reads text that is one JSON object and nothing else.
///
/// # Errors
///
/// Returns [`Unreadable`] if the text is not JSON, or not of the form of a `T`.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    let read = serde_json::from_slice::<StrictObject<T>>(text);
    read.map(|StrictObject(value)| value).map_err(|error| {
        if text.len() <= LONGEST_EXPLAINED {
            return explained::<T>(text);
        }
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            let place = format!("at line {line}, column {column}");
            return Unreadable::Unexpected(format!("it is not of the documented form {place}"));
        }
        Unreadable::NotJson {
            line,
            column,
            is_cut_short: error.is_eof(),
        }
    })
}

/// The longest text that is read once more to tell what is wrong, in bytes: all of its
/// values are in memory then, and small ones take thirty times their text.
const LONGEST_EXPLAINED: usize = 1024 * 1024;

/// Reads text that is no `T` once more, with errors that tell what is wrong by
/// their type: those of `serde_json` do so in a sentence, and quote the value.
fn explained<T: DeserializeOwned>(text: &[u8]) -> Unreadable {
    let whole: Value = match serde_json::from_slice(text) {
        Ok(whole) => whole,
        Err(error) => {
            return Unreadable::NotJson {
                line: error.line(),
                column: error.column(),
                is_cut_short: error.is_eof(),
            };
        }
    };
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(Node(&whole), &mut track);
    let problem = match StrictObject::<T>::deserialize(tracked) {
        // A name that is there twice is there once in a `Value`.
        Ok(_) => Problem::Other,
        Err(problem) => problem,
    };
    let path = track.path().to_string();
    let place = if path == "." { "it" } else { &path };
    Unreadable::Unexpected(format!("{place} {problem}"))
}

/// What is wrong with a value, as the end of a sentence.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("has no \"{0}\"")]
    Missing(&'static str),
    #[error("is {0}")]
    Kind(&'static str),
    #[error("has {0} entries or more, which is more than are read")]
    Length(usize),
    #[error("is not of the documented form")]
    Other,
}

impl serde::de::Error for Problem {
    fn custom<M: std::fmt::Display>(_: M) -> Self {
        Self::Other
    }

    fn invalid_type(found: Unexpected<'_>, _: &dyn Expected) -> Self {
        match found {
            Unexpected::Unit | Unexpected::Option => Self::Kind("null"),
            Unexpected::Bool(_) => Self::Kind("a boolean"),
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => {
                Self::Kind("a number")
            }
            Unexpected::Str(_) => Self::Kind("a string"),
            Unexpected::Seq => Self::Kind("a list"),
            Unexpected::Map => Self::Kind("an object"),
            _ => Self::Other,
        }
    }

    fn invalid_value(found: Unexpected<'_>, _: &dyn Expected) -> Self {
        match found {
            Unexpected::Str("") => Self::Kind("empty"),
            Unexpected::Other(LONG_TEXT) => Self::Kind(LONG_TEXT),
            _ => Self::Other,
        }
    }

    fn invalid_length(found: usize, _: &dyn Expected) -> Self {
        Self::Length(found)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

/// A value that is read with [`Problem`] for errors.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(whole), _) => visitor.visit_u64(whole),
                (None, Some(whole)) => visitor.visit_i64(whole),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Node))),
            Value::Object(entries) => {
                let entries = entries.iter().map(|(name, value)| (&**name, Node(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Problem> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::strict::{StrictList, required_string, string_or_default};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only its form matters")]
    struct Response {
        images: StrictList<Image>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only its form matters")]
    struct Image {
        #[serde(deserialize_with = "required_string")]
        image_id: String,
        #[serde(default, deserialize_with = "string_or_default")]
        image_name: String,
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        for (body, expected) in [
            ("{}", "it has no \"Images\""),
            (r#"{"Images": null}"#, "Images is null"),
            (r#"{"Images": {}}"#, "Images is an object"),
            (r#"{"Images": "goldfish"}"#, "Images is a string"),
            (r#"{"Images": true}"#, "Images is a boolean"),
            (r#"{"Images": -7.5}"#, "Images is a number"),
            (
                r#"{"Images": [{"ImageId": ""}]}"#,
                "Images[0].ImageId is empty",
            ),
            (
                r#"{"Images": [{"ImageId": "a"}, {}]}"#,
                "Images[1] has no \"ImageId\"",
            ),
            (
                r#"{"Images": [{"ImageId": "goldfish", "ImageName": ["goldfish"]}]}"#,
                "Images[0].ImageName is a list",
            ),
            (r#"["goldfish"]"#, "it is a list"),
            ("[[]]", "it is a list"),
            (
                r#"{"Images": [], "Images": []}"#,
                "it is not of the documented form",
            ),
        ] {
            let reason = match read::<Response>(body.as_bytes()) {
                Err(Unreadable::Unexpected(reason)) => reason,
                other => panic!("{body}: {other:?}"),
            };
            assert_eq!(reason, expected, "{body}");
        }
    }

    #[test]
    fn what_ends_too_early_is_told_from_what_is_something_else() {
        for (body, expected) in [
            ("<html>", false),
            (r#"{"Images": []} goldfish"#, false),
            (r#"{"Images": }"#, false),
            ("{", true),
            (r#"{"Images": ["#, true),
            (r#"{"Images": [{"ImageId": "gold"#, true),
        ] {
            match read::<Response>(body.as_bytes()) {
                Err(Unreadable::NotJson { is_cut_short, .. }) => {
                    assert_eq!(is_cut_short, expected, "{body}");
                }
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}
