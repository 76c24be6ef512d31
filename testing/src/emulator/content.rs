//! The body of an answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// Blanks are what JSON allows anywhere between tokens, so that a reader has no
/// reason to give up before the end.
static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// Some text and then blanks, which are made only when they are sent: a body of
/// gigabytes takes no memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    /// Sent first.
    pub(super) text: Bytes,
    /// Blanks to send after it.
    pub(super) blanks: u64,
    /// Whether to say the length ahead (`Content-Length`) or not (chunks).
    pub(super) length_announced: bool,
    /// Whether the server has had time to send what came before the end.
    flushed: bool,
}

impl Content {
    pub(super) fn text(text: impl Into<Bytes>) -> Self {
        Self {
            text: text.into(),
            blanks: 0,
            length_announced: true,
            flushed: false,
        }
    }

    pub(super) fn blanks(length: u64, length_announced: bool) -> Self {
        Self {
            text: Bytes::new(),
            blanks: length,
            length_announced,
            flushed: false,
        }
    }

    fn remaining(&self) -> u64 {
        self.text.len() as u64 + self.blanks
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            return Poll::Ready(Some(Ok(Frame::data(text))));
        }
        if self.blanks == 0 && !self.length_announced && !self.flushed {
            // An end that comes before its time, given in a header, makes the
            // server drop what it has buffered. Waiting makes it send that.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.blanks == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.blanks).map_or(BLANKS.len(), |n| n.min(BLANKS.len()));
        self.blanks -= length as u64;
        let blanks = Bytes::from_static(&BLANKS[..length]);
        Poll::Ready(Some(Ok(Frame::data(blanks))))
    }

    fn is_end_stream(&self) -> bool {
        self.length_announced && self.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.length_announced {
            SizeHint::with_exact(self.remaining())
        } else {
            SizeHint::default()
        }
    }
}
