//! How the body of an answer travels.

use std::convert::Infallible;
use std::future::ready;
use std::iter;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// Blanks are what JSON allows anywhere between tokens, so that a reader has no
/// reason to give up before the end.
static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// What is in a body.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(Bytes),
    /// That many, made while they are sent.
    Blanks(u64),
}

/// The whole text at once.
pub(super) fn whole(text: Bytes) -> UnsyncBoxBody<Bytes, Infallible> {
    Full::new(text).boxed_unsync()
}

/// The text, and then the end, whatever length was announced.
pub(super) fn cut(text: Bytes) -> UnsyncBoxBody<Bytes, Infallible> {
    // An end that comes before its time makes the server drop what it has
    // buffered. Waiting makes it send that.
    let flush = stream::once(tokio::task::yield_now()).filter_map(|()| ready(None));
    streamed(stream::iter([text]).chain(flush))
}

/// The text, and then nothing until the peer leaves or the server ends.
pub(super) fn stalled(text: Bytes) -> UnsyncBoxBody<Bytes, Infallible> {
    streamed(stream::iter([text]).chain(stream::pending()))
}

/// The text byte by byte, with `every` between two of them.
pub(super) fn trickled(text: Bytes, every: Duration) -> UnsyncBoxBody<Bytes, Infallible> {
    streamed(stream::unfold(text, move |mut text| async move {
        if text.is_empty() {
            return None;
        }
        let byte = text.split_to(1);
        tokio::time::sleep(every).await;
        Some((byte, text))
    }))
}

/// That many blanks, which are made only when they are sent: a body of gigabytes
/// takes no memory.
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
