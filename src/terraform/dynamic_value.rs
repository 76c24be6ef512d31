//! The message that a value travels in.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::sync::Arc;

use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, bytes, encode_key, encode_varint};
use prost::encoding::{encoded_len_varint, key_len, skip_field};
use prost::{DecodeError, Message};
use rmp_serde::Serializer;
use rmp_serde::encode::Error;
use serde::Serialize;

const MSGPACK: u32 = 1;
const JSON: u32 = 2;

/// A value of the configuration or the state: the protocol's `DynamicValue`.
#[derive(Clone, Debug)]
pub enum DynamicValue {
    /// As a client encoded it, in one of the two ways.
    Encoded {
        /// Empty if there is none.
        msgpack: Vec<u8>,
        /// Empty if there is none.
        json: Vec<u8>,
    },
    /// What the provider made of it.
    Lazy(LazyMsgpack),
}

impl DynamicValue {
    /// A value that comes as MessagePack.
    pub fn of_msgpack(msgpack: impl Into<Vec<u8>>) -> Self {
        Self::Encoded {
            msgpack: msgpack.into(),
            json: Vec::new(),
        }
    }

    /// A whole block of which nothing is known yet.
    pub fn unknown() -> Self {
        // As Terraform writes it: extension 0, with one byte that says nothing.
        Self::of_msgpack([0xd4, 0, 0])
    }

    /// A value that comes as JSON.
    pub fn of_json(json: impl Into<Vec<u8>>) -> Self {
        Self::Encoded {
            msgpack: Vec::new(),
            json: json.into(),
        }
    }
}

impl Default for DynamicValue {
    fn default() -> Self {
        Self::of_msgpack([])
    }
}

/// A block that becomes MessagePack when the message around it is written, right
/// where that is sent from. Of a hundred thousand images, the MessagePack has one and
/// a half times the length of the API's answer, and is in memory once and not twice.
#[derive(Clone)]
pub struct LazyMsgpack {
    block: Arc<dyn Block>,
    /// The length of its MessagePack, in bytes.
    length: usize,
}

/// A block whose type does not matter any more.
trait Block: Send + Sync {
    fn write(&self, to: &mut dyn Write) -> Result<(), Error>;
}

impl<T: Serialize + Send + Sync> Block for T {
    fn write(&self, mut to: &mut dyn Write) -> Result<(), Error> {
        self.serialize(&mut Serializer::new(&mut to).with_struct_map())
    }
}

impl LazyMsgpack {
    /// The state of a block.
    ///
    /// # Errors
    ///
    /// When the block refuses to be written, which none of plain values does.
    pub fn new(block: impl Serialize + Send + Sync + 'static) -> Result<Self, Error> {
        let mut length = ByteCounter(0);
        block.write(&mut length)?;
        Ok(Self {
            block: Arc::new(block),
            length: length.0,
        })
    }

    /// Its MessagePack.
    ///
    /// # Errors
    ///
    /// None: the block was written before.
    pub fn to_msgpack(&self) -> Result<Vec<u8>, Error> {
        let mut msgpack = Vec::with_capacity(self.length);
        self.block.write(&mut msgpack)?;
        Ok(msgpack)
    }
}

impl fmt::Debug for LazyMsgpack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LazyMsgpack({} bytes)", self.length)
    }
}

/// Counts what is written.
struct ByteCounter(usize);

impl Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Message for DynamicValue {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        match self {
            Self::Encoded { msgpack, json } => {
                for (field, value) in [(MSGPACK, msgpack), (JSON, json)] {
                    if !value.is_empty() {
                        bytes::encode(field, value, buffer);
                    }
                }
            }
            Self::Lazy(state) => {
                encode_key(MSGPACK, WireType::LengthDelimited, buffer);
                encode_varint(state.length as u64, buffer);
                let written = state.block.write(&mut buffer.writer());
                // It was written before, and room was made for its length.
                written.expect("a block that can be written");
            }
        }
    }

    fn merge_field(
        &mut self,
        field: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        if let Self::Lazy(_) = self {
            *self = Self::default();
        }
        match (field, self) {
            (MSGPACK, Self::Encoded { msgpack: value, .. })
            | (JSON, Self::Encoded { json: value, .. }) => {
                bytes::merge(wire_type, value, buffer, context)
            }
            _ => skip_field(wire_type, field, buffer, context),
        }
    }

    fn encoded_len(&self) -> usize {
        let length = |field, length: usize| match length {
            0 => 0,
            _ => key_len(field) + encoded_len_varint(length as u64) + length,
        };
        match self {
            Self::Encoded { msgpack, json } => {
                length(MSGPACK, msgpack.len()) + length(JSON, json.len())
            }
            Self::Lazy(state) => length(MSGPACK, state.length),
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl PartialEq for DynamicValue {
    fn eq(&self, other: &Self) -> bool {
        self.encode_to_vec() == other.encode_to_vec()
    }
}

impl Eq for DynamicValue {}

impl Hash for DynamicValue {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.encode_to_vec().hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::value::Value;
    use super::*;

    /// The same message as prost would have it.
    #[derive(Clone, PartialEq, Message)]
    struct Plain {
        #[prost(bytes = "vec", tag = "1")]
        msgpack: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        json: Vec<u8>,
    }

    proptest! {
        #[test]
        fn a_value_is_the_message_that_the_protocol_says(
            msgpack in prop::collection::vec(any::<u8>(), 0..300),
            json in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let plain = Plain { msgpack: msgpack.clone(), json: json.clone() };
            let value = DynamicValue::Encoded { msgpack, json };
            let bytes = plain.encode_to_vec();
            prop_assert_eq!(value.encoded_len(), bytes.len());
            prop_assert_eq!(&value.encode_to_vec(), &bytes);
            prop_assert_eq!(DynamicValue::decode(&*bytes).unwrap(), value);
        }

        #[test]
        fn a_state_is_written_as_what_it_becomes(texts in prop::collection::vec(".*", 0..40)) {
            let state = LazyMsgpack::new(texts.clone()).unwrap();
            let msgpack = state.to_msgpack().unwrap();
            prop_assert_eq!(&msgpack, &rmp_serde::to_vec_named(&texts).unwrap());
            let value = DynamicValue::Lazy(state);
            prop_assert_eq!(value.encoded_len(), value.encode_to_vec().len());
            prop_assert_eq!(value, DynamicValue::of_msgpack(msgpack));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let value = DynamicValue::decode(&*bytes);
            let plain = Plain::decode(&*bytes);
            prop_assert_eq!(value.is_ok(), plain.is_ok());
        }
    }

    #[test]
    fn unknown_is_written_as_terraform_writes_it() {
        let written = LazyMsgpack::new(Value::<()>::Unknown).unwrap();
        assert_eq!(DynamicValue::unknown(), DynamicValue::Lazy(written));
    }
}
