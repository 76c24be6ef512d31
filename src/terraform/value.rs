//! Values of arguments and attributes: null, unknown or known.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::raw_value::RawValue;

/// A value of the configuration or the state.
///
/// An unknown value becomes known at apply. It may become null then.
///
/// Deserializes from a `RawValue`, which names the variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Value<T> {
    /// Null: not set.
    #[default]
    Null,
    /// Unknown until apply.
    Unknown,
    /// A known value.
    Known(T),
}

impl<T> Value<T> {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Returns `value` in place of null, and itself otherwise.
    #[must_use]
    pub(crate) fn or(self, value: T) -> Self {
        match self {
            Self::Null => Self::Known(value),
            Self::Unknown | Self::Known(_) => self,
        }
    }
}

/// The newtype name that rmp-serde serializes as a MessagePack extension.
const EXTENSION: &str = rmp_serde::MSGPACK_EXT_STRUCT_NAME;

impl<T: Serialize> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            // Terraform writes unknown as extension 0 with one zero byte.
            Self::Unknown => serializer
                .serialize_newtype_struct(EXTENSION, &(0_i8, serde_bytes::Bytes::new(&[0]))),
            Self::Known(value) => value.serialize(serializer),
        }
    }
}

/// A number. Terraform sends integers, floating-point numbers and, for other precision,
/// decimal text.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Number(f64);

impl Number {
    /// Returns the number if it is whole and from 0 to 2^53, in which `f64` is exact.
    #[must_use]
    pub(crate) fn as_integer(self) -> Option<u64> {
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
        match self.as_integer() {
            Some(integer) => serializer.serialize_u64(integer),
            // As text, 3.99 stays 3.99. As a float, it would be the closest binary
            // fraction, which differs from 3.99 in Terraform.
            None => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match RawValue::deserialize(deserializer)? {
            RawValue::Number(number) => Some(number),
            RawValue::Text(text) => text.parse().ok(),
            _ => None,
        }
        .map(Self)
        .ok_or_else(|| D::Error::custom("the value is not a number"))
    }
}
