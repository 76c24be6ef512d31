//! Response bodies, including malformed and endless ones.

use std::convert::Infallible;
use std::future::ready;
use std::iter;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// JSON allows blanks between tokens: a parser has no reason to stop before the
/// end.
static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// The content of a body.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(Bytes),
    /// A number of blanks, generated while they are sent.
    Blanks(u64),
}

/// Sends the whole text at once.
pub(super) fn whole(text: Bytes) -> UnsyncBoxBody<Bytes, Infallible> {
    Full::new(text).boxed_unsync()
}

/// Sends the text and closes the connection, regardless of `Content-Length`.
pub(super) fn truncated(text: Bytes) -> UnsyncBoxBody<Bytes, Infallible> {
    // Hyper drops its buffer when a body ends before its `Content-Length`.
    // Yielding once makes hyper flush the buffer first.
    let flush = stream::once(tokio::task::yield_now()).filter_map(|()| ready(None));
    streamed(stream::iter([text]).chain(flush))
}

/// Sends the text, then nothing until the client disconnects or the server stops.
pub(super) fn stalled(text: Bytes) -> UnsyncBoxBody<Bytes, Infallible> {
    streamed(stream::iter([text]).chain(stream::pending()))
}

/// Sends one byte of the text per `interval`.
pub(super) fn trickled(text: Bytes, interval: Duration) -> UnsyncBoxBody<Bytes, Infallible> {
    streamed(stream::unfold(text, move |mut text| async move {
        if text.is_empty() {
            return None;
        }
        let byte = text.split_to(1);
        tokio::time::sleep(interval).await;
        Some((byte, text))
    }))
}

/// Sends `length` blanks, generated in chunks: a body of gigabytes takes no
/// memory.
pub(super) fn blanks(mut length: u64) -> UnsyncBoxBody<Bytes, Infallible> {
    streamed(stream::iter(iter::from_fn(move || {
        let chunk = usize::try_from(length).map_or(BLANKS.len(), |n| n.min(BLANKS.len()));
        length -= chunk as u64;
        (chunk > 0).then(|| Bytes::from_static(&BLANKS[..chunk]))
    })))
}

fn streamed(
    chunks: impl Stream<Item = Bytes> + Send + 'static,
) -> UnsyncBoxBody<Bytes, Infallible> {
    StreamBody::new(chunks.map(|chunk| Ok(Frame::data(chunk)))).boxed_unsync()
}
