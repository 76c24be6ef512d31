//! The body of a response while it is received.

use std::ops::Deref;

#[cfg(unix)]
use memmap2::MmapMut;

/// The received bytes of a response.
#[derive(Debug)]
pub enum Body {
    /// Bytes on the heap.
    Short(Vec<u8>),
    /// Bytes in an anonymous mapping, which drop returns to the operating system. An
    /// allocator can keep freed memory: with the state of 100,000 images on top of it, the
    /// peak would be a quarter higher.
    #[cfg(unix)]
    Long {
        /// Anonymous mapping of the maximum size.
        memory: MmapMut,
        /// Number of bytes received.
        length: usize,
    },
}

impl Body {
    /// Moves the bytes to a mapping of `most` bytes, which uses memory only as it is filled.
    /// If there is no mapping, the bytes stay on the heap.
    #[cfg(unix)]
    pub fn make_long(&mut self, most: usize) {
        if let Ok(mut memory) = MmapMut::map_anon(most) {
            let length = self.len();
            memory[..length].copy_from_slice(self);
            *self = Self::Long { memory, length };
        }
    }

    /// Does nothing: Windows would charge for the whole mapping at once.
    #[cfg(not(unix))]
    pub fn make_long(&mut self, _: usize) {}

    /// Appends a chunk. The mapping of a long body must have room for it.
    pub fn extend(&mut self, chunk: &[u8]) {
        match self {
            Self::Short(bytes) => bytes.extend_from_slice(chunk),
            #[cfg(unix)]
            Self::Long { memory, length } => {
                memory[*length..*length + chunk.len()].copy_from_slice(chunk);
                *length += chunk.len();
            }
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            #[cfg(unix)]
            Self::Long { memory, length } => &memory[..*length],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_when_it_becomes_long_and_after_that() {
        for at in 0..=3 {
            let mut body = Body::default();
            for (number, chunk) in [b"one".as_slice(), b"", b"two"].into_iter().enumerate() {
                if number == at {
                    body.make_long(6);
                }
                body.extend(chunk);
            }
            assert_eq!(&*body, b"onetwo", "{at}");
            assert_eq!(matches!(body, Body::Short(_)), at == 3 || !cfg!(unix));
        }
    }

    #[cfg(unix)]
    #[test]
    fn it_stays_short_where_there_is_no_room() {
        let mut body = Body::default();
        body.extend(b"one");
        body.make_long(usize::MAX / 2);
        body.extend(b"two");
        assert!(matches!(&body, Body::Short(bytes) if bytes == b"onetwo"));
    }
}
