//! A queue of lines for stderr: a reader that is slow or has exited must not block the
//! provider.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

/// Maximum length of all queued lines, in bytes.
const MAX_QUEUED_BYTES: usize = 4 * 1024 * 1024;

/// Writes lines in order on another thread. If the queue is full, drops lines and counts
/// them.
#[derive(Debug)]
pub(super) struct LineQueue {
    sender: Sender<Entry>,
    /// Length of the queued lines and of the one that is being written, in bytes.
    bytes: Arc<AtomicUsize>,
    /// Number of lines dropped since the last queued one.
    dropped: AtomicUsize,
}

#[derive(Debug)]
enum Entry {
    Line(String),
    /// Reports that all lines before it are written.
    Flush(Sender<()>),
}

impl LineQueue {
    /// Starts the thread that writes to stderr.
    ///
    /// # Errors
    ///
    /// If the operating system starts no thread.
    pub(super) fn to_stderr() -> io::Result<Self> {
        // A copy, because the lock of `io::stderr()` would block other writers.
        #[cfg(unix)]
        let stderr = {
            use std::os::fd::AsFd;
            std::fs::File::from(io::stderr().as_fd().try_clone_to_owned()?)
        };
        #[cfg(not(unix))]
        let stderr = io::stderr();
        Self::to(stderr)
    }

    fn to(mut output: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, entries) = mpsc::channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let bytes = Arc::clone(&queued);
        let write = move || {
            for entry in entries {
                // There is nowhere to report that logging failed.
                match entry {
                    Entry::Line(line) => {
                        let _ = output.write_all(line.as_bytes());
                        queued.fetch_sub(line.len(), Relaxed);
                    }
                    Entry::Flush(done) => {
                        let _ = done.send(());
                    }
                }
            }
        };
        thread::Builder::new()
            .name("stderr".to_owned())
            .spawn(write)?;
        Ok(Self {
            sender,
            bytes,
            dropped: AtomicUsize::new(0),
        })
    }

    /// Queues a line, or drops it if the queue is full. Returns the number of lines dropped
    /// before a queued one.
    pub(super) fn enqueue(&self, line: String) -> usize {
        let length = line.len();
        if self.bytes.fetch_add(length, Relaxed) + length > MAX_QUEUED_BYTES {
            self.bytes.fetch_sub(length, Relaxed);
            self.dropped.fetch_add(1, Relaxed);
            return 0;
        }
        // The writing thread waits for lines until this process ends.
        let _ = self.sender.send(Entry::Line(line));
        self.dropped.swap(0, Relaxed)
    }

    /// Waits until all lines are written, at most for `limit`.
    pub(super) fn finish(&self, limit: Duration) {
        let (done, finished) = mpsc::channel();
        let _ = self.sender.send(Entry::Flush(done));
        let _ = finished.recv_timeout(limit);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, pipe};

    use super::*;

    #[test]
    fn queued_lines_are_written_in_order_before_the_end() {
        let (mut reader, writer) = pipe().unwrap();
        let lines = LineQueue::to(writer).unwrap();
        let numbered: Vec<String> = (0..100).map(|number| format!("{number}\n")).collect();
        for line in &numbered {
            assert_eq!(lines.enqueue(line.clone()), 0);
        }
        lines.finish(Duration::from_mins(1));
        let expected = numbered.concat();
        let mut read = vec![0; expected.len()];
        reader.read_exact(&mut read).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), expected);
    }

    #[test]
    fn lines_are_dropped_and_counted_if_the_queue_is_full() {
        let (mut reader, writer) = pipe().unwrap();
        let lines = LineQueue::to(writer).unwrap();
        // More than a pipe holds, so that even the first one stays queued.
        let line = "x".repeat(128 * 1024 - 1) + "\n";
        for _ in 0..100 {
            assert_eq!(lines.enqueue(line.clone()), 0);
        }
        lines.finish(Duration::ZERO);
        assert!(lines.bytes.load(Relaxed) <= MAX_QUEUED_BYTES);
        let queued = MAX_QUEUED_BYTES / line.len();
        reader
            .read_exact(&mut vec![0; queued * line.len()])
            .unwrap();
        lines.finish(Duration::from_mins(1));
        assert_eq!(lines.enqueue(line), 100 - queued);
    }
}
