//! The plugin protocol's message `DynamicValue`.

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

/// A value of the configuration or the state.
#[derive(Clone, Debug)]
pub enum DynamicValue {
    /// A value that the client encoded as MessagePack or JSON.
    Encoded {
        /// The MessagePack, or empty.
        msgpack: Vec<u8>,
        /// The JSON, or empty.
        json: Vec<u8>,
    },
    /// A value of the provider, which is encoded when it is sent.
    Lazy(LazyMsgpack),
}

impl DynamicValue {
    /// A value in MessagePack.
    pub fn from_msgpack(msgpack: impl Into<Vec<u8>>) -> Self {
        Self::Encoded {
            msgpack: msgpack.into(),
            json: Vec::new(),
        }
    }

    /// A block that is unknown as a whole.
    pub fn unknown() -> Self {
        // Terraform's encoding: extension 0 with one zero byte.
        Self::from_msgpack([0xd4, 0, 0])
    }

    /// A value in JSON.
    pub fn from_json(json: impl Into<Vec<u8>>) -> Self {
        Self::Encoded {
            msgpack: Vec::new(),
            json: json.into(),
        }
    }
}

impl Default for DynamicValue {
    fn default() -> Self {
        Self::from_msgpack([])
    }
}

/// A block that is encoded as MessagePack directly into the buffer of the gRPC message.
///
/// This keeps one copy of the MessagePack in memory instead of two. For a hundred thousand
/// images, it is 1.5 times as long as the API's response.
#[derive(Clone)]
pub struct LazyMsgpack {
    block: Arc<dyn Block>,
    /// The length of the MessagePack, in bytes.
    length: usize,
}

/// A type-erased block.
trait Block: Send + Sync {
    fn write(&self, to: &mut dyn Write) -> Result<(), Error>;
}

impl<T: Serialize + Send + Sync> Block for T {
    fn write(&self, mut to: &mut dyn Write) -> Result<(), Error> {
        self.serialize(&mut Serializer::new(&mut to).with_struct_map())
    }
}

impl LazyMsgpack {
    /// Measures the MessagePack of `block`.
    ///
    /// # Errors
    ///
    /// If the block cannot be serialized. Plain values always can.
    pub fn new(block: impl Serialize + Send + Sync + 'static) -> Result<Self, Error> {
        let mut length = ByteCounter(0);
        block.write(&mut length)?;
        Ok(Self {
            block: Arc::new(block),
            length: length.0,
        })
    }

    /// Encodes the block.
    ///
    /// # Errors
    ///
    /// Never in practice: [`Self::new`] has serialized the block before.
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

/// Counts the bytes that are written.
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
            Self::Lazy(lazy) => {
                encode_key(MSGPACK, WireType::LengthDelimited, buffer);
                encode_varint(lazy.length as u64, buffer);
                let written = lazy.block.write(&mut buffer.writer());
                // `LazyMsgpack::new` has serialized the block, and the codec reserves its length.
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
            Self::Lazy(lazy) => length(MSGPACK, lazy.length),
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

    /// The same message with prost's derived implementation.
    #[derive(Clone, PartialEq, Message)]
    struct Derived {
        #[prost(bytes = "vec", tag = "1")]
        msgpack: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        json: Vec<u8>,
    }

    proptest! {
        #[test]
        fn dynamic_value_is_encoded_and_decoded_as_by_prost(
            msgpack in prop::collection::vec(any::<u8>(), 0..300),
            json in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let derived = Derived { msgpack: msgpack.clone(), json: json.clone() };
            let value = DynamicValue::Encoded { msgpack, json };
            let bytes = derived.encode_to_vec();
            prop_assert_eq!(value.encoded_len(), bytes.len());
            prop_assert_eq!(&value.encode_to_vec(), &bytes);
            prop_assert_eq!(DynamicValue::decode(&*bytes).unwrap(), value);
        }

        #[test]
        fn lazy_msgpack_is_encoded_as_its_msgpack(texts in prop::collection::vec(".*", 0..40)) {
            let lazy = LazyMsgpack::new(texts.clone()).unwrap();
            let msgpack = lazy.to_msgpack().unwrap();
            prop_assert_eq!(&msgpack, &rmp_serde::to_vec_named(&texts).unwrap());
            let value = DynamicValue::Lazy(lazy);
            prop_assert_eq!(value.encoded_len(), value.encode_to_vec().len());
            prop_assert_eq!(value, DynamicValue::from_msgpack(msgpack));
        }

        #[test]
        fn decoding_arbitrary_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let value = DynamicValue::decode(&*bytes);
            let derived = Derived::decode(&*bytes);
            prop_assert_eq!(value.is_ok(), derived.is_ok());
        }
    }

    #[test]
    fn unknown_block_has_the_encoding_of_an_unknown_value() {
        let written = LazyMsgpack::new(Value::<()>::Unknown).unwrap();
        assert_eq!(DynamicValue::unknown(), DynamicValue::Lazy(written));
    }
}
