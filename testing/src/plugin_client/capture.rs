//! What a process writes to one of its streams.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long an ended process's output may take to arrive. It arrives at once
/// unless another process still holds the pipe.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The longest line that is waited for, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// Everything that a process writes to one stream, read by a task so that the
/// process never waits for a reader.
#[derive(Debug)]
pub(super) struct Capture {
    written: Written,
    /// How much was read before the task took over.
    opening: usize,
    /// How much the text leaves out at its beginning.
    skipped: usize,
    reader: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        // Bytes that were appended stay good whatever panicked afterward.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Capture {
    /// Reads a stream to its end, behind an opening that was read before.
    pub(super) fn of<R>(stream: R, opening: Vec<u8>) -> Self
    where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let length = opening.len();
        let written = Written(Arc::new(Mutex::new(opening)));
        Self {
            reader: Some(tokio::spawn(drain(stream, written.clone()))),
            written,
            opening: length,
            skipped: 0,
        }
    }

    /// Reads a stream up to the first complete line that is `wanted`, and the
    /// rest of it afterward. There is no line when the stream ends or `limit`
    /// passes without one.
    pub(super) async fn listen<R>(
        stream: R,
        wanted: fn(&str) -> bool,
        limit: Duration,
    ) -> (Option<String>, Self)
    where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let mut reader = BufReader::new(stream);
        let mut opening = Vec::new();
        let line = timeout(limit, find_line(&mut reader, &mut opening, wanted)).await;
        (line.ok().flatten(), Self::of(reader, opening))
    }

    /// Leaves the opening out of the text.
    pub(super) fn skip_opening(&mut self) {
        self.skipped = self.opening;
    }

    /// What was written so far.
    pub(super) fn text(&self) -> String {
        let bytes = self.written.bytes();
        String::from_utf8_lossy(bytes.get(self.skipped..).unwrap_or_default()).into_owned()
    }

    /// Waits until the stream has ended.
    pub(super) async fn finish(&mut self) {
        if let Some(reader) = &mut self.reader
            && timeout(LAST_WORDS, reader).await.is_ok()
        {
            self.reader = None;
        }
    }
}

async fn find_line<R>(
    reader: &mut BufReader<R>,
    seen: &mut Vec<u8>,
    wanted: fn(&str) -> bool,
) -> Option<String>
where
    R: AsyncRead + Unpin,
{
    loop {
        let begin = seen.len();
        let mut bounded = reader.take(LONGEST_LINE);
        bounded.read_until(b'\n', seen).await.ok()?;
        let line = String::from_utf8_lossy(seen[begin..].strip_suffix(b"\n")?);
        if wanted(&line) {
            return Some(line.into_owned());
        }
    }
}

async fn drain<R: AsyncRead + Unpin>(mut stream: R, written: Written) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        written.bytes().extend_from_slice(&buffer[..count]);
    }
}
