//! A queue of lines for stderr: a reader that is slow or has exited must not block the
//! provider.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Maximum length of all queued lines, in bytes.
const MAX_QUEUED_BYTES: usize = 4 * 1024 * 1024;

/// Writes lines in order on another thread. If the queue is full, drops lines and counts
/// them. Clones share the queue.
#[derive(Clone, Debug, Default)]
pub(super) struct LineQueue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<String>,
    /// Length of the queued lines and of the one that is being written, in bytes.
    bytes: usize,
    /// Number of lines dropped since the last queued one.
    dropped: usize,
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
        let lines = Self::default();
        let shared = Arc::clone(&lines.0);
        thread::Builder::new()
            .name("stderr".to_owned())
            .spawn(move || {
                loop {
                    let next = shared.next_line();
                    // There is nowhere to report that logging failed.
                    let _ = output.write_all(next.as_bytes());
                    shared.record_written(next.len());
                }
            })?;
        Ok(lines)
    }

    /// Queues a line, or drops it if the queue is full. Returns the number of lines dropped
    /// before a queued one.
    pub(super) fn enqueue(&self, line: String) -> usize {
        let mut state = self.0.lock();
        if state.bytes + line.len() > MAX_QUEUED_BYTES {
            state.dropped += 1;
            return 0;
        }
        state.bytes += line.len();
        state.queue.push_back(line);
        self.0.changed.notify_all();
        mem::take(&mut state.dropped)
    }

    /// Waits until all lines are written, at most for `limit`.
    pub(super) fn finish(&self, limit: Duration) {
        let changed = &self.0.changed;
        drop(changed.wait_timeout_while(self.0.lock(), limit, |state| state.bytes > 0));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_line(&self) -> String {
        let mut state = self.lock();
        loop {
            if let Some(line) = state.queue.pop_front() {
                return line;
            }
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn record_written(&self, bytes: usize) {
        self.lock().bytes -= bytes;
        self.changed.notify_all();
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
        assert!(lines.0.lock().bytes <= MAX_QUEUED_BYTES);
        let queued = MAX_QUEUED_BYTES / line.len();
        reader
            .read_exact(&mut vec![0; queued * line.len()])
            .unwrap();
        lines.finish(Duration::from_mins(1));
        assert_eq!(lines.enqueue(line), 100 - queued);
    }
}
