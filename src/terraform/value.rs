//! What an argument holds: nothing, something not known yet, or a value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value of the configuration or the state.
///
/// Unknown means that the value will be there at apply: while planning, nothing
/// may be concluded from it, not even that it is not null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Value<T> {
    /// Not set.
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    /// Set to this.
    Known(T),
}

impl<T> Value<T> {
    /// Whether it is not set.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What it is set to, if it is set and known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The same, and set to `value` if it was not.
    #[must_use]
    pub(crate) fn or(self, value: T) -> Self {
        match self {
            Self::Null => Self::Known(value),
            Self::Unknown | Self::Known(_) => self,
        }
    }
}

/// The name by which rmp-serde knows a MessagePack extension.
const EXTENSION: &str = rmp_serde::MSGPACK_EXT_STRUCT_NAME;

impl<T: Serialize> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            // Extension 0 with any content means unknown; Terraform writes one
            // zero byte.
            Self::Unknown => serializer
                .serialize_newtype_struct(EXTENSION, &(0_i8, serde_bytes::Bytes::new(&[0]))),
            Self::Known(value) => value.serialize(serializer),
        }
    }
}

/// From the tree that a block becomes, and nothing else.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Value<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As an option, it would be null where a struct has a field that the block has not.
        deserializer.deserialize_newtype_struct("Value", ValueVisitor(PhantomData))
    }
}

/// Tells null, unknown and known apart as a [`RawValue`](super::raw_value::RawValue) does, and leaves
/// what is known to `T`.
struct ValueVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ValueVisitor<T> {
    type Value = Value<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Unknown)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, known: D) -> Result<Self::Value, D::Error> {
        T::deserialize(known).map(Value::Known)
    }
}

/// A number of the configuration: Terraform sends integers, fractions and, for
/// what fits neither, decimal text.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Number(f64);

impl Number {
    /// The number, if it is whole and from 0 to 2^53.
    #[must_use]
    pub(crate) fn as_whole(self) -> Option<u64> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the guard leaves only numbers that convert exactly"
        )]
        (self.0.fract() == 0.0 && (0.0..=EXACT).contains(&self.0)).then_some(self.0 as u64)
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(number)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_whole() {
            Some(whole) => serializer.serialize_u64(whole),
            // As text it is the number that people wrote: Terraform tells 3.99
            // from the binary fraction that comes closest to it.
            None => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor).map(Self)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    fn visit_str<E: Error>(self, number: &str) -> Result<f64, E> {
        number
            .parse()
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(number), &self))
    }
}
