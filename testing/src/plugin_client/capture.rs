//! Captured output of a process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Time limit for the end of the stream after the exit. Another process may still hold the
/// pipe.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The length limit of a line, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// The captured output of one stream. A task reads it, so that the process never
/// blocks on a full pipe.
#[derive(Debug)]
pub(super) struct Capture {
    output: Buffer,
    /// The number of bytes that were read before the task started.
    prefix: usize,
    /// The number of bytes that the text omits at its start.
    skipped: usize,
    reader: Option<JoinHandle<()>>,
}

#[derive(Clone, Debug)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        // Bytes are only appended, so the buffer is valid after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Capture {
    /// Reads a stream to its end. `prefix` holds the bytes that were read before.
    pub(super) fn new<R>(stream: R, prefix: Vec<u8>) -> Self
    where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let length = prefix.len();
        let output = Buffer(Arc::new(Mutex::new(prefix)));
        Self {
            reader: Some(tokio::spawn(drain(stream, output.clone()))),
            output,
            prefix: length,
            skipped: 0,
        }
    }

    /// Reads a stream up to the first complete line that matches, and captures the
    /// rest in the background. Returns no line if the stream ends or `limit` passes.
    pub(super) async fn find_line<R>(
        stream: R,
        matches: fn(&str) -> bool,
        limit: Duration,
    ) -> (Option<String>, Self)
    where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let mut reader = BufReader::new(stream);
        let mut prefix = Vec::new();
        let line = timeout(limit, find_line(&mut reader, &mut prefix, matches)).await;
        (line.ok().flatten(), Self::new(reader, prefix))
    }

    /// Omits the prefix from the text.
    pub(super) fn skip_prefix(&mut self) {
        self.skipped = self.prefix;
    }

    /// The output so far.
    pub(super) fn text(&self) -> String {
        let bytes = self.output.bytes();
        String::from_utf8_lossy(bytes.get(self.skipped..).unwrap_or_default()).into_owned()
    }

    /// Waits for the end of the stream.
    pub(super) async fn finish(&mut self) {
        if let Some(reader) = &mut self.reader
            && timeout(DRAIN_TIMEOUT, reader).await.is_ok()
        {
            self.reader = None;
        }
    }
}

async fn find_line<R>(
    reader: &mut BufReader<R>,
    prefix: &mut Vec<u8>,
    matches: fn(&str) -> bool,
) -> Option<String>
where
    R: AsyncRead + Unpin,
{
    loop {
        let begin = prefix.len();
        let mut bounded = reader.take(MAX_LINE);
        bounded.read_until(b'\n', prefix).await.ok()?;
        let line = String::from_utf8_lossy(prefix[begin..].strip_suffix(b"\n")?);
        if matches(&line) {
            return Some(line.into_owned());
        }
    }
}

async fn drain<R: AsyncRead + Unpin>(mut stream: R, output: Buffer) {
    let mut chunk = [0; 8192];
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        output.bytes().extend_from_slice(&chunk[..count]);
    }
}
