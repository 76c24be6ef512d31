//! How the body of an answer travels.

use std::convert::Infallible;
use std::future::ready;
use std::iter;

use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// Blanks are what JSON allows anywhere between tokens, so that a reader has no
/// reason to give up before the end.
static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

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
